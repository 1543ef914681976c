package projections

import (
	"context"

	"muster/events"
)

// usersProjection keeps profiles with their tag arrays, and finds users by phone
// and openid. A field that a row names replaces the stored one; others stay.
type usersProjection struct{ *env }

func (p *usersProjection) name() string     { return Users }
func (p *usersProjection) tables() []string { return []string{"users", "identities"} }

func (p *usersProjection) apply(ctx context.Context, b *batch) error {
	all, err := p.applications(b, "u", events.TargetUsers, events.TargetTags)
	if err != nil {
		return err
	}
	for _, a := range all {
		if err := p.one(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (p *usersProjection) one(ctx context.Context, a *application) error {
	if a.fold != nil {
		if err := p.stageFold(ctx, a); err != nil {
			return err
		}
	}
	staged, merge := "staged_users", p.mergeUsers
	if a.target == events.TargetTags {
		staged, merge = "staged_tags", p.mergeTags
	}
	profiles := filling{"users", func(into string, s slice) error { return p.db.Exec(ctx, merge(into, a, s), a.args(p.env, s)...) }}
	all := []filling{profiles}
	if a.target == events.TargetUsers {
		all = []filling{p.identities(ctx, a), profiles} // identities first: they are made of what users held before
	}
	if err := p.runApplication(ctx, a, all...); err != nil {
		return err
	}
	if a.fold != nil {
		return p.dropPart(ctx, staged, a.part)
	}
	return nil
}

// stagedUsers are the rows to apply, with the sequence each stands for. An upload
// that this user's row reflects already is left out by the comparison of sequences.
const stagedUsers = `(
  SELECT shard, user_id, if(seq = 0, {seq:UInt64}, seq) AS seq, pos, fields, phone, openid, tags, attributes
  FROM staged_users WHERE run = {run:String} AND part = {part:String} AND shard BETWEEN {lo:UInt64} AND {hi:UInt64}
) AS n`

func (p *usersProjection) stored(staged string) string {
	return `(
  SELECT user_id, seq, phone, openid, attributes, tags
  FROM ` + p.env.tables.of("users") + ` FINAL
  WHERE biz = {biz:String} AND shard BETWEEN {lo:UInt64} AND {hi:UInt64}
    AND user_id IN (SELECT user_id FROM ` + staged + ` WHERE run = {run:String} AND part = {part:String} AND shard BETWEEN {lo:UInt64} AND {hi:UInt64})
) AS o`
}

// merged puts the rows of each user beside what is stored. Of several rows of one
// user the last wins, field by field.
func (p *usersProjection) merged(unique bool) string {
	from := `
  FROM ` + stagedUsers + `
  LEFT JOIN ` + p.stored("staged_users") + ` ON n.user_id = o.user_id
  WHERE n.seq > o.seq`
	if unique {
		return `(
  SELECT n.user_id AS id, n.seq AS s, n.fields AS f,
    n.phone AS new_phone, n.openid AS new_openid, n.tags AS new_tags, n.attributes AS new_attributes, [n.phone] AS phones, [n.openid] AS openids,
    o.phone AS old_phone, o.openid AS old_openid, o.attributes AS old_attributes, o.tags AS old_tags` + from + `
)`
	}
	return `(
  SELECT n.user_id AS id, max(n.seq) AS s, groupBitOr(n.fields) AS f,
    argMaxIf(n.phone, n.pos, bitTest(n.fields, 0)) AS new_phone,
    argMaxIf(n.openid, n.pos, bitTest(n.fields, 1)) AS new_openid,
    argMaxIf(n.tags, n.pos, bitTest(n.fields, 2)) AS new_tags,
    argMaxIf(n.attributes, n.pos, bitTest(n.fields, 3)) AS new_attributes,
    groupUniqArrayIf(n.phone, bitTest(n.fields, 0)) AS phones,
    groupUniqArrayIf(n.openid, bitTest(n.fields, 1)) AS openids,
    any(o.phone) AS old_phone, any(o.openid) AS old_openid, any(o.attributes) AS old_attributes, any(o.tags) AS old_tags` + from + `
  GROUP BY n.user_id
)`
}

func (p *usersProjection) mergeUsers(table string, a *application, s slice) string {
	return `INSERT INTO ` + table + ` (biz, shard, user_id, seq, phone, openid, attributes, tags)
SELECT {biz:String}, bitShiftRight(id, 16), id, s,
  if(bitTest(f, 0), new_phone, old_phone),
  if(bitTest(f, 1), new_openid, old_openid),
  if(bitTest(f, 3), new_attributes, old_attributes),
  if(bitTest(f, 2), new_tags, old_tags)
FROM ` + p.merged(s.unique) + a.settings()
}

// mergeTags: of several rows of one user and tag the last wins. The rows of a fold
// stand for different sequences, so each is compared with what is stored.
func (p *usersProjection) mergeTags(table string, a *application, _ slice) string {
	into := `INSERT INTO ` + table + ` (biz, shard, user_id, seq, phone, openid, attributes, tags)
`
	if a.fold == nil {
		return into + p.mergedTags() + manyBlocks + inOrder
	}
	return into + `SELECT {biz:String}, bitShiftRight(id, 16), id, max(s), any(old_phone), any(old_openid), any(old_attributes),
  arraySort(arrayConcat(arrayFilter(t -> NOT has(groupArray(tag) AS named, t), any(old_tags)), groupArrayIf(tag, NOT gone)))
FROM (
  SELECT n.user_id AS id, n.tag_id AS tag, max(n.seq) AS s, argMax(n.remove, n.pos) AS gone,
    any(o.phone) AS old_phone, any(o.openid) AS old_openid, any(o.attributes) AS old_attributes, any(o.tags) AS old_tags
  FROM (
    SELECT user_id, tag_id, seq, pos, remove
    FROM staged_tags WHERE run = {run:String} AND part = {part:String} AND shard BETWEEN {lo:UInt64} AND {hi:UInt64}
  ) AS n
  LEFT JOIN ` + p.stored("staged_tags") + ` ON n.user_id = o.user_id
  WHERE n.seq > o.seq
  GROUP BY n.user_id, n.tag_id
)
GROUP BY id` + oneBlock
}

// mergedTags groups the rows of one upload, all of one sequence, before it looks at
// what is stored: profiles are wide, and this way none is carried through a group.
func (p *usersProjection) mergedTags() string {
	return `SELECT {biz:String}, n.shard, n.user_id, {seq:UInt64}, o.phone, o.openid, o.attributes,
  arraySort(arrayConcat(arrayFilter(t -> NOT has(n.named, t), o.tags), n.added))
FROM (
  SELECT shard, user_id, groupArray(tag) AS named, groupArrayIf(tag, NOT gone) AS added
  FROM (
    SELECT shard, user_id, tag_id AS tag, argMax(remove, pos) AS gone
    FROM staged_tags WHERE run = {run:String} AND part = {part:String} AND shard BETWEEN {lo:UInt64} AND {hi:UInt64}
    GROUP BY shard, user_id, tag_id
  )
  GROUP BY shard, user_id
) AS n
LEFT JOIN ` + p.stored("staged_tags") + ` ON n.user_id = o.user_id
WHERE o.seq < {seq:UInt64}`
}

// identities writes a live row for the value a user has now, and a dead one for
// every value it had or, within a fold, would have had in between.
func (p *usersProjection) identities(ctx context.Context, a *application) filling {
	grouped := `arrayConcat(
  if(bitTest(f, 0), arrayMap(x -> ('phone', toString(x), toUInt8(x = new_phone)), arrayFilter(x -> x != 0, arrayDistinct(arrayPushBack(phones, old_phone)))), []),
  if(bitTest(f, 1), arrayMap(x -> ('openid', x, toUInt8(x = new_openid)), arrayFilter(x -> x != '', arrayDistinct(arrayPushBack(openids, old_openid)))), [])
) AS v`
	unique := `[
  ('phone', if(bitTest(f, 0) AND new_phone != 0, toString(new_phone), ''), toUInt8(1)),
  ('phone', if(bitTest(f, 0) AND old_phone NOT IN (0, new_phone), toString(old_phone), ''), toUInt8(0)),
  ('openid', if(bitTest(f, 1), new_openid, ''), toUInt8(1)),
  ('openid', if(bitTest(f, 1) AND old_openid != new_openid, old_openid, ''), toUInt8(0))
] AS v WHERE v.2 != ''`
	return filling{"identities", func(into string, s slice) error {
		values := grouped
		if s.unique {
			values = unique
		}
		return p.db.Exec(ctx, "INSERT INTO "+into+" (biz, kind, value, user_id, seq, live)\nSELECT {biz:String}, v.1, v.2, id, s, v.3 FROM "+
			p.merged(s.unique)+"\nARRAY JOIN "+values+a.settings(), a.args(p.env, s)...)
	}}
}
