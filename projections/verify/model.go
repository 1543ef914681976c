package verify

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/events"
	"muster/internal/clickhouse"
	"muster/internal/clickhouse/bitmapstate"
	"muster/projections"
)

// projections waits for the read model to hold what was read, and says how far it is and what stands still.
func (v *verifier) projections(ctx context.Context) error {
	if err := v.reach(ctx, v.report.Events, v.report.Ledger); err != nil {
		return err
	}
	now, err := v.standing(ctx)
	if err != nil {
		return err
	}
	v.report.Position = v.report.Events
	for _, name := range projections.EventNames() {
		v.report.Position = min(v.report.Position, now.at[name])
	}
	v.told = now.at[projections.Deliveries] >= v.report.Ledger
	return v.rows(ctx, "SELECT projection, error FROM faults FINAL WHERE cleared = 0", func(r *clickhouse.Rows) error {
		var name, msg string
		err := r.Scan(&name, &msg)
		v.find("projections", "", "%s stands still: %s", name, msg)
		return err
	})
}

// tags compares the arrays in users with the tag sets, by bitmap per tag and shard:
// a user in one and not in the other is counted.
func (l *look) tags(ctx context.Context) error {
	l.v.Progress("tags", 0, 0)
	var total uint64
	err := l.v.rows(ctx, fmt.Sprintf(`SELECT toString(biz), tag, sum(bitmapXorCardinality(a, s)) AS wrong, sum(bitmapCardinality(a)) AS users,
  groupArrayIf(CAST(bitmapXor(a, s) AS String), %v AND bitmapXorCardinality(a, s) > 0) AS who FROM (
  SELECT biz, tag, shard, groupBitmapMergeStateIf(m, src = 0) AS a, groupBitmapMergeStateIf(m, src = 1) AS s FROM (
    SELECT biz, toUInt64(tag) AS tag, shard, groupBitmapState(user_id) AS m, 0 AS src FROM users FINAL ARRAY JOIN tags AS tag GROUP BY biz, tag, shard
    UNION ALL
    SELECT biz, set_id AS tag, shard, members AS m, 1 AS src FROM sets FINAL WHERE kind = 'tag'
  ) GROUP BY biz, tag, shard
) GROUP BY biz, tag ORDER BY biz, tag`, l.users), func(r *clickhouse.Rows) error {
		var biz string
		var tag, wrong, users uint64
		var who []string
		if err := r.Scan(&biz, &tag, &wrong, &users, &who); err != nil {
			return err
		}
		total += users
		if wrong == 0 {
			return nil
		}
		d, err := l.about(who, wrong)
		l.doubt(fmt.Sprintf("tags %s %d", biz, tag), d.says("tags", biz, func() string {
			if d.users != nil {
				wrong = d.users.GetCardinality()
			}
			return fmt.Sprintf("tag %d: %d users are only in the array or only in the set", tag, wrong)
		}))
		return err
	})
	l.v.count("tag assignments", total)
	return err
}

// sets compares the two orders in which they are kept.
func (l *look) sets(ctx context.Context) error {
	l.v.Progress("sets", 0, 0)
	var rows uint64
	err := l.v.rows(ctx, fmt.Sprintf(`SELECT toString(biz), toString(kind), set_id, countIf(n > 0), count(), groupArrayIf(CAST(x AS String), %v AND n > 0) FROM (
  SELECT biz, kind, set_id, shard, groupBitmapXorState(members) AS x, groupBitmapXor(members) AS n FROM (
    SELECT biz, kind, set_id, shard, members FROM sets FINAL UNION ALL SELECT biz, kind, set_id, shard, members FROM sets_by_shard FINAL
  ) GROUP BY biz, kind, set_id, shard
) GROUP BY biz, kind, set_id ORDER BY biz, kind, set_id`, l.users), func(r *clickhouse.Rows) error {
		var biz, kind string
		var id, wrong, all uint64
		var who []string
		if err := r.Scan(&biz, &kind, &id, &wrong, &all, &who); err != nil {
			return err
		}
		rows += all
		if wrong == 0 {
			return nil
		}
		d, err := l.about(who, wrong)
		l.doubt(fmt.Sprintf("sets %s %s %d", biz, kind, id), d.says("sets", biz, func() string {
			return fmt.Sprintf("%s %d: %d shards differ between the two orders of the sets", kind, id, wrong)
		}))
		return err
	})
	l.v.count("set shards", rows)
	return err
}

// about decodes the users of a doubt, if they were asked for.
func (l *look) about(who []string, by uint64) (doubt, error) {
	d := doubt{by: by}
	if !l.users {
		return d, nil
	}
	d.users = roaring64.New()
	for _, s := range who {
		bm, err := bitmapstate.Decode([]byte(s))
		if err != nil {
			return d, err
		}
		d.users.Or(bm)
	}
	return d, nil
}

func (d doubt) says(check, biz string, detail func() string) doubt {
	d.finding = func() Finding { return Finding{Check: check, Biz: biz, Detail: detail()} }
	return d
}

// groups compares how many members a group has with what its last version says.
func (l *look) groups(ctx context.Context) error {
	l.v.Progress("groups", 0, 0)
	var groups, members uint64
	err := l.v.rows(ctx, `SELECT toString(biz), id, max(said), max(held) FROM (
  SELECT biz, group_id AS id, argMax(count, version) AS said, toUInt64(0) AS held FROM group_versions FINAL GROUP BY biz, id
  UNION ALL
  SELECT biz, set_id AS id, toUInt64(0) AS said, sum(bitmapCardinality(members)) AS held FROM sets FINAL WHERE kind = 'group' GROUP BY biz, id
) GROUP BY biz, id ORDER BY biz, id`, func(r *clickhouse.Rows) error {
		var biz string
		var id, said, held uint64
		if err := r.Scan(&biz, &id, &said, &held); err != nil {
			return err
		}
		groups, members = groups+1, members+held
		if said != held {
			d := doubt{by: held - said} // modulo 2^64: equal when the difference is
			l.doubt(fmt.Sprintf("groups %s %d", biz, id), d.says("groups", biz, func() string {
				return fmt.Sprintf("group %d holds %d users, its last version says %d", id, held, said)
			}))
		}
		return nil
	})
	l.v.count("groups", groups)
	l.v.count("group members", members)
	return err
}

// sums are how many users of a campaign ended in which way.
type sums struct{ sent, failed, skipped, unknown uint64 }

func (s sums) total() uint64 { return s.sent + s.failed + s.skipped + s.unknown }

// delivered is what the deliveries table tells of the ledger as far as it was read: rows carry the
// sequence of their event, and the table holds more by now while campaigns run.
func (v *verifier) delivered(ctx context.Context) (map[campaignKey]sums, error) {
	model := map[campaignKey]sums{}
	err := v.rows(ctx, fmt.Sprintf(`SELECT toString(biz), campaign_id, bitmapCardinality(se), bitmapCardinality(fa), bitmapCardinality(sk),
  bitmapAndnotCardinality(un, bitmapOr(se, bitmapOr(fa, sk))) FROM (
  SELECT biz, campaign_id, groupBitmapMergeStateIf(members, status = 'sent') AS se, groupBitmapMergeStateIf(members, status = 'failed') AS fa,
    groupBitmapMergeStateIf(members, status = 'skipped') AS sk, groupBitmapMergeStateIf(members, status = 'unknown') AS un
  FROM deliveries FINAL WHERE seq <= %d GROUP BY biz, campaign_id)`, v.report.Ledger), func(r *clickhouse.Rows) error {
		var k campaignKey
		var s sums
		err := r.Scan(&k.biz, &k.id, &s.sent, &s.failed, &s.skipped, &s.unknown)
		model[k] = s
		return err
	})
	return model, err
}

// books checks that every campaign's audience is the sum of its outcomes and what is
// pending, and that the deliveries table tells what the ledger tells.
func (v *verifier) books(ctx context.Context) error {
	v.Progress("books", 0, 0)
	ledger, named := map[campaignKey]sums{}, map[campaignKey]uint64{}
	var users uint64
	for k, o := range v.ledger {
		n := func(s events.OutcomeStatus) uint64 { return o.by[s].GetCardinality() }
		ended, told, c := sums{n(events.Sent), n(events.Failed), n(events.Skipped), n(events.Unknown)}, o.told(), ledger[k.campaignKey]
		if told.GetCardinality() != ended.total() {
			v.find("books", k.biz, "campaign %d: %d outcomes for %d users of range %d: some have more than one", k.id, ended.total(), told.GetCardinality(), k.part)
		}
		if !o.frozen {
			v.find("books", k.biz, "campaign %d: the ledger names a range %d that no audience has", k.id, k.part)
		}
		ledger[k.campaignKey] = sums{c.sent + ended.sent, c.failed + ended.failed, c.skipped + ended.skipped, c.unknown + ended.unknown}
		users += ended.total()
		told.Or(o.claimed)
		named[k.campaignKey] += told.GetCardinality()
	}
	for k, s := range ledger {
		if audience := v.frozen[k]; named[k] > audience || s.total() > audience {
			v.find("books", k.biz, "campaign %d: the ledger names %d users with %d outcomes, the audience is %d", k.id, named[k], s.total(), audience)
		}
	}
	v.count("campaigns", uint64(len(v.frozen)))
	v.count("outcomes", users)
	if !v.told { // the read model does not hold what was read, which has been said
		return nil
	}
	model, err := v.delivered(ctx)
	if err != nil {
		return err
	}
	for k, s := range ledger {
		if m := model[k]; m != s {
			v.find("books", k.biz, "campaign %d: the ledger says %+v, the read model %+v", k.id, s, m)
		}
	}
	for k := range model {
		if _, ok := ledger[k]; !ok {
			v.find("books", k.biz, "campaign %d has outcomes in the read model and none in the ledger", k.id)
		}
	}
	return nil
}
