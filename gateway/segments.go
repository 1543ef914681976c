package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"muster/segments"
)

const tagSegments = "Segments"

// Counted is the exact number of a segment's users.
type Counted struct {
	Count  ID      `json:"count"`
	TookMS float64 `json:"took_ms"`
	Seq    ID      `json:"seq" doc:"The sequence of the log that the read model stood at, or behind"`
}

// Sampled are some users of a segment, the lowest ids.
type Sampled struct {
	Users  []ID    `json:"users"`
	TookMS float64 `json:"took_ms"`
}

// SegmentInput asks about a segment.
type SegmentInput struct {
	InBiz
	Reading
	Body struct {
		Where rawJSON `json:"where" doc:"The segment: JSON, or text in a JSON string"`
	}
}

func (in *SegmentInput) where() (string, Reading) { return in.Biz, in.Reading }

// segment parses and checks a segment, in either form.
func segment(where rawJSON) (segments.Node, error) {
	return segments.ParseWhere(json.RawMessage(where))
}

func (g *Gateway) registerSegments() {
	read(g, at(Viewer, http.MethodPost, "/v1/{biz}/segments:count", "count-segment", tagSegments, "Count a segment's users exactly"), (*SegmentInput).where,
		func(ctx context.Context, in *SegmentInput) (*found[Counted], error) {
			n, zone, err := g.parsed(in)
			if err != nil {
				return nil, err
			}
			c, err := g.opt.Queries.Count(ctx, in.Biz, zone, n)
			return &found[Counted]{c}, err
		})
	type sample struct {
		SegmentInput
		Limit int `query:"limit" minimum:"1" maximum:"10000" default:"100"`
	}
	read(g, at(Viewer, http.MethodPost, "/v1/{biz}/segments:sample", "sample-segment", tagSegments, "Some users of a segment"),
		func(in *sample) (string, Reading) { return in.Biz, in.Reading },
		func(ctx context.Context, in *sample) (*found[Sampled], error) {
			n, zone, err := g.parsed(&in.SegmentInput)
			if err != nil {
				return nil, err
			}
			start := g.opt.Clock()
			users, err := g.opt.Queries.Sample(ctx, in.Biz, zone, n, in.Limit)
			return &found[Sampled]{Sampled{Users: ids(users), TookMS: millis(g.opt.Clock().Sub(start))}}, err
		})
	read(g, at(Viewer, http.MethodPost, "/v1/{biz}/segments:explain", "explain-segment", tagSegments, "What each clause of a segment contributes, and the SQL"), (*SegmentInput).where,
		func(ctx context.Context, in *SegmentInput) (*found[Explanation], error) {
			n, zone, err := g.parsed(in)
			if err != nil {
				return nil, err
			}
			ex, err := g.opt.Queries.Explain(ctx, in.Biz, zone, n)
			return &found[Explanation]{ex}, err
		})
}

func (g *Gateway) parsed(in *SegmentInput) (segments.Node, *time.Location, error) {
	b, err := g.state.biz(in.Biz)
	if err != nil {
		return nil, nil, err
	}
	n, err := segment(in.Body.Where)
	return n, b.Location, err
}
