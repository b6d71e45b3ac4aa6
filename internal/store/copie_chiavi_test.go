package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// copieIn declares a folder of copies for a bench.
func copieIn(t *testing.T, b *storetest.Banco, altre int) string {
	t.Helper()
	dir := t.TempDir()
	if err := (store.Copie{Cartella: dir, Altre: altre}).Salva(filepath.Join(b.Dir, "chiavi")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The ring keeps the newest copy of each hour for a day, of each day for fourteen,
// and the newest of all.
func TestDiTroppo(t *testing.T) {
	ora := time.Date(2026, 3, 20, 10, 30, 0, 0, time.UTC)
	fa := func(eta ...time.Duration) (cc []store.Copia) {
		for _, e := range eta {
			cc = append(cc, store.Copia{Del: ora.Add(-e)})
		}
		return cc
	}
	const h, g = time.Hour, 24 * time.Hour
	for _, x := range []struct {
		nome string
		eta  []time.Duration
		via  []time.Duration
	}{
		{"none", nil, nil},
		{"hours", []time.Duration{0, 10 * time.Minute, h, h + 20*time.Minute, 23 * h}, []time.Duration{10 * time.Minute, h + 20*time.Minute}},
		{"days", []time.Duration{0, 2 * g, 2*g + h, 3 * g, 13 * g}, []time.Duration{2*g + h}},
		{"too old", []time.Duration{0, 13 * g, 14 * g, 15 * g, 400 * g}, []time.Duration{14 * g, 15 * g, 400 * g}},
		{"the last one stays", []time.Duration{30 * g, 31 * g}, []time.Duration{31 * g}},
		{"of a clock that was ahead", []time.Duration{-400 * g, 20 * g}, nil},
	} {
		via := store.DiTroppo(fa(x.eta...), ora)
		if !slices.EqualFunc(via, x.via, func(c store.Copia, e time.Duration) bool { return c.Del.Equal(ora.Add(-e)) }) {
			t.Errorf("%s: %v", x.nome, via)
		}
	}
}

// A copy is whole, readable by nobody else, opens as the key store, and holds no
// server's key; the ring deletes its own and nothing else.
func TestCopiaDelleChiavi(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	dir := copieIn(t, b, 0)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	slots, err := b.Chiavi.Lease(ctx, 3)
	ok(err)
	ok(b.Chiavi.CopiaSeServe(ctx))
	ok(b.Chiavi.CopiaSeServe(ctx)) // not twice in an hour
	_, cc, err := b.Chiavi.Copie()
	ok(err)
	if len(cc) != 1 || !cc[0].Del.Equal(b.Orologio.Now()) {
		t.Fatalf("%+v", cc)
	}
	if i, err := os.Stat(cc[0].File); err != nil || i.Mode().Perm() != 0o600 || i.Size() != cc[0].Byte {
		t.Errorf("%v %v", i.Mode(), err)
	}
	altrove := t.TempDir()
	x, err := os.ReadFile(cc[0].File)
	ok(err)
	ok(os.WriteFile(filepath.Join(altrove, "chiavi.db"), x, 0o600))
	k, err := store.OpenKeys(ctx, altrove, b.Anello)
	ok(err)
	t.Cleanup(func() { ok(k.Close()) })
	if una, err := k.Key(ctx, slots[2].ID); err != nil || string(una) != string(slots[2].Key) {
		t.Errorf("a key of the copy: %v", err)
	}
	if _, err := b.Chiavi.Versioni(ctx, b.Ente, "urp"); err != nil { // a key is made: a copy follows
		t.Fatal(err)
	}
	b.Orologio.Avanza(time.Minute)
	ok(b.Chiavi.CopiaSeServe(ctx))
	if _, cc, err = b.Chiavi.Copie(); err != nil || len(cc) != 1 || !cc[0].Del.Equal(b.Orologio.Now()) {
		t.Errorf("a key was made: %+v %v", cc, err)
	}
	// What the ring must leave alone, and what a copy that was killed left.
	altrui := []string{"chiavi.db", "chiavi-00000000-20200101T000000.000Z.db", "chiavi-nota.txt", filepath.Base(cc[0].File) + ".bak", ".chiavi-00000000-x"}
	for _, nome := range altrui {
		ok(os.WriteFile(filepath.Join(dir, nome), nil, 0o600))
	}
	mezza := filepath.Join(dir, "."+filepath.Base(cc[0].File)+"-123")
	ok(os.WriteFile(mezza, []byte("half"), 0o600))
	ok(os.Chtimes(mezza, b.Orologio.Now(), b.Orologio.Now()))
	for range 20 * 4 {
		b.Orologio.Avanza(6 * time.Hour)
		ok(b.Chiavi.CopiaSeServe(ctx))
	}
	_, cc, err = b.Chiavi.Copie()
	ok(err)
	if eta := b.Orologio.Now().Sub(cc[len(cc)-1].Del); len(cc) < 14 || len(cc) > 20 || eta > store.GiorniCopie*24*time.Hour {
		t.Errorf("%d copies, the oldest of %v", len(cc), eta)
	}
	ee, err := os.ReadDir(dir)
	ok(err)
	if len(ee) != len(cc)+len(altrui) {
		t.Errorf("%d files, %d copies", len(ee), len(cc))
	}
	for _, nome := range altrui {
		if _, err := os.Stat(filepath.Join(dir, nome)); err != nil {
			t.Errorf("%s was not ours: %v", nome, err)
		}
	}
}

// The folder is gone, or the disk is full, for a month: intake goes on, what must not
// be on one disk alone does not, and the last copy stays.
func TestCopieCheNonRiescono(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	dir := copieIn(t, b, 0)
	if _, err := b.Chiavi.Lease(ctx, 10); err != nil {
		t.Fatal(err)
	}
	if err := b.Chiavi.CopiaSeServe(ctx); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir, dir+".via"); err != nil {
		t.Fatal(err)
	}
	ultimo := int64(10)
	for range 30 {
		b.Orologio.Avanza(24 * time.Hour)
		if err := b.Chiavi.CopiaSeServe(ctx); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("no folder: %v", err)
		}
		s, err := b.Chiavi.Lease(ctx, 256)
		if err != nil || len(s) != 256 || s[0].ID <= ultimo {
			t.Fatalf("intake stops: %d %v", len(s), err)
		}
		ultimo = s[255].ID
	}
	if err := os.Rename(dir+".via", dir); err != nil {
		t.Fatal(err)
	}
	_, cc, err := b.Chiavi.Copie()
	if err != nil || len(cc) != 1 {
		t.Fatalf("%v %v", cc, err)
	}
	if n, err := cc[0].Ultimo(ctx); err != nil || n >= ultimo {
		t.Errorf("the copy of a month ago has slot %d: %v", n, err)
	}
	if err := b.Chiavi.CopiaSeServe(ctx); err != nil {
		t.Fatal(err)
	}
	if _, cc, err = b.Chiavi.Copie(); err != nil || len(cc) != 1 || !cc[0].Del.Equal(b.Orologio.Now()) {
		t.Errorf("the old one outlives the new one: %+v %v", cc, err)
	}
}

// A store that is a copy older than the data gives none of the slots that drafts or
// cases may have.
func TestOltre(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	primi, err := b.Chiavi.Lease(ctx, 4)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Chiavi.Oltre(ctx, primi[1].ID); err != nil { // every start: nothing is skipped
		t.Fatal(err)
	}
	dopo, err := b.Chiavi.Lease(ctx, 1)
	if err != nil || dopo[0].ID != primi[3].ID+1 {
		t.Fatalf("%v %v", dopo, err)
	}
	pronte, _, err := b.Chiavi.Ready(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Chiavi.Oltre(ctx, dopo[0].ID+5); err != nil { // given, and not known here
		t.Fatal(err)
	}
	if s, err := b.Chiavi.Lease(ctx, 1); err != nil || s[0].ID != dopo[0].ID+pronte+1 {
		t.Errorf("%v of %d made ahead: %v", s, pronte, err)
	}
	if _, mancano, err := b.Chiavi.Ready(ctx); err != nil || mancano != 0 {
		t.Errorf("%d are missing: %v", mancano, err)
	}
}

// Whoever writes where the copies lie ends nothing: a key is ended by whoever has the
// server's. And a folder of keys that was copied makes no copies among those of the other.
func TestCopiaFalsa(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cartella, chiavi := t.TempDir(), filepath.Join(b.Dir, "chiavi")
	ok(store.Copie{Cartella: cartella}.Salva(chiavi))
	if _, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), segnalazione()); err != nil {
		t.Fatal(err)
	}
	x, err := b.Chiavi.Copia(ctx, cartella)
	ok(err)
	db, err := sql.Open("sqlite", "file:"+x.File)
	ok(err)
	_, err = db.ExecContext(ctx, `insert into eliminati (slot, ente, scarto, il, segno) values (1, $1, 1, '2026-03-02T09:00:00.000Z', $2)`, b.Ente, make([]byte, 32))
	ok(errors.Join(err, db.Close()))
	if la, err := b.Chiavi.EndedElsewhere(ctx); err != nil || len(la) > 0 {
		t.Errorf("believed: %v, %v", la, err)
	}
	ok(b.Chiavi.LearnEnded(ctx))
	if _, err := b.Chiavi.Key(ctx, 1); err != nil {
		t.Errorf("a key was ended by a row in a copy: %v", err)
	}

	altra := t.TempDir()
	for _, nome := range []string{"chiavi.db", "copie.json"} {
		byte, err := os.ReadFile(filepath.Join(chiavi, nome))
		ok(err)
		ok(os.WriteFile(filepath.Join(altra, nome), byte, 0o600))
	}
	prova, err := store.OpenKeys(ctx, altra, b.Anello)
	ok(err)
	defer func() { ok(prova.Close()) }()
	prova.Now = func() time.Time { return b.Orologio.Now().AddDate(6, 0, 0) }
	if err := prova.CopiaSeServe(ctx); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a copied folder makes copies among the other's: %v", err)
	}
	if cc, err := store.CopieIn(cartella); err != nil || len(cc) != 1 {
		t.Errorf("%d copies: %v", len(cc), err)
	}
	ok(store.Copie{Cartella: cartella}.Salva(altra)) // said anew
	ok(prova.CopiaSeServe(ctx))
}
