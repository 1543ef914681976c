package e2e

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

const cdnow = "../../shared/data/cdnow.csv.gz"

// purchase is one row of the CDNOW data: days are calendar days.
type purchase struct {
	customer int
	day      time.Time
}

// Every count over real purchases equals one computed straight from the file.
func TestRealPurchases(t *testing.T) {
	purchases := readPurchases(t)
	s := start(t, t.TempDir())
	s.json(200, "PUT", "/v1/cdnow?wait=30s", object{"name": "CDNOW", "timezone": "America/New_York"})
	var users, orders strings.Builder
	users.WriteString("user_id,openid\n")
	orders.WriteString("order_id,user_id,amount,paid_at,status\n")
	seen := map[int]bool{}
	for i, p := range purchases {
		if !seen[p.customer] {
			seen[p.customer] = true
			fmt.Fprintf(&users, "%d,c-%d\n", p.customer, p.customer)
		}
		fmt.Fprintf(&orders, "%d,%d,1,%s 12:00:00,paid\n", i, p.customer, p.day.Format(time.DateOnly))
	}
	s.csv("/v1/cdnow/users:import", users.String())
	r := s.csv("/v1/cdnow/orders:import", orders.String())
	if num(r["accepted"]) != uint64(len(purchases)) {
		t.Fatalf("import took %v of %d purchases", r, len(purchases))
	}
	for _, c := range []struct {
		days, moreThan int
		until          string
	}{
		{2, 2, "1997-01-15"}, {2, 2, "1997-02-02"}, {2, 2, "1997-03-25"}, {2, 2, "1998-06-30"}, {2, 1, "1997-02-01"},
		{1, 1, "1997-03-01"}, {30, 3, "1997-04-07"}, {365, 10, "1997-12-31"}, {600, 5, "1998-06-30"}, {7, 0, "1997-04-06"},
	} {
		until, err := time.Parse(time.DateOnly, c.until)
		if err != nil {
			t.Fatal(err)
		}
		want := buyers(purchases, until, c.days, c.moreThan)
		where := fmt.Sprintf("orders(days=%d, until=%s) > %d", c.days, c.until, c.moreThan)
		if got := s.count("cdnow", where); got != want {
			t.Errorf("%s counts %d, the file says %d", where, got, want)
		}
		json := object{"orders": object{"days": c.days, "more_than": c.moreThan, "until": c.until}}
		if got := s.count("cdnow", json); got != want {
			t.Errorf("%v counts %d, the file says %d", json, got, want)
		}
	}
}

// buyers counts customers with more than n purchases on the days ending with until.
func buyers(purchases []purchase, until time.Time, days, n int) (count uint64) {
	from := until.AddDate(0, 0, 1-days)
	per := map[int]int{}
	for _, p := range purchases {
		if !p.day.Before(from) && !p.day.After(until) {
			per[p.customer]++
		}
	}
	for _, k := range per {
		if k > n {
			count++
		}
	}
	return count
}

func readPurchases(t *testing.T) []purchase {
	t.Helper()
	f, err := os.Open(cdnow)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the CDNOW purchases are not beside this repository: skipping what needs them")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(z)
	if _, err := r.Read(); err != nil { // the header
		t.Fatal(err)
	}
	var all []purchase
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		var p purchase
		if _, err := fmt.Sscan(rec[1], &p.customer); err != nil {
			t.Fatal(err)
		}
		if p.day, err = time.Parse(time.DateOnly, rec[2]); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
