package store_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// filo stands between the program and PostgreSQL. Once taglia is set it cuts the
// line at the next commit: before it reaches the server, or before the answer
// reaches the program.
type filo struct {
	net.Listener
	a      string
	taglia atomic.Int32
	rotto  atomic.Bool // nobody gets through any more
}

const (
	primaDelCommit = 1 + iota
	dopoIlCommit
)

func (x *filo) gira() {
	for {
		c, err := x.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", x.a)
		if err != nil || x.rotto.Load() {
			_ = c.Close()
			continue
		}
		chiudi := func() { _, _ = c.Close(), s.Close() }
		go x.passa(s, c, []byte("commit\x00"), primaDelCommit, chiudi)
		go x.passa(c, s, []byte("COMMIT\x00"), dopoIlCommit, chiudi)
	}
}

// passa carries bytes until what is to be cut goes by.
func (x *filo) passa(dst io.Writer, src io.Reader, segno []byte, quando int32, chiudi func()) {
	defer chiudi()
	buf := make([]byte, 64<<10)
	for {
		n, err := src.Read(buf)
		if bytes.Contains(buf[:n], segno) && x.taglia.CompareAndSwap(quando, 0) {
			return
		}
		if _, e := dst.Write(buf[:n]); e != nil || err != nil {
			return
		}
	}
}

// A commit whose answer is lost was done, and is told as done; one that never
// arrived is done again. Nothing is there twice.
func TestRispostaPersa(t *testing.T) {
	ctx := context.Background()
	b := storetest.Postgres(t)
	u, err := url.Parse(b.URL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &filo{Listener: l, a: u.Host}
	go x.gira()
	u.Host = l.Addr().String()
	s, err := store.Open(ctx, store.Config{Dir: t.TempDir(), URL: u.String(), Now: b.Orologio.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(); _ = l.Close() })
	vuole := 0
	for _, quando := range []int32{0, dopoIlCommit, primaDelCommit, dopoIlCommit, 0} {
		x.taglia.Store(quando)
		if _, err := finta(ctx, b.Ente, s); err == nil {
			vuole++
		} else if quando != primaDelCommit {
			t.Errorf("line cut at %d: %v", quando, err)
		}
		if n := store.QuantePratiche(ctx, s); n != vuole {
			t.Fatalf("line cut at %d: %d cases, want %d", quando, n, vuole)
		}
	}
	if vuole < 4 {
		t.Errorf("only %d of 5 were stored", vuole)
	}
	x.rotto.Store(true)
	x.taglia.Store(dopoIlCommit)
	if testing.Short() {
		return
	}
	if _, err := finta(ctx, b.Ente, s); !fault.Is(err, fault.Unavailable) || !bytes.Contains([]byte(fault.Message(err)), []byte("non sappiamo")) {
		t.Errorf("the server gone for good: %v", err)
	}
}

// finta stores the rows of a case and nothing in it.
func finta(ctx context.Context, ente string, s *store.Store) (vault.ID, error) {
	return storetest.Finta{Oggetto: access.Oggetto{Ente: ente}}.Metti(ctx, s)
}
