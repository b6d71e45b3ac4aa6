package pratica_test

import (
	"bytes"
	"context"
	"database/sql"
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

// archiviata is a case closed and put in the archive, with a note that says the same in
// words of its own.
func archiviata(t *testing.T, b *storetest.Banco, testo string) pratica.Ricevuta {
	t.Helper()
	nu := reclamo()
	seg := nu.Segnalazione.Apri()
	seg.Testo = testo
	nu.Segnalazione = pratica.Chiudi(seg)
	r := registra(t, b, nu)
	nota := strings.ReplaceAll(testo, "zafferanone", "cardamomone")
	for _, c := range []pratica.Comando{{Atto: "nota", Dati: pratica.Dati{"nota": nota}}, {Atto: "ritiro", Dati: pratica.Dati{"motivo": "Ho risolto."}}, {Atto: "archiviazione"}} {
		c.Pratica = r.ID
		chi := b.Chi(access.URPAziendale, "")
		if c.Atto == "ritiro" {
			chi = access.Cittadino(b.Ente, "web")
		}
		if _, err := b.Servizio.Esegui(context.Background(), chi, c); err != nil {
			t.Fatalf("%s: %v", c.Atto, err)
		}
	}
	return r
}

func indicizza(t *testing.T, b *storetest.Banco) {
	t.Helper()
	for {
		n, err := b.Store.Indicizza(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func trovate(t *testing.T, b *storetest.Banco, parole string) int {
	t.Helper()
	return trovateDa(t, b, b.Servizio, parole)
}

func trovateDa(t *testing.T, b *storetest.Banco, s *pratica.Servizio, parole string) int {
	t.Helper()
	d, err := s.Domande(b.Ente, pratica.Parole(parole), 2020)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Elenco(context.Background(), b.Chi(access.URPAziendale, ""), pratica.Filtro{Parole: d})
	if err != nil {
		t.Fatal(err)
	}
	return len(p.Righe)
}

// A file is on one open list at a time; one that was withdrawn lets it go.
func TestScartoInUnElenco(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		una, altra := archiviata(t, b, "La prima."), archiviata(t, b, "La seconda.")
		h, _, err := b.Store.Leggi(ctx, altra.ID)
		if err != nil {
			t.Fatal(err)
		}
		b.Orologio.Metti(h.ChiusaIl.Add(5*366 + 2))
		capo, chi := b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreAmministrativo, "")
		proponi := func(vuole fault.Kind, quali ...vault.ID) int {
			t.Helper()
			n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroURP, "n. 12", quali)
			if vuole == 0 && err != nil || vuole != 0 && !fault.Is(err, vuole) {
				t.Fatalf("proposed: %v", err)
			}
			return n
		}
		sono := func(elenchi, restano int) {
			t.Helper()
			x, err := b.Servizio.Scarti(ctx, capo, pratica.RegistroURP)
			if err != nil || len(x) != elenchi {
				t.Errorf("%d lists: %v", len(x), err)
			}
			if l, err := b.Servizio.Scartabili(ctx, capo, pratica.RegistroURP); err != nil || len(l) != restano {
				t.Errorf("%d files are offered: %v", len(l), err)
			}
		}
		n := proponi(0, una.ID)
		proponi(fault.Conflict, altra.ID, una.ID)
		sono(1, 1)
		if err := b.Servizio.RitiraScarto(ctx, b.Conferma(capo), pratica.RegistroURP, n); err != nil {
			t.Fatal(err)
		}
		sono(1, 2)
		n = proponi(0, una.ID, altra.ID, una.ID) // ticked twice, it is there once
		sono(2, 0)
		if err := b.Servizio.ApprovaScarto(ctx, b.Conferma(chi), pratica.RegistroURP, n); err != nil {
			t.Fatal(err)
		}
		proponi(fault.Conflict, altra.ID)
		sono(2, 0)
	})
}

// After its years a file ends: one person proposes with the leave of the archive
// authority, another approves, nothing that is held goes, and what is gone is gone
// from the database, from the search, from the citizen's page; its acts stay.
//
// ref: pga01 4.4.4
func TestScarto(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		via, resta := archiviata(t, b, "La parola zafferanone sta solo qui."), archiviata(t, b, "La parola zafferanone sta anche qui.")
		indicizza(t, b)
		registra(t, b, reclamo()) // its words are in the tail
		capo, altra := b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreAmministrativo, "")
		if trovate(t, b, "zafferanone") != 2 || trovate(t, b, "zafferanone cardamomone") != 2 {
			t.Fatal("the words are not found")
		}
		prima, attiPrima, err := b.Store.Leggi(ctx, via.ID)
		if err != nil {
			t.Fatal(err)
		}
		if l, err := b.Servizio.Scartabili(ctx, capo, pratica.RegistroURP); err != nil || len(l) != 0 {
			t.Fatalf("too early: %d, %v", len(l), err)
		}
		if _, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroURP, "n. 12 del 3/3/2031", []vault.ID{via.ID}); !fault.Is(err, fault.Invalid) {
			t.Errorf("proposed before its years: %v", err)
		}
		b.Orologio.Metti(prima.ChiusaIl.Add(5*366 + 2))
		if _, err := b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: resta.ID, Atto: "vincolo", Dati: pratica.Dati{"motivo": "Causa in corso."}}); err != nil {
			t.Fatal(err)
		}
		if l, err := b.Servizio.Scartabili(ctx, capo, pratica.RegistroURP); err != nil || len(l) != 1 || l[0].ID != via.ID {
			t.Fatalf("can be eliminated: %v, %v", l, err)
		}
		if _, err := b.Servizio.Scartabili(ctx, b.Chi(access.URP, "URP-SANTA-CHIARA"), pratica.RegistroURP); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an URP of 2nd level sees them: %v", err)
		}
		for _, x := range []struct {
			chi    access.Chi
			leave  string
			quali  []vault.ID
			vuole  fault.Kind
			perche string
		}{
			{altra, "n. 12", []vault.ID{via.ID}, fault.Forbidden, "who only approves"},
			{capo, " ", []vault.ID{via.ID}, fault.Invalid, "no leave"},
			{capo, "n. 12", nil, fault.Invalid, "no file"},
			{capo, "n. 12", []vault.ID{resta.ID}, fault.Invalid, "held"},
			{capo, "n. 12", []vault.ID{vault.NewID(b.Orologio.Now())}, fault.NotFound, "not there"},
		} {
			if _, err := b.Servizio.ProponiScarto(ctx, b.Conferma(x.chi), pratica.RegistroURP, x.leave, x.quali); !fault.Is(err, x.vuole) {
				t.Errorf("%s: %v", x.perche, err)
			}
		}
		n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroURP, "Nulla osta n. 12 del 3 marzo 2031", []vault.ID{via.ID})
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if l, err := b.Servizio.Scartabili(ctx, capo, pratica.RegistroURP); err != nil || len(l) != 0 {
			t.Errorf("on two lists: %v %v", l, err)
		}
		if err := b.Servizio.ApprovaScarto(ctx, b.Conferma(capo), pratica.RegistroURP, n); !fault.Is(err, fault.Forbidden) {
			t.Errorf("who proposed approves: %v", err)
		}
		if err := b.Servizio.EseguiScarti(ctx, b.Chiavi); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Servizio.Apri(ctx, capo, via.ID); err != nil {
			t.Fatalf("nobody has approved: %v", err)
		}
		if err := b.Servizio.ApprovaScarto(ctx, b.Conferma(altra), pratica.RegistroURP, n); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{b.Servizio.ApprovaScarto(ctx, b.Conferma(altra), pratica.RegistroURP, n), b.Servizio.RitiraScarto(ctx, b.Conferma(capo), pratica.RegistroURP, n)} {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("approved already: %v", err)
			}
		}
		vecchie, err := b.Chiavi.IndexKeys("urp-" + b.Ente)
		if err != nil || len(vecchie) != 1 {
			t.Fatal(vecchie, err)
		}
		for range 2 { // done again, it changes nothing
			if err := b.Servizio.EseguiScarti(ctx, b.Chiavi); err != nil {
				t.Fatal(err)
			}
		}
		dopo, atti, err := b.Store.Leggi(ctx, via.ID)
		if err != nil || dopo.Eliminata.IsZero() || len(dopo.Scheda) != 0 || len(atti) != len(attiPrima)+1 {
			t.Fatalf("after: %+v, %d acts, %v", dopo, len(atti), err)
		}
		for i, x := range attiPrima { // envelopes, hashes, salts stay
			if string(atti[i].Busta) != string(x.Busta) || string(atti[i].Hash) != string(x.Hash) || string(atti[i].Sale) != string(x.Sale) {
				t.Errorf("act %d changed", i+1)
			}
		}
		if c, err := b.Store.Contenuti(ctx, dopo.N, nil); err != nil || len(c) != 0 {
			t.Errorf("%d contents are left: %v", len(c), err)
		}
		if _, err := b.Chiavi.Key(ctx, dopo.Slot); !fault.Is(err, fault.NotFound) {
			t.Errorf("the key is there: %v", err)
		}
		for _, parole := range []string{"zafferanone", "cardamomone", "zafferanone cardamomone causa"} { // of the report, of a note, of both and of the tail
			if k := trovate(t, b, parole); k != 1 {
				t.Errorf("%s: %d found, want the other one", parole, k)
			}
		}
		if k := trovate(t, b, "notizie"); k != 1 {
			t.Errorf("%d found by a word of the tail, want 1", k)
		}
		nuove, err := b.Chiavi.IndexKeys("urp-" + b.Ente) // tokens of an old copy have no key any more
		if err != nil || len(nuove) != 1 || nuove[0].N != 2 || nuove[0].Anno != vecchie[0].Anno || bytes.Equal(nuove[0].Key, vecchie[0].Key) {
			t.Errorf("the key of the words: %v", err)
		}
		f, err := b.Servizio.Apri(ctx, capo, via.ID)
		if err != nil || f.Segnalazione != nil || len(f.Consentiti) != 0 || len(f.Storia) != len(atti) {
			t.Errorf("the file: %+v %v", f, err)
		}
		if _, err := b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: via.ID, Atto: "nota", Dati: pratica.Dati{"nota": "Ancora?"}}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("written after: %v", err)
		}
		if _, err := b.Servizio.Segui(ctx, b.Ente, via.Codice, via.Chiave); !fault.Is(err, fault.NotFound) {
			t.Errorf("the citizen's page: %v", err)
		}
		if p, err := b.Servizio.Elenco(ctx, capo, pratica.Filtro{}); err != nil || len(p.Righe) != 3 {
			t.Errorf("the list: %d %v", len(p.Righe), err)
		}
		if x, err := b.Store.Scarti(ctx, b.Ente, pratica.RegistroURP); err != nil || len(x) != 1 || x[0].Stato != pratica.ScartoEseguito || x[0].Fatte != 1 || x[0].ApprovatoDa != altra.Persona {
			t.Errorf("the list of files: %+v %v", x, err)
		}
		if _, err := b.Servizio.Apri(ctx, capo, resta.ID); err != nil {
			t.Errorf("the other case: %v", err)
		}
	})
}

// The end of files is decided by who just proved who he is, on a page: a session left
// open is not enough, and no token ever is.
//
// ref: gdpr art. 32
func TestScartoVuoleLaProva(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := archiviata(t, b, "Testo.")
		capo, altra := b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreAmministrativo, "")
		b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
		n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroURP, "n. 1", []vault.ID{r.ID})
		if err != nil {
			t.Fatal(err)
		}
		api := func(c access.Chi) access.Chi { c = b.Conferma(c); c.Mezzo = "api"; return c }
		vecchia := func(c access.Chi) access.Chi {
			c = b.Conferma(c)
			c.Conferma = c.Conferma.Add(-access.DurataConferma)
			return c
		}
		for nome, come := range map[string]func(access.Chi) access.Chi{"a session": func(c access.Chi) access.Chi { return c }, "an old proof": vecchia, "a token": api} {
			_, err := b.Servizio.ProponiScarto(ctx, come(capo), pratica.RegistroURP, "n. 2", []vault.ID{r.ID})
			for _, err := range []error{err, b.Servizio.ApprovaScarto(ctx, come(altra), pratica.RegistroURP, n), b.Servizio.RitiraScarto(ctx, come(capo), pratica.RegistroURP, n)} {
				if !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s: %v", nome, err)
				}
			}
			for _, c := range []access.Chi{come(capo), come(altra)} { // nor by the act itself, which is the program's
				if _, err := b.Servizio.Esegui(ctx, c, pratica.Comando{Pratica: r.ID, Atto: "eliminazione", Dati: pratica.Dati{"scarto": n}}); err == nil {
					t.Errorf("%s does the act", nome)
				}
			}
		}
		if x, err := b.Servizio.Scarti(ctx, capo, pratica.RegistroURP); err != nil || len(x) != 1 || x[0].Stato != pratica.ScartoProposto {
			t.Errorf("decided all the same: %+v %v", x, err)
		}
	})
}

// A case held after it was proposed is left out.
func TestScartoVincolatoDopo(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	r := archiviata(t, b, "Testo.")
	capo := b.Chi(access.URPAziendale, "")
	b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
	n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroURP, "n. 1", []vault.ID{r.ID})
	if err == nil {
		err = b.Servizio.ApprovaScarto(ctx, b.Conferma(b.Chi(access.DirettoreAmministrativo, "")), pratica.RegistroURP, n)
	}
	if err == nil {
		_, err = b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: r.ID, Atto: "vincolo", Dati: pratica.Dati{"motivo": "Causa."}})
	}
	if err == nil {
		err = b.Servizio.EseguiScarti(ctx, b.Chiavi)
	}
	if err != nil {
		t.Fatal(err)
	}
	if f, err := b.Servizio.Apri(ctx, capo, r.ID); err != nil || f.Segnalazione == nil {
		t.Errorf("a file held was eliminated: %v", err)
	}
}

// An old copy of the database says nothing any more beside today's keys; beside an
// old copy of the keys, inside its cycle, it still does. And no file of the key store
// has the key's bytes.
func TestScartoEVecchieCopie(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	r := archiviata(t, b, "Il zafferanone è da dimenticare.")
	indicizza(t, b)
	h, _, err := b.Store.Leggi(ctx, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	copia := t.TempDir()
	avvolta := chiaveAvvolta(t, b, h.Slot)
	for _, f := range []string{"tutela.db", "tutela.db-wal", "chiavi/chiavi.db", "chiavi/chiavi.db-wal", "chiavi/server.key"} {
		x, err := os.ReadFile(filepath.Join(b.Dir, f))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(copia, f)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copia, f), x, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
	n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(b.Chi(access.URPAziendale, "")), pratica.RegistroURP, "n. 1", []vault.ID{r.ID})
	if err == nil {
		err = b.Servizio.ApprovaScarto(ctx, b.Conferma(b.Chi(access.DirettoreAmministrativo, "")), pratica.RegistroURP, n)
	}
	if err == nil {
		err = b.Servizio.EseguiScarti(ctx, b.Chiavi)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"chiavi/chiavi.db", "chiavi/chiavi.db-wal"} {
		x, err := os.ReadFile(filepath.Join(b.Dir, f))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(x, avvolta) {
			t.Errorf("%s still has the key", f)
		}
	}
	vecchio, err := store.Open(ctx, store.Config{Dir: copia, Now: b.Orologio.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = vecchio.Close() }()
	oggi := accanto(b, vecchio, b.Chiavi)
	if _, err := oggi.Apri(ctx, b.Chi(access.URPAziendale, ""), r.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("old database, today's keys: %v", err)
	}
	if k := trovateDa(t, b, oggi, "cardamomone"); k != 0 {
		t.Errorf("old database, today's keys: its words find %d", k)
	}
	chiavi, err := store.OpenKeys(ctx, filepath.Join(copia, "chiavi"), b.Anello)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = chiavi.Close() }()
	ieri := accanto(b, vecchio, chiavi)
	if f, err := ieri.Apri(ctx, b.Chi(access.URPAziendale, ""), r.ID); err != nil || f.Segnalazione == nil {
		t.Errorf("old database, old keys: %v", err)
	}
	ieri.Parole = vault.NewTokenizers(chiavi)
	if k := trovateDa(t, b, ieri, "zafferanone cardamomone"); k != 1 {
		t.Errorf("old database, old keys: its words find %d", k)
	}
}

// accanto is the service on another database, or other keys.
func accanto(b *storetest.Banco, s *store.Store, k *store.Chiavi) *pratica.Servizio {
	return &pratica.Servizio{Arch: s, Anello: b.Anello, Slots: k, Comparti: k, Parole: b.Servizio.Parole, Ambiente: b.Servizio.Ambiente, Now: b.Orologio.Now}
}

// chiaveAvvolta is the key of a slot as its store keeps it.
func chiaveAvvolta(t *testing.T, b *storetest.Banco, slot int64) (k []byte) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.Dir, "chiavi", "chiavi.db"))
	if err == nil {
		err = db.QueryRowContext(context.Background(), "select chiave from slot where id = $1", slot).Scan(&k)
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil || len(k) < 32 {
		t.Fatal(len(k), err)
	}
	return k
}

// fermo fails at one step of an elimination, as a server that is killed there.
type fermo struct {
	pratica.CaseKeys
	pratica.Archivio
	passo string
}

var errFermo = errors.New("killed")

func (x *fermo) muore(qui string) error {
	if x.passo != qui {
		return nil
	}
	x.passo = ""
	return errFermo
}

func (x *fermo) Elimina(ctx context.Context, ente string, il time.Time, quali ...pratica.Eliminata) error {
	if err := x.muore("before the key"); err != nil {
		return err
	}
	return errors.Join(x.CaseKeys.Elimina(ctx, ente, il, quali...), x.muore("after the key"))
}

func (x *fermo) Svuota(ctx context.Context, scarto int, h pratica.Testa) error {
	return errors.Join(x.Archivio.Svuota(ctx, scarto, h), x.muore("after the content"))
}

func (x *fermo) Dimentica(ctx context.Context, scarto int, h pratica.Testa, g []byte) error {
	if err := x.muore("before the words"); err != nil {
		return err
	}
	return errors.Join(x.Archivio.Dimentica(ctx, scarto, h, g), x.muore("after the words"))
}

func (x *fermo) Riscrivi(ctx context.Context, r pratica.Riscrittura, c []pratica.Riscritto) error {
	return errors.Join(x.Archivio.Riscrivi(ctx, r, c), x.muore("after some words were written again"))
}

func (x *fermo) EndIndexKeys(ctx context.Context, comparto string, anno, n int) error {
	if err := x.muore("before the old key of the words ends"); err != nil {
		return err
	}
	return errors.Join(x.CaseKeys.EndIndexKeys(ctx, comparto, anno, n), x.muore("after the old key of the words ended"))
}

// Stopped between any two of its steps, an elimination goes on to the same end, and
// the index is whole: no word of the case that went, every word of those that stay.
func TestScartoFermato(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		passi := []string{"before the words", "after the words", "before the key", "after the key", "after the content",
			"after some words were written again", "before the old key of the words ends", "after the old key of the words ended"}
		resta := archiviata(t, b, "La parola zafferanone resta.")
		var vie []pratica.Ricevuta
		for range passi {
			vie = append(vie, archiviata(t, b, "La parola zafferanone se ne va."))
		}
		indicizza(t, b)
		b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
		capo, altra := b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreAmministrativo, "")
		for k0, qui := range passi {
			corri(t, b, resta.ID, []passo{{capo, pratica.Comando{Atto: "nota", Dati: pratica.Dati{"nota": "Qui si legge curcumone."}}}}) // in the tail
			n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroURP, "n. 1", []vault.ID{vie[k0].ID})
			if err == nil {
				err = b.Servizio.ApprovaScarto(ctx, b.Conferma(altra), pratica.RegistroURP, n)
			}
			if err != nil {
				t.Fatal(err)
			}
			x := &fermo{CaseKeys: b.Chiavi, Archivio: b.Store, passo: qui}
			s := accanto(b, b.Store, b.Chiavi)
			s.Arch = x
			if err := s.EseguiScarti(ctx, x); !errors.Is(err, errFermo) {
				t.Fatalf("%s: it did not stop: %v", qui, err)
			}
			if err := b.Servizio.EseguiScarti(ctx, b.Chiavi); err != nil {
				t.Fatalf("%s: it does not go on: %v", qui, err)
			}
			for parole, vuole := range map[string]int{"zafferanone va": len(vie) - 1 - k0, "cardamomone va": len(vie) - 1 - k0, "zafferanone resta": 1,
				"zafferanone cardamomone resta": 1, "zafferanone curcumone": 1} {
				if k := trovate(t, b, parole); k != vuole {
					t.Errorf("%s: %s: %d are found, want %d", qui, parole, k, vuole)
				}
			}
			h, _, err := b.Store.Leggi(ctx, vie[k0].ID)
			if err != nil || h.Eliminata.IsZero() || len(h.Scheda) != 0 {
				t.Errorf("%s: %+v %v", qui, h, err)
			}
			if kk, err := b.Chiavi.IndexKeys("urp-" + b.Ente); err != nil || len(kk) != 1 {
				t.Errorf("%s: %d keys of the words: %v", qui, len(kk), err)
			}
		}
		if f, err := b.Servizio.Apri(ctx, capo, resta.ID); err != nil || f.Segnalazione == nil {
			t.Errorf("the one that stays: %v", err)
		}
		if passi, err := b.Store.Scarti(ctx, b.Ente, pratica.RegistroURP); err != nil || len(passi) != len(vie) || passi[0].Stato != pratica.ScartoEseguito || passi[0].Fatte != 1 {
			t.Errorf("the lists: %+v %v", passi, err)
		}
	})
}

// scrivendo does something else between the reading of cases and the writing again of
// their words: once.
type scrivendo struct {
	pratica.Archivio
	altro func()
}

func (x *scrivendo) Riscrivi(ctx context.Context, r pratica.Riscrittura, c []pratica.Riscritto) error {
	if fa := x.altro; fa != nil {
		x.altro = nil
		fa()
	}
	return x.Archivio.Riscrivi(ctx, r, c)
}

// Who writes in a case while its words get a new key finds what he wrote.
func TestScartoMentreSiScrive(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		via, resta := archiviata(t, b, "Il zafferanone se ne va."), archiviata(t, b, "Il zafferanone resta.")
		indicizza(t, b)
		b.Orologio.Avanza(6 * 365 * 24 * time.Hour)
		capo := b.Chi(access.URPAziendale, "")
		n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(capo), pratica.RegistroURP, "n. 1", []vault.ID{via.ID})
		if err == nil {
			err = b.Servizio.ApprovaScarto(ctx, b.Conferma(b.Chi(access.DirettoreAmministrativo, "")), pratica.RegistroURP, n)
		}
		if err != nil {
			t.Fatal(err)
		}
		s := accanto(b, b.Store, b.Chiavi)
		s.Arch = &scrivendo{b.Store, func() {
			corri(t, b, resta.ID, []passo{{capo, pratica.Comando{Atto: "nota", Dati: pratica.Dati{"nota": "Qui si legge curcumone."}}}})
		}}
		if err := s.EseguiScarti(ctx, b.Chiavi); err != nil {
			t.Fatal(err)
		}
		for range 2 { // in the tail, and out of it
			for parole, vuole := range map[string]int{"zafferanone": 1, "zafferanone cardamomone": 1, "zafferanone curcumone": 1, "curcumone resta": 1, "va": 0} {
				if k := trovate(t, b, parole); k != vuole {
					t.Errorf("%s: %d are found, want %d", parole, k, vuole)
				}
			}
			indicizza(t, b)
		}
	})
}
