package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tutela/internal/fault"
)

//go:embed migrations/*.sql
var migrazioni embed.FS

// The marks of the migrations, in each engine's words. A file whose name ends in
// .sqlite.sql or .postgres.sql is for that engine alone.
var parole = map[string]*strings.Replacer{
	"sqlite": strings.NewReplacer("BYTES", "blob", "INT8", "integer", "NKEY", "integer primary key",
		") ROWS;", ") strict;", ") SLIM;", ") strict, without rowid;"),
	"postgres": strings.NewReplacer("BYTES", "bytea", "INT8", "bigint", "NKEY", "bigint primary key",
		") ROWS;", ");", ") SLIM;", ");"),
}

// migra brings the schema to the newest version. It goes forward only, each
// migration in its own transaction; on PostgreSQL one node at a time.
func migra(ctx context.Context, db *sql.DB, motore string) error {
	testi := fstest.MapFS{}
	err := fs.WalkDir(migrazioni, "migrations", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		nome := d.Name()
		for altro := range parole {
			if altro != motore && strings.HasSuffix(nome, "."+altro+".sql") {
				return nil
			}
		}
		b, err := migrazioni.ReadFile(p)
		if err != nil {
			return err
		}
		testi[strings.Replace(nome, "."+motore+".sql", ".sql", 1)] = &fstest.MapFile{Data: []byte(parole[motore].Replace(string(b)))}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	dialetto := goose.DialectSQLite3
	var opzioni []goose.ProviderOption
	if motore == "postgres" {
		dialetto = goose.DialectPostgres
		chiusura, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return fmt.Errorf("make migration lock: %w", err)
		}
		opzioni = append(opzioni, goose.WithSessionLocker(chiusura))
	}
	p, err := goose.NewProvider(dialetto, db, testi, append(opzioni, goose.WithVerbose(false))...)
	if err != nil {
		return fmt.Errorf("load migrations: %w", err)
	}
	_, ultima, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	corrente, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if corrente > ultima {
		return fault.New(fault.Unavailable, fmt.Sprintf("Lo schema dei dati (versione %d) è più nuovo di questo programma (versione %d): aggiorna il programma.", corrente, ultima))
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
