package gateway

import (
	"context"

	"muster/events"
	"muster/projections/queries"
)

// EachUnmatched calls fn with the phones that matched nobody, of all versions since the members were last
// replaced. It holds a page of versions and a chunk of phones at a time.
func (r *ReadModel) EachUnmatched(ctx context.Context, biz string, group uint64, fn func(uint64) error) error {
	for before := uint64(0); ; {
		page, err := r.q.GroupVersions(ctx, biz, group, before, queries.MaxPage)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			v := &page[i]
			if v.Unmatched > 0 {
				if err := r.q.Unmatched(ctx, biz, v.UploadID, fn); err != nil {
					return err
				}
			}
			if v.Op == string(events.OpReplace) || v.Version == 1 {
				return nil
			}
			before = v.Version
		}
	}
}
