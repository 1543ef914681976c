package clickhouse

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
	"text/template"
	"time"

	"muster/internal/clickhouse/sqltext"
	"muster/internal/fault"
)

// migration is one file: NNNN_name.sql.
type migration struct {
	name       string // "0001_read_model"
	checksum   string // sha256 of the file as written, hexadecimal
	statements []string
}

// step is what the table schema_migrations says of one statement.
type step struct {
	Name      string `ch:"name"`
	Statement uint32 `ch:"statement"`
	Checksum  string `ch:"checksum"`
	Done      uint8  `ch:"done"`
}

// migrationName is the form of a file's name.
const migrationName = `^\d{4}_[a-z0-9_]+\.sql$`

// Migrate applies the files NNNN_name.sql at the root of files that the
// database has not had yet, in order, and returns their names. The files are
// text/template over a Layout.
//
// Every statement is noted before and after it runs, so a run that was cut off
// goes on where it stopped. A file that changed after it was applied, or one
// the database knows and files does not, is a fault.Conflict. Of several runs
// at once one works and the others wait (see lock).
func Migrate(ctx context.Context, db *DB, files fs.FS, l Layout) (applied []string, err error) {
	all, err := readMigrations(files, l)
	if err != nil {
		return nil, err
	}
	if err := db.Exec(ctx, "CREATE TABLE IF NOT EXISTS schema_migrations"+l.OnCluster()+
		" (name String, statement UInt32, checksum String, done UInt8, at DateTime64(3, 'UTC')) ENGINE = "+
		l.Engine("ReplacingMergeTree", "done")+" ORDER BY (name, statement)"); err != nil {
		return nil, err
	}
	// The common case, nothing to do, needs no lock.
	if todo, err := pending(ctx, db, all); err != nil || len(todo) == 0 {
		return nil, err
	}
	unlock, err := lock(ctx, db, l)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	todo, err := pending(ctx, db, all)
	if err != nil {
		return nil, err
	}
	for _, t := range todo {
		if err := t.apply(ctx, db); err != nil {
			return applied, err
		}
		applied = append(applied, t.name)
	}
	return applied, nil
}

// readMigrations reads and renders all files, in order.
func readMigrations(files fs.FS, l Layout) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "list migrations")
	}
	sort.Strings(names)
	wellNamed := regexp.MustCompile(migrationName)
	var all []migration
	for _, name := range names {
		if !wellNamed.MatchString(path.Base(name)) {
			return nil, fault.New(fault.Invalid, "migration %s: the name must be like 0001_name.sql", name)
		}
		if n := len(all); n > 0 && all[n-1].name[:4] == name[:4] {
			return nil, fault.New(fault.Invalid, "migrations %s and %s have the same number", all[n-1].name, name)
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "read migration "+name)
		}
		sql, err := render(name, string(raw), l)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "render migration "+name)
		}
		sum := sha256.Sum256(raw)
		all = append(all, migration{strings.TrimSuffix(name, ".sql"), hex.EncodeToString(sum[:]), sqltext.Split(sql)})
	}
	return all, nil
}

func render(name, text string, l Layout) (string, error) {
	t, err := template.New(name).Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, l)
	return b.String(), err
}

// todo is what is left of a migration: its statements from one on, the first
// of which may have run already.
type todo struct {
	migration
	from  int
	begun bool
}

// pending compares the files with what the database says was applied.
func pending(ctx context.Context, db *DB, all []migration) ([]todo, error) {
	var steps []step
	if err := db.Select(ctx, &steps, "SELECT name, statement, checksum, done FROM schema_migrations FINAL ORDER BY name, statement"); err != nil {
		return nil, err
	}
	known := map[string][]step{}
	for _, s := range steps {
		known[s.Name] = append(known[s.Name], s)
	}
	var out []todo
	for _, m := range all {
		t := todo{migration: m}
		for _, s := range known[m.name] {
			if s.Checksum != m.checksum {
				return nil, fault.New(fault.Conflict, "migration %s was changed after it was applied: restore it and write a new one", m.name)
			}
			if t.begun = s.Done == 0; !t.begun {
				t.from = int(s.Statement) + 1
			}
		}
		delete(known, m.name)
		if t.from < len(m.statements) {
			out = append(out, t)
		}
	}
	for name := range known {
		return nil, fault.New(fault.Conflict, "the database has migration %s, which this Muster does not know: it is older than the database", name)
	}
	return out, nil
}

// apply runs what is left of a migration.
func (t todo) apply(ctx context.Context, db *DB) error {
	for i := t.from; i < len(t.statements); i++ {
		if err := t.note(ctx, db, i, 0); err != nil {
			return err
		}
		err := db.Exec(ctx, t.statements[i])
		if err != nil && (!t.begun || i != t.from || !alreadyDone(err)) {
			return fmt.Errorf("migration %s, statement %d: %w", t.name, i+1, err)
		}
		if err := t.note(ctx, db, i, 1); err != nil {
			return err
		}
	}
	return nil
}

func (t todo) note(ctx context.Context, db *DB, statement int, done uint8) error {
	b, err := db.PrepareBatch(ctx, "INSERT INTO schema_migrations (name, statement, checksum, done, at)")
	if err != nil {
		return err
	}
	if err := b.Append(t.name, uint32(statement), t.checksum, done, time.Now()); err != nil {
		return fault.Wrap(fault.Internal, err, "note a migration")
	}
	return db.SendBatch(ctx, b)
}

// alreadyDone recognizes what repeating a statement that had run gives: the
// table, column or index is there, or gone, already.
func alreadyDone(err error) bool {
	return IsCode(err, CodeTableExists, CodeUnknownTable, 10, 15, 44, 16)
}

const lockTable = "schema_migrations_lock"

// staleLock is how old a lock may be before it is taken for that of a process
// that died. No migration of Muster's takes minutes: they run over empty tables.
const staleLock = 10 * time.Minute

// lock makes this run the only one. ClickHouse has no locks, but CREATE TABLE
// is atomic: of several at once one succeeds. The others wait until the table
// is gone. On a cluster that holds per node that answers first; a cluster
// still wants one migrating process at a time, which its deployment gives it.
func lock(ctx context.Context, db *DB, l Layout) (unlock func() error, err error) {
	owner := rand.Text()
	create := "CREATE TABLE " + lockTable + l.OnCluster() + " (a UInt8) ENGINE = " + l.Engine("MergeTree") + " ORDER BY a COMMENT '" + owner + "'"
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		err := db.Exec(ctx, create)
		if err == nil {
			return func() error { return db.DropTable(context.WithoutCancel(ctx), l, lockTable) }, nil
		}
		if !IsCode(err, CodeTableExists) {
			return nil, err
		}
		var age int64
		err = db.QueryRow(ctx, "SELECT dateDiff('second', metadata_modification_time, now()) FROM system.tables WHERE database = currentDatabase() AND name = {name:String} AND metadata_modification_time > 0",
			Named("name", lockTable)).Scan(&age)
		if err == nil && time.Duration(age)*time.Second > staleLock { // an engine that knows no time says none: then nothing is stale
			if err := db.DropTable(ctx, l, lockTable); err != nil {
				return nil, err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil, fault.Wrap(fault.Timeout, ctx.Err(), "wait for another process that migrates the database")
		case <-again.C:
		}
	}
}
