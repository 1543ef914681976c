-- orders(days=1, product=7, product_group=8, until=2024-01-30) < 2 or not orders(days=1) >= 3

-- Count biz=demo from0=1706544000000 to0=1706630400000 count0=2 product0=7 product_group0=8 from1=1706630400000 to1=1706716800000 count1=3
SELECT sum(bitmapAndnotCardinality(known, bitmapAnd(c0, c1))) AS users
FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 0) AS c0,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 1) AS c1,
    groupBitmapMergeStateIf(members, kind = 'known') AS known
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('known', 0))
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(0) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from0:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to0:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND product_id = {product0:UInt64} AND product_group_id = {product_group0:UInt64}
      GROUP BY shard, user_id HAVING count() >= {count0:UInt64}
    ) GROUP BY shard
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(1) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from1:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to1:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded')
      GROUP BY shard, user_id HAVING count() >= {count1:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
);

-- Shards biz=demo from0=1706544000000 to0=1706630400000 count0=2 product0=7 product_group0=8 from1=1706630400000 to1=1706716800000 count1=3
SELECT shard, bitmapCardinality(m) AS users, CAST(m AS String) AS members
FROM (SELECT shard, bitmapAndnot(known, bitmapAnd(c0, c1)) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 0) AS c0,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 1) AS c1,
    groupBitmapMergeStateIf(members, kind = 'known') AS known
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('known', 0))
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(0) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from0:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to0:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND product_id = {product0:UInt64} AND product_group_id = {product_group0:UInt64}
      GROUP BY shard, user_id HAVING count() >= {count0:UInt64}
    ) GROUP BY shard
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(1) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from1:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to1:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded')
      GROUP BY shard, user_id HAVING count() >= {count1:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
))
WHERE users > 0
ORDER BY shard;

-- Page biz=demo from0=1706544000000 to0=1706630400000 count0=2 product0=7 product_group0=8 from1=1706630400000 to1=1706716800000 count1=3 user=65536 shard=1 limit=10
SELECT arrayJoin(if(shard = {shard:UInt64}, arrayFilter(x -> x >= {user:UInt64}, bitmapToArray(m)), bitmapToArray(bitmapSubsetLimit(m, toUInt64(0), {limit:UInt64})))) AS user_id
FROM (SELECT shard, bitmapAndnot(known, bitmapAnd(c0, c1)) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 0) AS c0,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 1) AS c1,
    groupBitmapMergeStateIf(members, kind = 'known') AS known
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('known', 0)) AND shard >= {shard:UInt64}
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(0) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from0:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to0:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND product_id = {product0:UInt64} AND product_group_id = {product_group0:UInt64} AND shard >= {shard:UInt64}
      GROUP BY shard, user_id HAVING count() >= {count0:UInt64}
    ) GROUP BY shard
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(1) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from1:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to1:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND shard >= {shard:UInt64}
      GROUP BY shard, user_id HAVING count() >= {count1:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
))
ORDER BY user_id
LIMIT {limit:UInt64};

-- Contains biz=demo from0=1706544000000 to0=1706630400000 count0=2 product0=7 product_group0=8 from1=1706630400000 to1=1706716800000 count1=3 user=65537 shard=1
SELECT toUInt8(((known AND NOT c0) OR (known AND NOT c1))) AS member
FROM (
  SELECT maxIf(hit, kind = 'orders' AND set_id = 0) AS c0,
    maxIf(hit, kind = 'orders' AND set_id = 1) AS c1,
    maxIf(hit, kind = 'known') AS known
  FROM (
    SELECT kind, set_id, bitmapContains(members, {user:UInt64}) AS hit FROM sets_by_shard FINAL
    WHERE biz = {biz:String} AND shard = {shard:UInt64} AND (kind, set_id) IN (('known', 0))
    UNION ALL
    SELECT 'orders' AS kind, toUInt64(0) AS set_id, toUInt8(count() >= {count0:UInt64}) AS hit FROM orders FINAL
    WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from0:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to0:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND product_id = {product0:UInt64} AND product_group_id = {product_group0:UInt64} AND shard = {shard:UInt64} AND user_id = {user:UInt64}
    UNION ALL
    SELECT 'orders' AS kind, toUInt64(1) AS set_id, toUInt8(count() >= {count1:UInt64}) AS hit FROM orders FINAL
    WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from1:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to1:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND shard = {shard:UInt64} AND user_id = {user:UInt64}
  )
);

-- Why biz=demo from0=1706544000000 to0=1706630400000 count0=2 product0=7 product_group0=8 from1=1706630400000 to1=1706716800000 count1=3 user=65537 shard=1
SELECT [
  toUInt8(((known AND NOT c0) OR (known AND NOT c1))),
  toUInt8((known AND NOT c0)),
  toUInt8((known AND NOT c1)),
  toUInt8(c1)
] AS holds
FROM (
  SELECT maxIf(hit, kind = 'orders' AND set_id = 0) AS c0,
    maxIf(hit, kind = 'orders' AND set_id = 1) AS c1,
    maxIf(hit, kind = 'known') AS known
  FROM (
    SELECT kind, set_id, bitmapContains(members, {user:UInt64}) AS hit FROM sets_by_shard FINAL
    WHERE biz = {biz:String} AND shard = {shard:UInt64} AND (kind, set_id) IN (('known', 0))
    UNION ALL
    SELECT 'orders' AS kind, toUInt64(0) AS set_id, toUInt8(count() >= {count0:UInt64}) AS hit FROM orders FINAL
    WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from0:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to0:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND product_id = {product0:UInt64} AND product_group_id = {product_group0:UInt64} AND shard = {shard:UInt64} AND user_id = {user:UInt64}
    UNION ALL
    SELECT 'orders' AS kind, toUInt64(1) AS set_id, toUInt8(count() >= {count1:UInt64}) AS hit FROM orders FINAL
    WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from1:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to1:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND shard = {shard:UInt64} AND user_id = {user:UInt64}
  )
);

-- Explain biz=demo from0=1706544000000 to0=1706630400000 count0=2 product0=7 product_group0=8 from1=1706630400000 to1=1706716800000 count1=3
SELECT sum(bitmapCardinality(known)) AS known_users,
  [
    toUInt64(known_users - sum(bitmapCardinality(s0))),
    toUInt64(known_users - sum(bitmapCardinality(c0))),
    toUInt64(known_users - sum(bitmapCardinality(c1))),
    sum(bitmapCardinality(c1))
  ] AS users,
  [
    toUInt64(known_users - sum(bitmapCardinality(s0))),
    toUInt64(known_users - sum(bitmapCardinality(c0))),
    toUInt64(known_users - sum(bitmapCardinality(s0))),
    sum(bitmapCardinality(c1))
  ] AS running
FROM (SELECT *,
  bitmapAnd(c0, c1) AS s0
FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 0) AS c0,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 1) AS c1,
    groupBitmapMergeStateIf(members, kind = 'known') AS known
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('known', 0))
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(0) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from0:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to0:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND product_id = {product0:UInt64} AND product_group_id = {product_group0:UInt64}
      GROUP BY shard, user_id HAVING count() >= {count0:UInt64}
    ) GROUP BY shard
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(1) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from1:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to1:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded')
      GROUP BY shard, user_id HAVING count() >= {count1:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
));

-- InsertInto biz=demo from0=1706544000000 to0=1706630400000 count0=2 product0=7 product_group0=8 from1=1706630400000 to1=1706716800000 count1=3 extra0=77 extra1=it's
INSERT INTO freezes (biz, campaign_id, note, shard, members)
SELECT {biz:String}, {extra0:UInt64}, {extra1:String}, shard, m
FROM (SELECT shard, bitmapAndnot(known, bitmapAnd(c0, c1)) AS m FROM (
  SELECT shard,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 0) AS c0,
    groupBitmapMergeStateIf(members, kind = 'orders' AND set_id = 1) AS c1,
    groupBitmapMergeStateIf(members, kind = 'known') AS known
  FROM (
    SELECT shard, kind, set_id, members FROM sets FINAL
    WHERE biz = {biz:String} AND (kind, set_id) IN (('known', 0))
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(0) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from0:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to0:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded') AND product_id = {product0:UInt64} AND product_group_id = {product_group0:UInt64}
      GROUP BY shard, user_id HAVING count() >= {count0:UInt64}
    ) GROUP BY shard
    UNION ALL
    SELECT shard, 'orders' AS kind, toUInt64(1) AS set_id, groupBitmapState(user_id) AS members FROM (
      SELECT shard, user_id FROM orders FINAL
      WHERE biz = {biz:String} AND paid_at >= fromUnixTimestamp64Milli({from1:Int64}, 'UTC') AND paid_at < fromUnixTimestamp64Milli({to1:Int64}, 'UTC') AND status NOT IN ('', 'moved', 'cancelled', 'refunded')
      GROUP BY shard, user_id HAVING count() >= {count1:UInt64}
    ) GROUP BY shard
  )
  GROUP BY shard
))
WHERE bitmapCardinality(m) > 0;
