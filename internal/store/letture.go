package store

import (
	"context"
	"database/sql"
	"sync"
)

// maxPronte is how many texts of queries are kept prepared: those of lists differ
// by filter and by number of offices.
const maxPronte = 256

// pronte are the queries prepared on the readers. SQLite reads a query's text
// again each time it is asked, which costs more than most answers; the driver of
// PostgreSQL remembers by itself. Safe for many goroutines.
type pronte struct {
	db *sql.DB
	mu sync.RWMutex
	di map[string]*sql.Stmt // nil on PostgreSQL
}

func (p *pronte) una(ctx context.Context, q string) (*sql.Stmt, error) {
	p.mu.RLock()
	s, n := p.di[q], len(p.di)
	p.mu.RUnlock()
	if s != nil || p.di == nil || n >= maxPronte {
		return s, nil
	}
	s, err := p.db.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if altra := p.di[q]; altra != nil { // somebody was quicker
		return altra, s.Close() //nolint:sqlclosecheck // the other one is kept
	}
	p.di[q] = s
	return s, nil
}

// QueryContext is that of sql.DB, on a prepared statement where there is one.
func (p *pronte) QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	s, err := p.una(ctx, q) //nolint:sqlclosecheck // shared, not ours to close
	if err != nil {
		return nil, err
	}
	if s == nil {
		return p.db.QueryContext(ctx, q, args...)
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext is that of sql.DB, on a prepared statement where there is one.
func (p *pronte) QueryRowContext(ctx context.Context, q string, args ...any) *sql.Row {
	s, err := p.una(ctx, q) //nolint:sqlclosecheck // shared, not ours to close
	if s == nil || err != nil {
		return p.db.QueryRowContext(ctx, q, args...)
	}
	return s.QueryRowContext(ctx, args...)
}

// interi reads whole numbers, a row each.
func (p *pronte) interi(ctx context.Context, q string, args ...any) ([]int64, error) {
	rows, err := p.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
