package commands

import (
	"container/list"

	"muster/events"
)

// cacheWeight bounds what one lane keeps in memory: an aggregate weighs 16 and one
// for every command it answered, so this is some tens of megabytes.
const cacheWeight = 1 << 18

// cache keeps the aggregates used last. It belongs to one lane and has no lock.
type cache struct {
	max, weight int
	order       *list.List // of *cached; the front was used last
	bySubject   map[events.Subject]*list.Element
}

type cached struct {
	root   *root
	weight int
}

func newCache(limit int) *cache {
	return &cache{max: limit, order: list.New(), bySubject: map[events.Subject]*list.Element{}}
}

// get returns the aggregate as it was kept, or an empty one.
func (c *cache) get(s events.Subject) *root {
	if el, ok := c.bySubject[s]; ok {
		c.order.MoveToFront(el)
		return el.Value.(*cached).root
	}
	return newRoot(s)
}

// keep takes an aggregate in its present size and lets those go that were not used
// for longest; never the one given.
func (c *cache) keep(r *root) {
	w := 16 + len(r.answered)
	if el, ok := c.bySubject[r.subject]; ok {
		k := el.Value.(*cached)
		c.weight += w - k.weight
		k.root, k.weight = r, w
	} else {
		c.bySubject[r.subject] = c.order.PushFront(&cached{r, w})
		c.weight += w
	}
	for c.weight > c.max && c.order.Len() > 1 {
		c.drop(c.order.Back().Value.(*cached).root.subject)
	}
}

// drop forgets an aggregate.
func (c *cache) drop(s events.Subject) {
	if el, ok := c.bySubject[s]; ok {
		c.weight -= el.Value.(*cached).weight
		c.order.Remove(el)
		delete(c.bySubject, s)
	}
}
