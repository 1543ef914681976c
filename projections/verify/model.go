package verify

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/projections"
)

// projections says how far they are and which stand still.
func (v *verifier) projections(ctx context.Context) error {
	at := map[string]uint64{}
	err := v.rows(ctx, "SELECT projection, seq FROM positions FINAL", func(r *clickhouse.Rows) error {
		var name string
		var seq uint64
		err := r.Scan(&name, &seq)
		at[name] = seq
		return err
	})
	if err != nil {
		return err
	}
	v.report.Position = v.report.Events
	for _, name := range projections.EventNames() {
		v.report.Position = min(v.report.Position, at[name])
	}
	return v.rows(ctx, "SELECT projection, error FROM faults FINAL WHERE cleared = 0", func(r *clickhouse.Rows) error {
		var name, msg string
		err := r.Scan(&name, &msg)
		v.find("projections", "", "%s stands still: %s", name, msg)
		return err
	})
}

// tags compares the arrays in users with the tag sets, by bitmap per tag and shard:
// a user in one and not in the other is counted.
func (v *verifier) tags(ctx context.Context) error {
	v.Progress("tags", 0, 0)
	var total uint64
	n := 0
	err := v.rows(ctx, `SELECT toString(biz), tag, sum(bitmapXorCardinality(a, s)) AS wrong, sum(bitmapCardinality(a)) AS users FROM (
  SELECT biz, tag, shard, groupBitmapMergeStateIf(m, src = 0) AS a, groupBitmapMergeStateIf(m, src = 1) AS s FROM (
    SELECT biz, toUInt64(tag) AS tag, shard, groupBitmapState(user_id) AS m, 0 AS src FROM users FINAL ARRAY JOIN tags AS tag GROUP BY biz, tag, shard
    UNION ALL
    SELECT biz, set_id AS tag, shard, members AS m, 1 AS src FROM sets FINAL WHERE kind = 'tag'
  ) GROUP BY biz, tag, shard
) GROUP BY biz, tag ORDER BY biz, tag`, func(r *clickhouse.Rows) error {
		var biz string
		var tag, wrong, users uint64
		if err := r.Scan(&biz, &tag, &wrong, &users); err != nil {
			return err
		}
		total += users
		if wrong > 0 && n < maxFindings {
			n++
			v.find("tags", biz, "tag %d: %d users are only in the array or only in the set", tag, wrong)
		}
		return nil
	})
	v.count("tag assignments", total)
	return err
}

// sets compares the two orders in which they are kept.
func (v *verifier) sets(ctx context.Context) error {
	v.Progress("sets", 0, 0)
	var rows uint64
	n := 0
	err := v.rows(ctx, `SELECT toString(biz), toString(kind), set_id, countIf(x > 0), count() FROM (
  SELECT biz, kind, set_id, shard, groupBitmapXor(members) AS x FROM (
    SELECT biz, kind, set_id, shard, members FROM sets FINAL UNION ALL SELECT biz, kind, set_id, shard, members FROM sets_by_shard FINAL
  ) GROUP BY biz, kind, set_id, shard
) GROUP BY biz, kind, set_id`, func(r *clickhouse.Rows) error {
		var biz, kind string
		var id, wrong, all uint64
		if err := r.Scan(&biz, &kind, &id, &wrong, &all); err != nil {
			return err
		}
		rows += all
		if wrong > 0 && n < maxFindings {
			n++
			v.find("sets", biz, "%s %d: %d shards differ between the two orders of the sets", kind, id, wrong)
		}
		return nil
	})
	v.count("set shards", rows)
	return err
}

// groups compares how many members a group has with what its last version says.
func (v *verifier) groups(ctx context.Context) error {
	v.Progress("groups", 0, 0)
	var groups, members uint64
	n := 0
	err := v.rows(ctx, `SELECT toString(biz), id, max(said), max(held) FROM (
  SELECT biz, group_id AS id, argMax(count, version) AS said, toUInt64(0) AS held FROM group_versions FINAL GROUP BY biz, id
  UNION ALL
  SELECT biz, set_id AS id, toUInt64(0) AS said, sum(bitmapCardinality(members)) AS held FROM sets FINAL WHERE kind = 'group' GROUP BY biz, id
) GROUP BY biz, id`, func(r *clickhouse.Rows) error {
		var biz string
		var id, said, held uint64
		if err := r.Scan(&biz, &id, &said, &held); err != nil {
			return err
		}
		groups, members = groups+1, members+held
		if said != held && n < maxFindings {
			n++
			v.find("groups", biz, "group %d holds %d users, its last version says %d", id, held, said)
		}
		return nil
	})
	v.count("groups", groups)
	v.count("group members", members)
	return err
}

// books checks that every campaign's audience is the sum of its outcomes and what is
// pending, and that the deliveries table tells what the ledger tells.
func (v *verifier) books(ctx context.Context) error {
	v.Progress("books", 0, 0)
	type sums struct{ sent, failed, skipped, unknown uint64 }
	model := map[campaignKey]sums{}
	err := v.rows(ctx, `SELECT toString(biz), campaign_id, bitmapCardinality(se), bitmapCardinality(fa), bitmapCardinality(sk),
  bitmapAndnotCardinality(un, bitmapOr(se, bitmapOr(fa, sk))) FROM (
  SELECT biz, campaign_id, groupBitmapMergeStateIf(members, status = 'sent') AS se, groupBitmapMergeStateIf(members, status = 'failed') AS fa,
    groupBitmapMergeStateIf(members, status = 'skipped') AS sk, groupBitmapMergeStateIf(members, status = 'unknown') AS un
  FROM deliveries FINAL GROUP BY biz, campaign_id)`, func(r *clickhouse.Rows) error {
		var k campaignKey
		var s sums
		err := r.Scan(&k.biz, &k.id, &s.sent, &s.failed, &s.skipped, &s.unknown)
		model[k] = s
		return err
	})
	if err != nil {
		return err
	}
	var users uint64
	for k, o := range v.ledger {
		n := func(s events.OutcomeStatus) uint64 { return o.by[s].GetCardinality() }
		ledger := sums{n(events.Sent), n(events.Failed), n(events.Skipped), n(events.Unknown)}
		ended := ledger.sent + ledger.failed + ledger.skipped + ledger.unknown
		users += ended
		told := roaring64.New()
		for _, bm := range o.by {
			told.Or(bm)
		}
		if told.GetCardinality() != ended {
			v.find("books", k.biz, "campaign %d: %d outcomes for %d users: some have more than one", k.id, ended, told.GetCardinality())
		}
		all := roaring64.Or(told, o.claimed)
		if audience := v.frozen[k]; all.GetCardinality() > audience || ended > audience {
			v.find("books", k.biz, "campaign %d: the ledger names %d users with %d outcomes, the audience is %d", k.id, all.GetCardinality(), ended, audience)
		}
		if m := model[k]; m != ledger {
			v.find("books", k.biz, "campaign %d: the ledger says %+v, the read model %+v", k.id, ledger, m)
		}
	}
	for k := range model {
		if v.ledger[k] == nil {
			v.find("books", k.biz, "campaign %d has outcomes in the read model and none in the ledger", k.id)
		}
	}
	v.count("campaigns", uint64(len(v.frozen)))
	v.count("outcomes", users)
	return nil
}
