package pratica_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
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

// A key store, a database or both put back from before an elimination, in any order and
// with starts between or not, eliminate again: the one by what the other knows, both by
// the newest copy of the keys; and only once.
func TestRielimina(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		via, resta := archiviata(t, b, "Testo da dimenticare."), archiviata(t, b, "Testo che resta.")
		b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
		urp, copie := b.Chi(access.URPAziendale, ""), t.TempDir()
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		chiaviIeri, err := b.Chiavi.Copia(ctx, copie)
		ok(err)
		datiIeri := b.Kept(t)
		b.Orologio.Avanza(2 * time.Hour)
		x := elimina(t, b, via.ID)
		h, prima, err := b.Store.Leggi(ctx, via.ID)
		ok(err)
		b.Orologio.Avanza(time.Minute)
		chiaviOggi, err := b.Chiavi.Copia(ctx, copie)
		ok(err)
		datiOggi := b.Kept(t)
		chiavi := func(c store.Copia) *store.Chiavi {
			t.Helper()
			dir := t.TempDir()
			file, err := os.ReadFile(c.File)
			ok(err)
			ok(os.WriteFile(filepath.Join(dir, "chiavi.db"), file, 0o600))
			ok(store.Copie{Cartella: copie}.Salva(dir))
			k, err := store.OpenKeys(ctx, dir, b.Anello)
			ok(err)
			k.Now = b.Orologio.Now
			t.Cleanup(func() { ok(k.Close()) })
			return k
		}
		avvia := func(s *store.Store, k *store.Chiavi) *pratica.Servizio {
			t.Helper()
			if altrove, err := k.EndedElsewhere(ctx); err != nil || len(altrove) > 1 {
				t.Errorf("ended elsewhere: %v, %v", altrove, err)
			} else if len(altrove) == 1 { // a person declares that older copies were put back
				ok(k.LearnEnded(ctx))
			}
			y := accanto(b, s, k)
			ok(y.Rielimina(ctx, b.Ente, k))
			return y
		}
		if _, err := chiavi(chiaviIeri).Key(ctx, h.Slot); err != nil {
			t.Fatalf("inside its cycle the copy should still have the key: %v", err)
		}
		for _, ordine := range []string{"keys", "data", "keys data", "keys, start, data", "data, start, keys"} {
			s, k := datiOggi(), chiavi(chiaviOggi)
			for _, passo := range strings.Fields(strings.ReplaceAll(ordine, ",", "")) {
				switch passo {
				case "keys":
					k = chiavi(chiaviIeri)
				case "data":
					s = datiIeri()
				case "start":
					avvia(s, k)
				}
			}
			avvia(s, k)
			y := avvia(s, k)
			if _, err := k.Key(ctx, h.Slot); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: what was eliminated lives again: %v", ordine, err)
			}
			if c, err := k.Concluse(ctx, b.Ente); !strings.Contains(ordine, "data") && (err != nil || c[x.N].IsZero()) {
				t.Errorf("%s: the end of the list is not known: %v", ordine, err)
			}
			h, dopo, err := s.Leggi(ctx, via.ID)
			if err != nil || h.Eliminata.IsZero() || len(h.Scheda) != 0 || len(dopo) != len(prima) || dopo[len(dopo)-1].Atto.Kind != "eliminazione" || dopo[len(dopo)-1].Atto.Dati["scarto"] != "1" {
				t.Errorf("%s: after: %+v, %d acts, %v", ordine, h, len(dopo), err)
			}
			if c, err := s.Contenuti(ctx, h.N, nil); err != nil || len(c) != 0 {
				t.Errorf("%s: %d contents are left: %v", ordine, len(c), err)
			}
			if f, err := y.Apri(ctx, urp, resta.ID); err != nil || f.Segnalazione == nil {
				t.Errorf("%s: the other case: %v", ordine, err)
			}
		}
	})
}
