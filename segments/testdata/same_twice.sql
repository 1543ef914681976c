-- (tag(1) or group(1)) and (tag(1) or not group(1))

-- Count biz=demo set0=1 set1=1
SELECT sum(bitmapAndnotCardinality(bitmapOr(c0, c1), bitmapAndnot(c1, c0))) AS users
FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set1:UInt64}) AS c1
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('tag', {set0:UInt64}), ('group', {set1:UInt64}))
  )
  GROUP BY shard
);

-- Shards biz=demo set0=1 set1=1
SELECT shard, bitmapCardinality(m) AS users, CAST(m AS String) AS members
FROM (SELECT shard, bitmapAndnot(bitmapOr(c0, c1), bitmapAndnot(c1, c0)) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set1:UInt64}) AS c1
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('tag', {set0:UInt64}), ('group', {set1:UInt64}))
  )
  GROUP BY shard
))
WHERE users > 0
ORDER BY shard;

-- Page biz=demo set0=1 set1=1 user=65536 shard=1 limit=10
SELECT arrayJoin(if(shard = {shard:UInt64}, arrayFilter(x -> x >= {user:UInt64}, bitmapToArray(m)), bitmapToArray(bitmapSubsetLimit(m, toUInt64(0), {limit:UInt64})))) AS user_id
FROM (SELECT shard, bitmapAndnot(bitmapOr(c0, c1), bitmapAndnot(c1, c0)) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set1:UInt64}) AS c1
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('tag', {set0:UInt64}), ('group', {set1:UInt64})) AND shard >= {shard:UInt64}
  )
  GROUP BY shard
))
ORDER BY user_id
LIMIT {limit:UInt64};

-- Contains biz=demo set0=1 set1=1 user=65537 shard=1
SELECT toUInt8(((c0 OR c1) AND (c0 OR (known AND NOT c1)))) AS member
FROM (
  SELECT maxIf(hit, kind = 'tag' AND set_id = {set0:UInt64}) AS c0,
    maxIf(hit, kind = 'group' AND set_id = {set1:UInt64}) AS c1,
    maxIf(hit, kind = 'known') AS known
  FROM (
    SELECT kind, set_id, bitmapContains(members, {user:UInt64}) AS hit FROM sets_by_shard FINAL
    WHERE biz = {biz:String} AND shard = {shard:UInt64} AND (kind, set_id) IN (('tag', {set0:UInt64}), ('group', {set1:UInt64}), ('known', 0))
  )
);

-- Why biz=demo set0=1 set1=1 user=65537 shard=1
SELECT [
  toUInt8(((c0 OR c1) AND (c0 OR (known AND NOT c1)))),
  toUInt8((c0 OR c1)),
  toUInt8(c0),
  toUInt8(c1),
  toUInt8((c0 OR (known AND NOT c1))),
  toUInt8(c0),
  toUInt8((known AND NOT c1)),
  toUInt8(c1)
] AS holds
FROM (
  SELECT maxIf(hit, kind = 'tag' AND set_id = {set0:UInt64}) AS c0,
    maxIf(hit, kind = 'group' AND set_id = {set1:UInt64}) AS c1,
    maxIf(hit, kind = 'known') AS known
  FROM (
    SELECT kind, set_id, bitmapContains(members, {user:UInt64}) AS hit FROM sets_by_shard FINAL
    WHERE biz = {biz:String} AND shard = {shard:UInt64} AND (kind, set_id) IN (('tag', {set0:UInt64}), ('group', {set1:UInt64}), ('known', 0))
  )
);

-- Explain biz=demo set0=1 set1=1
SELECT sum(bitmapCardinality(known)) AS known_users,
  [
    sum(bitmapCardinality(s2)),
    sum(bitmapCardinality(s0)),
    sum(bitmapCardinality(c0)),
    sum(bitmapCardinality(c1)),
    toUInt64(known_users - sum(bitmapCardinality(s1))),
    sum(bitmapCardinality(c0)),
    toUInt64(known_users - sum(bitmapCardinality(c1))),
    sum(bitmapCardinality(c1))
  ] AS users,
  [
    sum(bitmapCardinality(s2)),
    sum(bitmapCardinality(s0)),
    sum(bitmapCardinality(c0)),
    sum(bitmapCardinality(s0)),
    sum(bitmapCardinality(s2)),
    sum(bitmapCardinality(c0)),
    toUInt64(known_users - sum(bitmapCardinality(s1))),
    sum(bitmapCardinality(c1))
  ] AS running
FROM (SELECT *,
  bitmapOr(c0, c1) AS s0,
  bitmapAndnot(c1, c0) AS s1,
  bitmapAndnot(s0, s1) AS s2
FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set1:UInt64}) AS c1,
    groupBitmapMergeStateIf(members, kind = 'known') AS known
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('tag', {set0:UInt64}), ('group', {set1:UInt64}), ('known', 0))
  )
  GROUP BY shard
));

-- InsertInto biz=demo set0=1 set1=1 extra0=77 extra1=it's
INSERT INTO freezes (biz, campaign_id, note, shard, members)
SELECT {biz:String}, {extra0:UInt64}, {extra1:String}, shard, m
FROM (SELECT shard, bitmapAndnot(bitmapOr(c0, c1), bitmapAndnot(c1, c0)) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set1:UInt64}) AS c1
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('tag', {set0:UInt64}), ('group', {set1:UInt64}))
  )
  GROUP BY shard
))
WHERE bitmapCardinality(m) > 0;
