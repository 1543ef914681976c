package gateway

import (
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"
)

// Subjects between gateways, on core NATS.
const (
	subjectRebuild  = "muster.gateways.rebuild"  // a Rebuild, when it begins and ends, and again while it runs
	subjectRebuilds = "muster.gateways.rebuilds" // a question to all: tell what you know
)

const (
	rebuildTold   = 2 * time.Second  // how often a gateway says that a rebuild goes on
	rebuildMissed = 20 * time.Second // silence after which it is taken for lost
)

// meet listens to the other gateways and asks what they know.
func (r *RemoteRebuilds) meet() {
	for subject, fn := range map[string]nats.MsgHandler{
		subjectRebuild:  func(m *nats.Msg) { r.hear(m.Data) },
		subjectRebuilds: func(*nats.Msg) { r.tellAll() },
	} {
		sub, err := r.nc.Subscribe(subject, fn)
		if err != nil {
			r.log.Warn("rebuilds asked of other gateways are not shown here", "err", err)
			return
		}
		r.subs = append(r.subs, sub)
	}
	if err := r.nc.Publish(subjectRebuilds, nil); err != nil {
		r.log.Warn("what became of earlier rebuilds is not known here", "err", err)
	}
}

func (r *RemoteRebuilds) tell(one Rebuild) {
	data, err := json.Marshal(one)
	if err == nil {
		err = r.nc.Publish(subjectRebuild, data)
	}
	if err != nil { // the others miss it soon, and say so
		r.log.Debug("cannot tell the other gateways of a rebuild", "err", err)
	}
}

// tellUntil says that a rebuild goes on, until it does not.
func (r *RemoteRebuilds) tellUntil(quit <-chan struct{}, one Rebuild) {
	tick := time.NewTicker(rebuildTold)
	defer tick.Stop()
	for {
		r.tell(one)
		select {
		case <-quit:
			return
		case <-tick.C:
		}
	}
}

// tellAll answers a gateway that has just begun.
func (r *RemoteRebuilds) tellAll() {
	r.mu.Lock()
	var list []Rebuild
	for _, k := range r.known {
		if k.own || k.EndedAt != nil { // of the others' only what is final
			list = append(list, k.Rebuild)
		}
	}
	r.mu.Unlock()
	for _, one := range list {
		r.tell(one)
	}
}

// hear takes in what another gateway tells. What ended does not begin again; what was missed and is
// heard of after all does.
func (r *RemoteRebuilds) hear(data []byte) {
	one, ok := decodeRebuild(data)
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.known[one.ID]
	if k != nil && (k.own || k.EndedAt != nil && k.Error != lostRebuild) {
		return
	}
	r.keep(&rebuildSeen{Rebuild: one, heard: time.Now()})
}

const lostRebuild = "the gateway that was asked for it is gone: nobody knows how it ended"

// missing ends rebuilds of gateways that are not heard any more. r.mu is held.
func (r *RemoteRebuilds) missing() {
	for _, k := range r.known {
		if k.Status == rebuildRunning && !k.own && time.Since(k.heard) > rebuildMissed {
			now := time.Now().UTC()
			k.Status, k.EndedAt, k.Error = rebuildFailed, &now, lostRebuild
		}
	}
}
