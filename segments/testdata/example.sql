-- group(12) and (tag(1) or tag(2)) and not group(9) and orders(days=2) > 2

-- Count biz=demo set0=12 set1=1 set2=2 set3=9 from4=1706544000000 to4=1706716800000 count4=2
SELECT sum(bitmapAndnotCardinality(bitmapAnd(bitmapAnd(c0, bitmapOr(c1, c2)), c4), c3)) AS users
FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set1:UInt64}) AS c1,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set2:UInt64}) AS c2,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set3:UInt64}) AS c3,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 4) AS c4
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('group', {set0:UInt64}), ('tag', {set1:UInt64}), ('tag', {set2:UInt64}), ('group', {set3:UInt64}))
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(4) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from4:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to4:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded')
      GROUP BY shard, user_id HAVING count() > {count4:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
);

-- Shards biz=demo set0=12 set1=1 set2=2 set3=9 from4=1706544000000 to4=1706716800000 count4=2
SELECT shard, bitmapCardinality(m) AS users, CAST(m AS String) AS members
FROM (SELECT shard, bitmapAndnot(bitmapAnd(bitmapAnd(c0, bitmapOr(c1, c2)), c4), c3) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set1:UInt64}) AS c1,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set2:UInt64}) AS c2,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set3:UInt64}) AS c3,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 4) AS c4
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('group', {set0:UInt64}), ('tag', {set1:UInt64}), ('tag', {set2:UInt64}), ('group', {set3:UInt64}))
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(4) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from4:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to4:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded')
      GROUP BY shard, user_id HAVING count() > {count4:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
))
WHERE users > 0
ORDER BY shard;

-- Page biz=demo set0=12 set1=1 set2=2 set3=9 from4=1706544000000 to4=1706716800000 count4=2 user=65536 shard=1 limit=10
SELECT arrayJoin(if(shard = {shard:UInt64}, arrayFilter(x -> x >= {user:UInt64}, bitmapToArray(m)), bitmapToArray(bitmapSubsetLimit(m, toUInt64(0), {limit:UInt64})))) AS user_id
FROM (SELECT shard, bitmapAndnot(bitmapAnd(bitmapAnd(c0, bitmapOr(c1, c2)), c4), c3) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set1:UInt64}) AS c1,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set2:UInt64}) AS c2,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set3:UInt64}) AS c3,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 4) AS c4
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('group', {set0:UInt64}), ('tag', {set1:UInt64}), ('tag', {set2:UInt64}), ('group', {set3:UInt64})) AND shard >= {shard:UInt64}
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(4) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from4:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to4:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND shard >= {shard:UInt64}
      GROUP BY shard, user_id HAVING count() > {count4:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
))
ORDER BY user_id
LIMIT {limit:UInt64};

-- Contains biz=demo set0=12 set1=1 set2=2 set3=9 from4=1706544000000 to4=1706716800000 count4=2 user=65537 shard=1
SELECT toUInt8((c0 AND (c1 OR c2) AND (known AND NOT c3) AND c4)) AS member
FROM (
  SELECT maxIf(hit, kind = 'group' AND set_id = {set0:UInt64}) AS c0,
    maxIf(hit, kind = 'tag' AND set_id = {set1:UInt64}) AS c1,
    maxIf(hit, kind = 'tag' AND set_id = {set2:UInt64}) AS c2,
    maxIf(hit, kind = 'group' AND set_id = {set3:UInt64}) AS c3,
    maxIf(hit, kind = 'orders' AND set_id = 4) AS c4,
    maxIf(hit, kind = 'known') AS known
  FROM (
    SELECT kind, set_id, bitmapContains(members, {user:UInt64}) AS hit FROM sets_by_shard FINAL
    WHERE biz = {biz:String} AND shard = {shard:UInt64} AND (kind, set_id) IN (('group', {set0:UInt64}), ('tag', {set1:UInt64}), ('tag', {set2:UInt64}), ('group', {set3:UInt64}), ('known', 0))
    UNION ALL
    SELECT 'orders' AS kind, toUInt64(4) AS set_id, toUInt8(count() > {count4:UInt64}) AS hit FROM orders FINAL
    WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from4:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to4:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND shard = {shard:UInt64} AND user_id = {user:UInt64}
  )
);

-- Why biz=demo set0=12 set1=1 set2=2 set3=9 from4=1706544000000 to4=1706716800000 count4=2 user=65537 shard=1
SELECT [
  toUInt8((c0 AND (c1 OR c2) AND (known AND NOT c3) AND c4)),
  toUInt8(c0),
  toUInt8((c1 OR c2)),
  toUInt8(c1),
  toUInt8(c2),
  toUInt8((known AND NOT c3)),
  toUInt8(c3),
  toUInt8(c4)
] AS holds
FROM (
  SELECT maxIf(hit, kind = 'group' AND set_id = {set0:UInt64}) AS c0,
    maxIf(hit, kind = 'tag' AND set_id = {set1:UInt64}) AS c1,
    maxIf(hit, kind = 'tag' AND set_id = {set2:UInt64}) AS c2,
    maxIf(hit, kind = 'group' AND set_id = {set3:UInt64}) AS c3,
    maxIf(hit, kind = 'orders' AND set_id = 4) AS c4,
    maxIf(hit, kind = 'known') AS known
  FROM (
    SELECT kind, set_id, bitmapContains(members, {user:UInt64}) AS hit FROM sets_by_shard FINAL
    WHERE biz = {biz:String} AND shard = {shard:UInt64} AND (kind, set_id) IN (('group', {set0:UInt64}), ('tag', {set1:UInt64}), ('tag', {set2:UInt64}), ('group', {set3:UInt64}), ('known', 0))
    UNION ALL
    SELECT 'orders' AS kind, toUInt64(4) AS set_id, toUInt8(count() > {count4:UInt64}) AS hit FROM orders FINAL
    WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from4:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to4:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND shard = {shard:UInt64} AND user_id = {user:UInt64}
  )
);

-- Explain biz=demo set0=12 set1=1 set2=2 set3=9 from4=1706544000000 to4=1706716800000 count4=2
SELECT sum(bitmapCardinality(known)) AS known_users,
  [
    sum(bitmapCardinality(s3)),
    sum(bitmapCardinality(c0)),
    sum(bitmapCardinality(s0)),
    sum(bitmapCardinality(c1)),
    sum(bitmapCardinality(c2)),
    toUInt64(known_users - sum(bitmapCardinality(c3))),
    sum(bitmapCardinality(c3)),
    sum(bitmapCardinality(c4))
  ] AS users,
  [
    sum(bitmapCardinality(s3)),
    sum(bitmapCardinality(c0)),
    sum(bitmapCardinality(s1)),
    sum(bitmapCardinality(c1)),
    sum(bitmapCardinality(s0)),
    sum(bitmapCardinality(s2)),
    sum(bitmapCardinality(c3)),
    sum(bitmapCardinality(s3))
  ] AS running
FROM (SELECT *,
  bitmapOr(c1, c2) AS s0,
  bitmapAnd(c0, s0) AS s1,
  bitmapAndnot(s1, c3) AS s2,
  bitmapAnd(s2, c4) AS s3
FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set1:UInt64}) AS c1,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set2:UInt64}) AS c2,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set3:UInt64}) AS c3,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 4) AS c4,
    groupBitmapMergeStateIf(members, kind = 'known') AS known
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('group', {set0:UInt64}), ('tag', {set1:UInt64}), ('tag', {set2:UInt64}), ('group', {set3:UInt64}), ('known', 0))
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(4) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from4:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to4:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded')
      GROUP BY shard, user_id HAVING count() > {count4:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
));

-- InsertInto biz=demo set0=12 set1=1 set2=2 set3=9 from4=1706544000000 to4=1706716800000 count4=2 extra0=77 extra1=it's
INSERT INTO freezes (biz, campaign_id, note, shard, members)
SELECT {biz:String}, {extra0:UInt64}, {extra1:String}, shard, m
FROM (SELECT shard, bitmapAndnot(bitmapAnd(bitmapAnd(c0, bitmapOr(c1, c2)), c4), c3) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set0:UInt64}) AS c0,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set1:UInt64}) AS c1,
    groupBitmapMergeStateIf(members, kind = 'tag' AND set_id = {set2:UInt64}) AS c2,
    groupBitmapMergeStateIf(members, kind = 'group' AND set_id = {set3:UInt64}) AS c3,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 4) AS c4
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('group', {set0:UInt64}), ('tag', {set1:UInt64}), ('tag', {set2:UInt64}), ('group', {set3:UInt64}))
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(4) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from4:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to4:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded')
      GROUP BY shard, user_id HAVING count() > {count4:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
))
WHERE bitmapCardinality(m) > 0;
