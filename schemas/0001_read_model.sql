-- The read model. Every table can be thrown away and rebuilt from the log.
-- Rows carry seq, the sequence of the event they stand for: the highest wins.

CREATE TABLE positions{{.OnCluster}} (
  `projection` String, seq UInt64, at DateTime64(3, 'UTC')
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY projection;

CREATE TABLE faults{{.OnCluster}} (
  `projection` String, rev UInt64, seq UInt64, error String, cleared UInt8, at DateTime64(3, 'UTC')
) ENGINE = {{.Engine "ReplacingMergeTree" "rev"}} ORDER BY projection;

-- One roaring bitmap per set and shard; kinds: group, tag, known (id 0: every user id ever named).
CREATE TABLE sets{{.OnCluster}} (
  biz LowCardinality(String), kind LowCardinality(String), set_id UInt64, shard UInt64, seq UInt64,
  bytes String EPHEMERAL,
  members AggregateFunction(groupBitmap, UInt64) DEFAULT CAST(if(empty(bytes), unhex('0000'), bytes) AS AggregateFunction(groupBitmap, UInt64))
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, kind, set_id, shard)
SETTINGS index_granularity = 64;

-- The same rows in the order a user's lookups read them.
CREATE TABLE sets_by_shard{{.OnCluster}} (
  biz LowCardinality(String), kind LowCardinality(String), set_id UInt64, shard UInt64, seq UInt64,
  bytes String EPHEMERAL,
  members AggregateFunction(groupBitmap, UInt64) DEFAULT CAST(if(empty(bytes), unhex('0000'), bytes) AS AggregateFunction(groupBitmap, UInt64))
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, shard, kind, set_id)
SETTINGS index_granularity = 64;

CREATE TABLE users{{.OnCluster}} (
  biz LowCardinality(String), shard UInt64, user_id UInt64, seq UInt64,
  phone UInt64, openid String, attributes Map(String, String), tags Array(UInt32)
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, shard, user_id)
SETTINGS index_granularity = 1024;

-- Finds users by phone or openid; live = 0 where a user no longer has the value.
CREATE TABLE identities{{.OnCluster}} (
  biz LowCardinality(String), kind LowCardinality(String), value String, user_id UInt64, seq UInt64, live UInt8
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, kind, value, user_id)
SETTINGS index_granularity = 1024;

-- A key that no longer holds the order (it moved to another user) keeps a row with status 'moved'.
CREATE TABLE orders{{.OnCluster}} (
  biz LowCardinality(String), shard UInt64, user_id UInt64, order_id String, seq UInt64,
  product_id UInt64, product_group_id UInt64, amount Decimal(18, 4), paid_at DateTime64(3, 'UTC'), status LowCardinality(String)
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, shard, user_id, order_id)
SETTINGS index_granularity = 1024;

CREATE TABLE order_owners{{.OnCluster}} (
  biz LowCardinality(String), bucket UInt16 DEFAULT bitShiftRight(cityHash64(order_id), 48), order_id String, user_id UInt64, seq UInt64
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, bucket, order_id)
SETTINGS index_granularity = 1024;

CREATE TABLE bizzes{{.OnCluster}} (
  biz String, name String, timezone String, seq UInt64, created_at DateTime64(3, 'UTC'), updated_at DateTime64(3, 'UTC')
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY biz;

CREATE TABLE tags{{.OnCluster}} (
  biz LowCardinality(String), tag_id UInt32, name String, description String, seq UInt64
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, tag_id);

CREATE TABLE templates{{.OnCluster}} (
  biz LowCardinality(String), template_id String, body String, seq UInt64, created_at DateTime64(3, 'UTC'), updated_at DateTime64(3, 'UTC')
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, template_id);

-- How many members a group has is what its last row of group_versions says.
CREATE TABLE groups{{.OnCluster}} (
  biz LowCardinality(String), group_id UInt64, seq UInt64,
  name String, kind LowCardinality(String), subkind LowCardinality(String), identity LowCardinality(String),
  content String, ext String, realtime UInt8, version UInt64, status LowCardinality(String), reason String,
  unmatched UInt64, parent_id UInt64,
  expires_at Nullable(DateTime64(3, 'UTC')), ready_at Nullable(DateTime64(3, 'UTC')),
  created_at DateTime64(3, 'UTC'), updated_at DateTime64(3, 'UTC')
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, group_id)
SETTINGS index_granularity = 1024;

-- One row per change of members. count, added and removed are written once, before the sets change.
CREATE TABLE group_versions{{.OnCluster}} (
  biz LowCardinality(String), group_id UInt64, version UInt64, seq UInt64, at DateTime64(3, 'UTC'),
  op LowCardinality(String), upload_id String, phones_upload_id String, count UInt64, added UInt64, removed UInt64, unmatched UInt64,
  actor String, command_id String
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, group_id, version);

CREATE TABLE uploads{{.OnCluster}} (
  biz LowCardinality(String), upload_id String, seq UInt64, target LowCardinality(String), group_id UInt64,
  status LowCardinality(String), rows UInt64, accepted UInt64, rejected UInt64, chunks UInt64, rejections String, reason String,
  started_at DateTime64(3, 'UTC'), ended_at Nullable(DateTime64(3, 'UTC'))
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, upload_id);

CREATE TABLE commands{{.OnCluster}} (
  biz LowCardinality(String), command_id String, seq UInt64, type LowCardinality(String), actor String,
  status LowCardinality(String), code LowCardinality(String), field String, reason String,
  aggregate LowCardinality(String), aggregate_id String, at DateTime64(3, 'UTC')
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY command_id
SETTINGS index_granularity = 1024;

CREATE TABLE campaigns{{.OnCluster}} (
  biz LowCardinality(String), campaign_id UInt64, seq UInt64,
  name String, template_id String, channel LowCardinality(String), segment String, variables Map(String, String),
  status LowCardinality(String), reason String, position UInt64, audience UInt64, ranges UInt64,
  created_at DateTime64(3, 'UTC'), started_at Nullable(DateTime64(3, 'UTC')), completed_at Nullable(DateTime64(3, 'UTC'))
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, campaign_id);

-- The frozen audience: which range holds which users.
CREATE TABLE audiences{{.OnCluster}} (
  biz LowCardinality(String), campaign_id UInt64, range UInt64, seq UInt64, from_user UInt64, to_user UInt64, users UInt64,
  bytes String EPHEMERAL,
  members AggregateFunction(groupBitmap, UInt64) DEFAULT CAST(if(empty(bytes), unhex('0000'), bytes) AS AggregateFunction(groupBitmap, UInt64)),
  INDEX span (from_user, to_user) TYPE minmax GRANULARITY 1
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, campaign_id, range)
SETTINGS index_granularity = 64;

-- Outcomes as the ledger tells them; seq is LEDGER's. A definite status hides unknown for the same user.
CREATE TABLE deliveries{{.OnCluster}} (
  biz LowCardinality(String), campaign_id UInt64, range UInt64, seq UInt64, part UInt32,
  status LowCardinality(String), code LowCardinality(String), reason String, at DateTime64(3, 'UTC'),
  from_user UInt64, to_user UInt64, users UInt64,
  bytes String EPHEMERAL,
  members AggregateFunction(groupBitmap, UInt64) DEFAULT CAST(if(empty(bytes), unhex('0000'), bytes) AS AggregateFunction(groupBitmap, UInt64)),
  INDEX span (from_user, to_user) TYPE minmax GRANULARITY 1
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, campaign_id, range, seq, part)
SETTINGS index_granularity = 64;

-- A launched campaign's segment, evaluated with the read model standing exactly before the launch.
-- Work in progress of the freezer, not a truth: the audience events are.
CREATE TABLE freezes{{.OnCluster}} (
  biz LowCardinality(String), campaign_id UInt64, shard UInt64, seq UInt64,
  bytes String EPHEMERAL,
  members AggregateFunction(groupBitmap, UInt64) DEFAULT CAST(if(empty(bytes), unhex('0000'), bytes) AS AggregateFunction(groupBitmap, UInt64))
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, campaign_id, shard)
SETTINGS index_granularity = 64;

-- A freeze is whole once its mark is there; error says why the segment could not be evaluated.
CREATE TABLE freeze_marks{{.OnCluster}} (
  biz LowCardinality(String), campaign_id UInt64, seq UInt64, users UInt64, error String
) ENGINE = {{.Engine "ReplacingMergeTree" "seq"}} ORDER BY (biz, campaign_id);
