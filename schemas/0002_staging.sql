-- Where rows of uploads wait until their upload is complete. Nobody reads them but
-- the run that wrote them; a part is dropped with its upload, and what a run that
-- died left behind goes by itself after a while.

CREATE TABLE staged_users{{.OnCluster}} (
  run LowCardinality(String), part String, seq UInt64, pos UInt64, shard UInt64, user_id UInt64,
  fields UInt8, phone UInt64, openid String,
  tags_text String EPHEMERAL, tags Array(UInt32) DEFAULT if(tags_text = '', [], arrayMap(t -> toUInt32(t), splitByChar(' ', if(tags_text = '', '0', tags_text)))),
  attributes_text String EPHEMERAL, attributes Map(String, String) DEFAULT JSONExtract(attributes_text, 'Map(String, String)'),
  at DateTime DEFAULT now()
) ENGINE = {{.Engine "MergeTree"}} PARTITION BY (run, part) ORDER BY (shard, user_id, pos) TTL at + INTERVAL 2 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;

CREATE TABLE staged_tags{{.OnCluster}} (
  run LowCardinality(String), part String, seq UInt64, pos UInt64, shard UInt64, user_id UInt64,
  tag_id UInt32, remove UInt8, at DateTime DEFAULT now()
) ENGINE = {{.Engine "MergeTree"}} PARTITION BY (run, part) ORDER BY (shard, user_id, tag_id, pos) TTL at + INTERVAL 2 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;

-- bucket is the top 16 bits of a hash of the order id: slices of equal size, whatever the ids look like.
CREATE TABLE staged_orders{{.OnCluster}} (
  run LowCardinality(String), part String, seq UInt64, pos UInt64, bucket UInt16 DEFAULT bitShiftRight(cityHash64(order_id), 48),
  order_id String, user_id UInt64, product_id UInt64, product_group_id UInt64, amount String,
  paid_at DateTime64(3, 'UTC'), status LowCardinality(String), at DateTime DEFAULT now()
) ENGINE = {{.Engine "MergeTree"}} PARTITION BY (run, part) ORDER BY (bucket, order_id, pos) TTL at + INTERVAL 2 DAY
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;
