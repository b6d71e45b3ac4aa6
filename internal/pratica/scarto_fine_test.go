package pratica_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// elimina ends files by a list, and gives it.
func elimina(t *testing.T, b *storetest.Banco, quali ...vault.ID) pratica.Scarto {
	t.Helper()
	ctx := context.Background()
	n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(b.Chi(access.URPAziendale, "")), pratica.RegistroURP, "n. 1", quali)
	if err == nil {
		err = b.Servizio.ApprovaScarto(ctx, b.Conferma(b.Chi(access.DirettoreAmministrativo, "")), pratica.RegistroURP, n)
	}
	if err == nil {
		err = b.Servizio.EseguiScarti(ctx, b.Chiavi)
	}
	l, no := b.Store.Scarti(ctx, b.Ente, pratica.RegistroURP)
	if err != nil || no != nil || l[0].N != n || l[0].Stato != pratica.ScartoEseguito {
		t.Fatal(l, err, no)
	}
	return l[0]
}

// An elimination is final a day after the longest life of a copy, and the case's
// history says so once the program has seen that no copy is older than it. Where
// nobody declared copies, no day is told.
//
// ref: pga01 4.4.4
func TestDefinitiva(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := archiviata(t, b, "Testo da dimenticare.")
		b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
		copie, chiavi := t.TempDir(), filepath.Join(b.Dir, "chiavi")
		dichiara := func(k store.Copie) {
			t.Helper()
			if err := errors.Join(k.Salva(chiavi), b.Chiavi.CopiaSeServe(ctx)); err != nil {
				t.Fatal(err)
			}
		}
		dichiara(store.Copie{Cartella: copie})
		b.Orologio.Avanza(time.Minute)
		x := elimina(t, b, r.ID)
		oggi := b.Servizio.Oggi()
		if err := os.Rename(filepath.Join(chiavi, "copie.json"), filepath.Join(b.Dir, "via")); err != nil {
			t.Fatal(err)
		}
		if i, err := b.Servizio.Irreversibile(ctx, x); err != nil || !i.Dal.IsZero() || i.Fatta {
			t.Errorf("nothing was declared: %+v %v", i, err)
		}
		for altre, giorni := range map[int]int{30: 31, 0: store.GiorniCopie + 1} {
			dichiara(store.Copie{Cartella: copie, Altre: altre})
			if i, err := b.Servizio.Irreversibile(ctx, x); err != nil || i.Dal != oggi.Add(giorni) || i.Fatta {
				t.Errorf("others live %d days: %+v %v", altre, i, err)
			}
		}
		dichiara(store.Copie{Cartella: copie})
		sono := func(quanti int, fatta bool, perche string) {
			t.Helper()
			_, atti, err := b.Store.Leggi(ctx, r.ID)
			i, no := b.Servizio.Irreversibile(ctx, x)
			n := 0
			for _, a := range atti {
				if a.Atto.Kind == "eliminazione_definitiva" {
					n++
				}
			}
			if err != nil || no != nil || n != quanti || i.Fatta != fatta || i.Dal != oggi.Add(store.GiorniCopie+1) {
				t.Errorf("%s: %d acts, %+v, %v %v", perche, n, i, err, no)
			}
		}
		definitive := func() error { return b.Servizio.Definitive(ctx, b.Ente, b.Chiavi) }
		sono(0, false, "the same day")
		b.Orologio.Metti(oggi.Add(store.GiorniCopie))
		if err := errors.Join(b.Chiavi.CopiaSeServe(ctx), definitive()); err != nil {
			t.Fatal(err)
		}
		sono(0, false, "the day before")
		b.Orologio.Metti(oggi.Add(store.GiorniCopie + 1))
		vecchia, err := filepath.Glob(filepath.Join(copie, "chiavi-*.db"))
		if err != nil || len(vecchia) == 0 {
			t.Fatal(err)
		}
		resta := filepath.Join(copie, filepath.Base(vecchia[0][:len(vecchia[0])-len("20320101T000000.000Z.db")])+"20310101T000000.000Z.db")
		if err := errors.Join(os.WriteFile(resta, nil, 0o600), definitive()); err != nil {
			t.Fatal(err)
		}
		sono(0, false, "a copy is too old")
		if err := errors.Join(os.Remove(resta), os.Rename(copie, copie+".via")); err != nil {
			t.Fatal(err)
		}
		if err := definitive(); !fault.Is(err, fault.Unavailable) {
			t.Errorf("copies cannot be seen: %v", err)
		}
		sono(0, false, "copies cannot be seen")
		if err := os.Rename(copie+".via", copie); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := errors.Join(b.Chiavi.CopiaSeServe(ctx), definitive()); err != nil {
				t.Fatal(err)
			}
		}
		sono(1, true, "final")
		if f, err := b.Servizio.Apri(ctx, b.Chi(access.URPAziendale, ""), r.ID); err != nil || f.Storia[len(f.Storia)-1].Etichetta != "Eliminazione irreversibile" {
			t.Errorf("the history: %v", err)
		}
	})
}

// A key store or a database put back from before an elimination eliminates again, the
// one by what the other knows; and only once.
func TestRielimina(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		via, resta := archiviata(t, b, "Testo da dimenticare."), archiviata(t, b, "Testo che resta.")
		b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
		urp := b.Chi(access.URPAziendale, "")
		ieri := filepath.Join(t.TempDir(), "chiavi")
		if err := os.Mkdir(ieri, 0o700); err != nil {
			t.Fatal(err)
		}
		copia, err := b.Chiavi.Copia(ctx, t.TempDir())
		if err == nil {
			err = os.Rename(copia.File, filepath.Join(ieri, "chiavi.db"))
		}
		var dati string
		if err == nil && b.URL == "" {
			dati = t.TempDir()
			for _, f := range []string{"tutela.db", "tutela.db-wal"} {
				x, no := os.ReadFile(filepath.Join(b.Dir, f))
				err = errors.Join(err, no, os.WriteFile(filepath.Join(dati, f), x, 0o600))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		b.Orologio.Avanza(time.Minute)
		x := elimina(t, b, via.ID)
		h, prima, err := b.Store.Leggi(ctx, via.ID)
		if err != nil {
			t.Fatal(err)
		}

		// The key store of yesterday, the database of today.
		k, err := store.OpenKeys(ctx, ieri, b.Anello)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = k.Close() }()
		if _, err := k.Key(ctx, h.Slot); err != nil {
			t.Fatalf("inside its cycle the copy should still have the key: %v", err)
		}
		s := accanto(b, b.Store, k)
		for range 2 {
			if err := s.Rielimina(ctx, b.Ente, k); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := k.Key(ctx, h.Slot); !fault.Is(err, fault.NotFound) {
			t.Errorf("what was eliminated lives again: %v", err)
		}
		if c, err := k.Concluse(ctx, b.Ente); err != nil || c[x.N].IsZero() {
			t.Errorf("the end of the list is not known: %v", err)
		}
		if f, err := s.Apri(ctx, urp, resta.ID); err != nil || f.Segnalazione == nil {
			t.Errorf("the other case: %v", err)
		}
		if _, dopo, err := b.Store.Leggi(ctx, via.ID); err != nil || len(dopo) != len(prima) {
			t.Errorf("acts were added: %d, were %d, %v", len(dopo), len(prima), err)
		}
		if dati == "" {
			return
		}

		// The database of yesterday, the key store of today.
		vecchio, err := store.Open(ctx, store.Config{Dir: dati, Now: b.Orologio.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = vecchio.Close() }()
		s = accanto(b, vecchio, b.Chiavi)
		for range 2 {
			if err := s.Rielimina(ctx, b.Ente, b.Chiavi); err != nil {
				t.Fatal(err)
			}
		}
		h, dopo, err := vecchio.Leggi(ctx, via.ID)
		if err != nil || h.Eliminata.IsZero() || len(h.Scheda) != 0 || len(dopo) != len(prima) || dopo[len(dopo)-1].Atto.Kind != "eliminazione" || dopo[len(dopo)-1].Atto.Dati["scarto"] != "1" {
			t.Errorf("after: %+v, %d acts, %v", h, len(dopo), err)
		}
		if c, err := vecchio.Contenuti(ctx, h.N, nil); err != nil || len(c) != 0 {
			t.Errorf("%d contents are left: %v", len(c), err)
		}
		if f, err := s.Apri(ctx, urp, resta.ID); err != nil || f.Segnalazione == nil {
			t.Errorf("the other case: %v", err)
		}
	})
}
