-- What is staged is a cache of the log that belongs to one run: it need not outlive a
-- power cut. It is read a few times, a slice of shards or buckets at a time, from all
-- its parts: short granules, and few merges. Rows that go with the old tables are read
-- from the log again.

CREATE OR REPLACE TABLE staged_users{{.OnCluster}} (
  run LowCardinality(String), part String, seq UInt64, pos UInt64, shard UInt64, user_id UInt64,
  fields UInt8, phone UInt64, openid String,
  tags_text String EPHEMERAL, tags Array(UInt32) DEFAULT if(tags_text = '', [], arrayMap(t -> toUInt32(t), splitByChar(' ', if(tags_text = '', '0', tags_text)))),
  attributes_text String EPHEMERAL, attributes Map(String, String) DEFAULT JSONExtract(attributes_text, 'Map(String, String)'),
  at DateTime DEFAULT now()
) ENGINE = {{.Engine "MergeTree"}} PARTITION BY (run, part) ORDER BY (shard, user_id, pos) TTL at + INTERVAL 2 DAY
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1, fsync_after_insert = 0, fsync_part_directory = 0, min_parts_to_merge_at_once = 12;

CREATE OR REPLACE TABLE staged_tags{{.OnCluster}} (
  run LowCardinality(String), part String, seq UInt64, pos UInt64, shard UInt64, user_id UInt64,
  tag_id UInt32, remove UInt8, at DateTime DEFAULT now()
) ENGINE = {{.Engine "MergeTree"}} PARTITION BY (run, part) ORDER BY (shard, user_id, tag_id, pos) TTL at + INTERVAL 2 DAY
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1, fsync_after_insert = 0, fsync_part_directory = 0, min_parts_to_merge_at_once = 12;

CREATE OR REPLACE TABLE staged_orders{{.OnCluster}} (
  run LowCardinality(String), part String, seq UInt64, pos UInt64, bucket UInt16 DEFAULT bitShiftRight(cityHash64(order_id), 48),
  order_id String, user_id UInt64, product_id UInt64, product_group_id UInt64, amount String,
  paid_at DateTime64(3, 'UTC'), status LowCardinality(String), at DateTime DEFAULT now()
) ENGINE = {{.Engine "MergeTree"}} PARTITION BY (run, part) ORDER BY (bucket, order_id, pos) TTL at + INTERVAL 2 DAY
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1, fsync_after_insert = 0, fsync_part_directory = 0, min_parts_to_merge_at_once = 12;
