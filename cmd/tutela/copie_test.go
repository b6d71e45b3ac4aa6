package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// Copies are declared once, in words that can be used, and listed.
func TestCopie(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		dove := impiantoDi(t, b)
		con := func(s string, altri ...string) []string {
			return slices.Concat(strings.Fields(s), altri, dove)
		}
		cartella := filepath.Join(t.TempDir(), "le copie")
		for _, x := range []struct {
			esito  int
			parole string
			args   []string
		}{
			{esitoNo, "Non è detto dove vanno le copie", con("chiavi copia")},
			{esitoNo, "Non è detto dove vanno le copie", con("chiavi copie")},
			{esitoUso, "Scrivi anche --altre GIORNI", con("chiavi copia --in", cartella)},
			{esitoUso, "--altre: scrivi un numero di giorni", con("chiavi copia --altre=-1")},
			{esitoUso, "--altre: scrivi un numero di giorni", con("chiavi copia --altre 3651")},
			{esitoUso, "--altre", con("chiavi copia --altre molti")},
			{esitoUso, "--in: la cartella " + cartella + " non c'è", con("chiavi copia --altre 0 --in", cartella)},
			{esitoUso, "fuori dalla cartella dei dati", con("chiavi copia --altre 0 --in", dove[1])},
			{esitoUso, "fuori dalla cartella delle chiavi", con("chiavi copia --altre 0 --in", dove[3])},
			{esitoUso, "Non so dove sono le copie", con("chiavi riprendi")},
		} {
			if strings.Contains(x.parole, "Non so") {
				if err := os.Rename(filepath.Join(dove[3], "chiavi.db"), filepath.Join(dove[3], "via")); err != nil {
					t.Fatal(err)
				}
			}
			dice(t, "", x.esito, x.parole, x.args...)
		}
		if err := os.Rename(filepath.Join(dove[3], "via"), filepath.Join(dove[3], "chiavi.db")); err != nil {
			t.Fatal(err)
		}
		if s, _ := prova(t, "", con("check")...); !strings.Contains(s, "GRAVE  Delle chiavi il programma non fa copie") {
			t.Error(s)
		}
		dice(t, "", 0, "vivono al massimo 30 giorni. Il programma non ne fa", con("chiavi copia --altre 30")...)
		if s, _ := prova(t, "", con("check")...); !strings.Contains(s, "avviso Delle chiavi il programma non fa copie") {
			t.Error(s)
		}
		if err := os.Mkdir(cartella, 0o700); err != nil {
			t.Fatal(err)
		}
		dice(t, "", 0, "Copia fatta: "+cartella, con("chiavi copia --in", cartella)...)
		dice(t, "", 0, "Copia fatta: "+cartella, con("chiavi copia")...)
		dice(t, "", 0, "Una chiave eliminata vive nelle copie al massimo 30 giorni", con("chiavi copie")...)
		s, _ := prova(t, "", con("chiavi copie --json")...)
		var x struct {
			Cartella    string
			Altre, Vive int
			Copie       []copiaVista
		}
		if err := json.Unmarshal([]byte(s), &x); err != nil || x.Cartella != cartella || x.Altre != 30 || x.Vive != 30 || len(x.Copie) != 1 || x.Copie[0].Byte == 0 {
			t.Errorf("%v %s", err, s)
		}
		if s, _ := prova(t, "", con("check")...); !strings.Contains(s, "GRAVE  Le copie delle chiavi stanno sullo stesso disco delle chiavi") || strings.Contains(s, "non fa copie") {
			t.Error(s)
		}
		if err := os.Rename(cartella, cartella+".via"); err != nil {
			t.Fatal(err)
		}
		dice(t, "", esitoNo, "La cartella delle copie delle chiavi non si apre", con("check")...)
		dice(t, "", esitoNo, "La copia delle chiavi in "+cartella+" non riesce", con("chiavi copia")...)
		dice(t, "", esitoNo, "La copia delle chiavi in "+cartella+" non riesce", con("chiavi ruota")...)
	})
}

// What is said of copies: old ones while the program serves, keys in none of them.
func TestRilieviCopie(t *testing.T) {
	b := storetest.SQLite(t)
	i := &impianto{dove: dove{Data: b.Dir}, cartella: filepath.Join(b.Dir, "chiavi"), chiavi: b.Chiavi, orologio: &orologio{}}
	i.orologio.metti(b.Orologio.Now())
	b.Chiavi.Now = i.orologio.Now
	dir := t.TempDir()
	if err := (store.Copie{Cartella: dir}).Salva(i.cartella); err != nil {
		t.Fatal(err)
	}
	sono := func(parole ...string) {
		t.Helper()
		rr, err := i.rilieviCopie(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		vuoleDetti(t, rr, append([]string{"GRAVE Le copie delle chiavi stanno sullo stesso disco delle chiavi"}, parole...)...)
	}
	sono("GRAVE Nella cartella delle copie delle chiavi non ce n'è nessuna")
	if err := b.Chiavi.CopiaSeServe(t.Context()); err != nil {
		t.Fatal(err)
	}
	sono() // no case has a key yet
	if _, err := b.Chiavi.Lease(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if err := b.Chiavi.CopiaSeServe(t.Context()); err != nil {
		t.Fatal(err)
	}
	sono()
	i.orologio.metti(b.Orologio.Now().Add(3 * time.Hour))
	sono()
	i.serve = true
	sono("GRAVE L'ultima copia delle chiavi è del 02/03/2026 alle 10.00: le altre non riescono")
	i.serve = false
	for range 20 {
		if _, err := b.Chiavi.Lease(t.Context(), 256); err != nil {
			t.Fatal(err)
		}
	}
	sono("GRAVE Le chiavi delle pratiche nuove non sono in nessuna copia")
}

// The key store is lost, or broken: the newest copy that opens takes its place. Every
// case opens, no slot is given twice, what was there is kept aside.
func TestRiprendi(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		c := riempi(t, b, true)
		cartella := t.TempDir()
		tre := 0
		c.ok((&chiaviCopiaCmd{dove: c.dove, In: cartella, Altre: &tre}).Run(c.ambito()))
		attuale := filepath.Join(c.dove.Keys, "chiavi.db")
		if err := (&chiaviRiprendiCmd{dove: c.dove}).Run(c.ambito()); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a store that opens is replaced: %v", err)
		}
		urp := access.Chi{Ente: "asst", Persona: "p", Mezzo: "web", Uffici: []string{access.Ufficio(access.URPAziendale, "")}}
		dati := map[int64]bool{}
		var nate []pratica.Ricevuta
		var bozza int64
		registra := func(i *impianto) {
			t.Helper()
			for range 3 {
				nuova := c.nuova
				nuova.Chiave = nil
				r, err := i.servizio.Registra(t.Context(), access.Cittadino("asst", "web"), nuova)
				c.ok(err)
				h, _, err := i.store.Leggi(t.Context(), r.ID)
				c.ok(err)
				if dati[h.Slot] || h.Slot == bozza {
					t.Errorf("slot %d was given twice", h.Slot)
				}
				dati[h.Slot] = true
				nate = append(nate, r)
			}
			s, err := i.pool.Take(t.Context()) // of a draft that is still being written
			c.ok(err)
			bozza = s.ID
		}
		c.con(registra) // after the copy
		for _, rompi := range []func() error{
			func() error { return os.Remove(attuale) },
			func() error { return os.WriteFile(attuale, []byte("not a database, by now"), 0o600) },
			func() error { return os.Truncate(attuale, 20<<10) },
		} {
			if i, err := apri(t.Context(), c.dove); err == nil { // as it was left: the journal may be there
				c.ok(i.chiudi())
			}
			c.ok(rompi())
			// A newer one that does not open is passed over.
			c.ok(os.WriteFile(filepath.Join(cartella, "chiavi-00000000-29990101T000000.000Z.db"), []byte("x"), 0o600))
			c.ok((&chiaviRiprendiCmd{dove: c.dove}).Run(c.ambito()))
			c.apre()
			c.con(func(i *impianto) {
				for _, r := range nate {
					if f, err := i.servizio.Apri(t.Context(), urp, r.ID); err != nil || f.Segnalazione == nil {
						t.Errorf("case %d does not open: %v", r.Numero, err)
					}
				}
				registra(i)
				c.ok(i.chiavi.CopiaSeServe(t.Context())) // keys were made: it does not wait for the hour
			})
		}
		if n, _ := filepath.Glob(attuale + ".*.messa-da-parte"); len(n) != 2 {
			t.Errorf("kept aside: %v", n)
		}
		altra := t.TempDir()
		c.ok(os.Rename(attuale, attuale+".via"))
		for da, vuole := range map[string]fault.Kind{altra: fault.NotFound, filepath.Join(altra, "boh"): fault.Unavailable, filepath.Join(cartella, "chiavi-00000000-29990101T000000.000Z.db"): fault.Unavailable} {
			if err := (&chiaviRiprendiCmd{dove: c.dove, Da: da}).Run(c.ambito()); !fault.Is(err, vuole) {
				t.Errorf("from %s: %v", da, err)
			}
			if esiste(attuale) || esiste(attuale+"."+inArrivo) {
				t.Errorf("from %s: something was left", da)
			}
		}
	})
}

// A key store that is broken is said to be, with what puts a copy in its place; what is
// no copy is not taken for one of another server's key.
func TestDepositoRotto(t *testing.T) {
	dove := impiantoDi(t, storetest.SQLite(t))
	attuale, buona := filepath.Join(dove[3], "chiavi.db"), filepath.Join(t.TempDir(), "buona.db")
	altrove := impiantoDi(t, storetest.SQLite(t))
	for da, a := range map[string]string{attuale: buona, filepath.Join(altrove[3], "chiavi.db"): filepath.Join(filepath.Dir(buona), "altrui.db")} {
		if err := copiaFile(da, a); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(attuale, []byte("not a database, by now"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"check", "serve --addr 127.0.0.1:0", "migrate"} {
		dice(t, "", esitoNo, "tutela chiavi riprendi", append(strings.Fields(c), dove...)...)
	}
	testo := filepath.Join(filepath.Dir(buona), "appunti.txt")
	if err := os.WriteFile(testo, []byte("milk, bread"), 0o600); err != nil {
		t.Fatal(err)
	}
	da := func(esito int, parole, file string) {
		t.Helper()
		dice(t, "", esito, parole, append([]string{"chiavi", "riprendi", "--da", file}, dove...)...)
	}
	da(esitoNo, testo+" non è una copia delle chiavi, o è rotta", testo)
	da(esitoNo, "non si apre", filepath.Join(dove[1], "boh"))
	da(esitoNo, "Di solito server.key non è quella di questa installazione", filepath.Join(filepath.Dir(buona), "altrui.db"))
	da(0, "Il deposito delle chiavi è di nuovo quello di buona.db", buona)
}

// At every start a database older than the key store learns from it what was
// eliminated.
func TestRieliminaAllAvvio(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		c := riempi(t, b, true)
		urp := access.Chi{Ente: "asst", Persona: "p", Mezzo: "web", Uffici: []string{access.Ufficio(access.URPAziendale, "")}}
		c.con(func(i *impianto) {
			_, err := i.servizio.Esegui(t.Context(), access.Cittadino("asst", "web"), pratica.Comando{Pratica: c.r.ID, Atto: "ritiro", Dati: pratica.Dati{"motivo": "Ho risolto."}})
			c.ok(err)
			h, err := i.servizio.Esegui(t.Context(), urp, pratica.Comando{Pratica: c.r.ID, Atto: "archiviazione"})
			c.ok(err)
			c.ok(i.chiavi.Elimina(t.Context(), "asst", i.orologio.Now(), pratica.Eliminata{Slot: h.Slot, Scarto: 7}))
		})
		c.con(func(i *impianto) {
			f, err := i.servizio.Apri(t.Context(), urp, c.r.ID)
			c.ok(err)
			if f.Testa.Eliminata.IsZero() || f.Segnalazione != nil || f.Storia[len(f.Storia)-1].Dati["scarto"] != "7" {
				t.Errorf("%+v", f.Testa)
			}
		})
	})
}
