package rows

import "time"

// User is one row of users. A nil field was absent: what is stored stays as it is.
type User struct {
	UserID     uint64
	Phone      *uint64           // digits; 0 clears
	OpenID     *string           // "" clears
	Tags       []uint32          // the exact list, when HasTags; ascending, without duplicates
	HasTags    bool              //
	Attributes map[string]string // all of them, when not nil
}

// Tag is one assignment or removal.
type Tag struct {
	UserID uint64
	TagID  uint32
	Remove bool
}

// Order is one order; the last row with an order id wins.
type Order struct {
	OrderID        string
	UserID         uint64
	ProductID      uint64
	ProductGroupID uint64
	Amount         string    // decimal, at most 4 places
	PaidAt         time.Time // UTC, milliseconds
	Status         string    // paid, refunded, cancelled, ... ; refunded and cancelled are never counted
}
