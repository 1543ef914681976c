package main

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"muster/projections/queries"
	"muster/sends"
)

// sendReads lets sends read the read model: neither package knows the other.
type sendReads struct{ *queries.Queries }

// Addresses implements sends.AddressReader.
func (r sendReads) Addresses(ctx context.Context, biz string, users *roaring64.Bitmap, attributes []string, fn func(sends.Address) error) error {
	return r.Queries.Addresses(ctx, biz, users, attributes, func(a queries.Address) error {
		return fn(sends.Address{UserID: a.UserID, OpenID: a.OpenID, Attributes: a.Attributes})
	})
}
