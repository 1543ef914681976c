package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

// generator makes synthetic people: the same seed gives the same files.
type generator struct {
	users  int
	orders int // per hundred users
	tags   int // how many different tags there are; each user has about three
	seed   uint64
	today  time.Time
}

func generateCommand() *cobra.Command {
	g := generator{}
	var dir, today string
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write synthetic users.csv, tags.csv, orders.csv and ids.txt",
		Args:  exactArgs(),
		RunE: func(_ *cobra.Command, _ []string) error {
			g.today = time.Now().UTC().Truncate(24 * time.Hour)
			if today != "" {
				var err error
				if g.today, err = time.Parse(time.DateOnly, today); err != nil {
					return usageError{fmt.Errorf("--today takes a day as 2026-01-31: %w", err)}
				}
			}
			if g.users < 1 || g.tags < 1 || g.orders < 0 {
				return usageError{fmt.Errorf("--users and --tags must be 1 or more, --orders 0 or more")}
			}
			return g.writeAll(dir)
		},
	}
	f := cmd.Flags()
	f.IntVar(&g.users, "users", 10_000, "how many users")
	f.IntVar(&g.orders, "orders", 50, "orders per hundred users, over the last 30 days")
	f.IntVar(&g.tags, "tags", 20, "how many different tags")
	f.Uint64Var(&g.seed, "seed", 1, "the same seed gives the same files")
	f.StringVar(&today, "today", "", "the day the last orders are on, 2026-01-31 (default: today)")
	f.StringVar(&dir, "dir", "sample", "where the files go")
	return cmd
}

func (g generator) writeAll(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, file := range []struct {
		name  string
		write func(*bufio.Writer, *rand.Rand)
	}{
		{"users.csv", g.writeUsers}, {"tags.csv", g.writeTags}, {"orders.csv", g.writeOrders}, {"ids.txt", g.writeIDs},
	} {
		if err := writeFile(filepath.Join(dir, file.name), func(w io.Writer) error {
			b := bufio.NewWriterSize(w, 1<<20)
			file.write(b, rand.New(rand.NewPCG(g.seed, uint64(len(file.name)))))
			return b.Flush()
		}); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return write(f)
}

func (g generator) writeUsers(w *bufio.Writer, _ *rand.Rand) {
	fmt.Fprintln(w, "user_id,phone,openid,attributes")
	for u := 1; u <= g.users; u++ {
		fmt.Fprintf(w, "%d,%d,openid-%d,\"{\"\"name\"\":\"\"User %d\"\"}\"\n", u, 13_000_000_000+u, u, u)
	}
}

func (g generator) writeTags(w *bufio.Writer, r *rand.Rand) {
	fmt.Fprintln(w, "user_id,tag_id,op")
	for u := 1; u <= g.users; u++ {
		first := r.IntN(g.tags)
		for i := range min(3, g.tags) {
			fmt.Fprintf(w, "%d,%d,add\n", u, 1+(first+i*7)%g.tags)
		}
	}
}

func (g generator) writeOrders(w *bufio.Writer, r *rand.Rand) {
	fmt.Fprintln(w, "order_id,user_id,product_id,product_group_id,amount,paid_at,status")
	for o := 1; o <= g.users*g.orders/100; o++ {
		at := g.today.Add(-time.Duration(r.IntN(30*24*3600)) * time.Second)
		product := 1 + r.IntN(100)
		status := "paid"
		if r.IntN(20) == 0 {
			status = "refunded"
		}
		fmt.Fprintf(w, "o%d,%d,%d,%d,%d.%02d,%s,%s\n", o, 1+r.IntN(g.users), product, 1+product/10,
			1+r.IntN(200), r.IntN(100), at.Format(time.RFC3339), status)
	}
}

func (g generator) writeIDs(w *bufio.Writer, _ *rand.Rand) {
	for u := 1; u <= g.users; u += 2 {
		fmt.Fprintln(w, u)
	}
}
