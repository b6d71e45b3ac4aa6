package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

var errFermo = errors.New("killed here")

// fermaA ends a command at that step.
func fermaA(passo string) fermate {
	return func(qui string) error {
		if qui == passo {
			return errFermo
		}
		return nil
	}
}

// cassaforte is an installation with a case and a second factor, to see if they open
// as they did.
type cassaforte struct {
	t     *testing.T
	dove  dove
	nuova pratica.Nuova
	r     pratica.Ricevuta
	chi   string
	posto string // of the factor
}

func riempi(t *testing.T, b *storetest.Banco, keys bool) *cassaforte {
	t.Helper()
	dir := t.TempDir()
	c := &cassaforte{t: t, dove: dove{Data: filepath.Join(dir, "dati"), DB: b.URL}}
	if keys {
		c.dove.Keys = filepath.Join(dir, "chiavi")
	}
	crea := &enteCreaCmd{dove: c.dove, ID: "asst", Nome: "ASST Prova", Telefono: "0372 000 000", Regolamento: "pga01"}
	c.ok(crea.Run(c.ambito()))
	c.nuova = pratica.Nuova{Canale: "web", Chiave: []byte("una volta sola"), Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo",
		Oggetto: "Attesa", Testo: "Nove ore su una barella.", Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Telefono: "0376 555 0142"}})}
	c.con(func(i *impianto) {
		var err error
		c.r, err = i.servizio.Registra(t.Context(), access.Cittadino("asst", "web"), c.nuova)
		c.ok(err)
		p, err := i.auth.AddPerson(t.Context(), access.Sistema("asst"), "anna", "Anna", "")
		c.ok(err)
		id := vault.NewID(i.orologio.Now())
		c.chi, c.posto = p.ID, vault.Context("fattore", "asst", p.ID, hex.EncodeToString(id[:]), string(auth.App))
		c.ok(i.store.AggiornaPersona(t.Context(), "asst", p.ID, auth.Cambio{Metti: []auth.Secondo{{Ente: "asst", Persona: p.ID, ID: id[:], Tipo: auth.App,
			Nome: "telefono", Segreto: i.anello.Seal(c.posto, []byte("seme")), Creato: i.orologio.Now()}}}))
	})
	return c
}

func (c *cassaforte) ambito() *ambito {
	return &ambito{c.t.Context(), strings.NewReader(""), io.Discard, io.Discard}
}

func (c *cassaforte) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *cassaforte) con(fn func(i *impianto)) {
	c.t.Helper()
	i, err := apri(c.t.Context(), c.dove)
	c.ok(err)
	fn(i)
	c.ok(i.chiudi())
}

// apre demands that the case, the factor and the repeated request are as they were.
func (c *cassaforte) apre() {
	c.t.Helper()
	c.con(func(i *impianto) {
		urp := access.Chi{Ente: "asst", Persona: "p", Mezzo: "web", Uffici: []string{access.Ufficio(access.URPAziendale, "")}}
		f, err := i.servizio.Apri(c.t.Context(), urp, c.r.ID)
		if err != nil || f.Segnalazione.Apri().Testo != "Nove ore su una barella." {
			c.t.Errorf("the case does not open: %v", err)
		}
		r, err := i.servizio.Registra(c.t.Context(), access.Cittadino("asst", "web"), c.nuova)
		if err != nil || !r.Ripetuta || r.ID != c.r.ID {
			c.t.Errorf("the same request is another case: %v %v", r.Numero, err)
		}
		if seme, err := i.anello.Open(c.posto, c.fattore(i)); err != nil || string(seme) != "seme" {
			c.t.Errorf("the factor does not open: %v", err)
		}
	})
}

func (c *cassaforte) fattore(i *impianto) []byte {
	c.t.Helper()
	righe, err := i.store.Secondi(c.t.Context(), "asst", c.chi)
	c.ok(err)
	return righe[0].Segreto
}

// The server's key changes: stopped between any two steps everything opens, and the
// same command goes on; once the old one is away, nothing needed it.
func TestRuota(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		c := riempi(t, b, true)
		server := filepath.Join(c.dove.Keys, "server.key")
		righe := func() []string {
			x, err := os.ReadFile(server)
			c.ok(err)
			return strings.Split(strings.TrimSpace(string(x)), "\n")
		}
		vecchia := righe()[0]
		for _, x := range []struct {
			togli bool
			passo string // empty: not stopped
			righe int
		}{{false, "riga nuova", 2}, {false, "deposito", 2}, {false, "fattori", 2}, {false, "", 2}, {true, "deposito", 2}, {true, "fattori", 2}, {true, "", 1}} {
			err := (&chiaviRuotaCmd{dove: c.dove, Togli: x.togli, fermate: fermaA(x.passo)}).Run(c.ambito())
			c.apre()
			// Stopped after all was sealed, the same command finds nothing to do, and says that it made no other key.
			finita := !x.togli && x.passo == ""
			if fault.Is(err, fault.Conflict) != finita || err != nil != (finita || x.passo != "") {
				t.Fatalf("%+v: %v", x, err)
			}
			if l := righe(); errors.Is(err, errFermo) != (x.passo != "") || len(l) != x.righe || len(l) == 2 && l[1] != vecchia {
				t.Fatalf("%+v: %v, %d lines", x, err, len(l))
			}
		}
		l := righe()
		if len(l) != 1 || l[0] == vecchia || !strings.HasPrefix(l[0], "2 ") {
			t.Errorf("%d lines, first of version %.1s", len(l), l[0])
		}
		if err := (&chiaviRuotaCmd{dove: c.dove, Togli: true}).Run(c.ambito()); !fault.Is(err, fault.Bad) {
			t.Errorf("the only key is taken away: %v", err)
		}
		c.con(func(i *impianto) { // and the old one opens nothing of what is there now
			c.ok(os.WriteFile(server+".vecchia", []byte(vecchia+"\n"), 0o600))
			prima, err := vault.LoadKeyRing(server+".vecchia", false)
			c.ok(err)
			tutte, err := i.chiavi.Unopened(t.Context(), &vault.KeyRing{})
			c.ok(err)
			if n, err := i.chiavi.Unopened(t.Context(), prima); err != nil || n != tutte || n < 4000 {
				t.Errorf("the old key fails on %d of %d: %v", n, tutte, err)
			}
			if _, err := prima.Open(c.posto, c.fattore(i)); err == nil {
				t.Error("the old key opens a factor")
			}
		})
	})
}

// Keys move to another folder: stopped between any two steps, none is lost, and the
// same command goes on.
func TestSposta(t *testing.T) {
	for _, keys := range []bool{false, true} {
		t.Run(fmt.Sprintf("keys=%v", keys), func(t *testing.T) {
			storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) { sposta(t, b, keys) })
		})
	}
}

func sposta(t *testing.T, b *storetest.Banco, keys bool) {
	c := riempi(t, b, keys)
	prima := c.dove.chiavi()
	radice, err := filepath.EvalSymlinks(t.TempDir())
	c.ok(err)
	for giro, nome := range []string{"altrove/chiavi", "ancora"} {
		nuova := filepath.Join(radice, nome)
		for _, passo := range []string{"annunciata", "copiata chiavi.db", "copiata server.key", "provata", "conta la nuova", "collegata", "tolta la vecchia", ""} {
			err := (&chiaviSpostaCmd{dove: c.dove, Dove: nuova, fermate: fermaA(passo)}).Run(c.ambito())
			if passo == "" && err == nil {
				break
			}
			if !errors.Is(err, errFermo) {
				t.Fatalf("%q: %v", passo, err)
			}
			// Whole in the old place, or whole in the new one; and what does not open says what to do.
			dove := c.dove
			if keys && passo == "tolta la vecchia" { // where nothing is any more
				dove.Keys = nuova
			}
			if i, err := apri(t.Context(), dove); err == nil {
				c.ok(i.chiudi())
				c.apre()
			} else if !strings.Contains(fault.Message(err), "Ripeti lo stesso comando") {
				t.Errorf("stopped at %q: %v", passo, err)
			}
		}
		if keys {
			c.dove.Keys = nuova
		}
		c.apre()
		for _, resta := range []string{prima + vecchie, filepath.Join(nuova, inArrivo)} {
			if esiste(resta) {
				t.Errorf("%s is left behind", resta)
			}
		}
		// In the data folder there is a way to them; where they were else, nothing.
		if x, err := os.Lstat(prima); giro == 0 && !keys && (err != nil || x.Mode()&fs.ModeSymlink == 0) || (giro > 0 || keys) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("in the old place: %v", err)
		}
		prima = nuova
	}
}

// While a copy needs the old server's key it is not taken away, and stays what it was.
func TestRuotaTogliRifiuta(t *testing.T) {
	c := riempi(t, storetest.SQLite(t), true)
	cartella, server, zero := t.TempDir(), filepath.Join(c.dove.Keys, "server.key"), 0
	c.ok((&chiaviCopiaCmd{dove: c.dove, In: cartella, Altre: &zero}).Run(c.ambito()))
	vecchie, err := filepath.Glob(filepath.Join(cartella, "chiavi-*.db"))
	c.ok(err)
	if len(vecchie) != 1 {
		t.Fatal(vecchie)
	}
	const ora = "20060102T150405.000Z.db"
	resta := strings.TrimSuffix(vecchie[0], vecchie[0][len(vecchie[0])-len(ora):]) + time.Now().UTC().Add(-3*time.Hour).Format(ora) // the ring keeps it
	c.ok(os.Rename(vecchie[0], resta))
	c.ok((&chiaviRuotaCmd{dove: c.dove}).Run(c.ambito()))
	prima, err := os.ReadFile(server)
	c.ok(err)
	togli := func() error { return (&chiaviRuotaCmd{dove: c.dove, Togli: true}).Run(c.ambito()) }
	if err := togli(); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Message(err), "1 copia delle chiavi si apre solo con la chiave vecchia, che resta") {
		t.Errorf("with a copy that needs it: %v", err)
	}
	if dopo, err := os.ReadFile(server); err != nil || string(dopo) != string(prima) {
		t.Errorf("refused, and server.key changed: %v", err)
	}
	c.apre()
	c.ok(os.Remove(resta))
	c.ok(togli())
	c.apre()
}

// On a full disk a move changes nothing and leaves nothing; with room it is done.
func TestSpostaADiscoPieno(t *testing.T) {
	c := riempi(t, storetest.SQLite(t), true)
	altra := t.TempDir()
	libera, si := storetest.Pieno(t, altra)
	if !si { // CI runs as root: there it is full
		t.Log("no disk may be mounted here")
		return
	}
	if err := (&chiaviSpostaCmd{dove: c.dove, Dove: altra}).Run(c.ambito()); !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Message(err), "al loro posto") {
		t.Errorf("to a full disk: %v", err)
	}
	if x, err := os.ReadDir(altra); err != nil || len(x) > 0 {
		t.Errorf("%v was left there: %v", x, err)
	}
	c.apre()
	libera()
	c.ok((&chiaviSpostaCmd{dove: c.dove, Dove: altra}).Run(c.ambito()))
	c.dove.Keys = altra
	c.apre()
}

// What would lose or mix keys is refused, and nothing changes.
func TestSpostaRifiuta(t *testing.T) {
	c := riempi(t, storetest.SQLite(t), true)
	vuole := func(kind fault.Kind, dove dove, dove2 string) {
		t.Helper()
		if err := (&chiaviSpostaCmd{dove: dove, Dove: dove2}).Run(c.ambito()); !fault.Is(err, kind) {
			t.Errorf("to %s: %v", dove2, err)
		}
		c.apre()
	}
	piena := t.TempDir()
	c.ok(os.WriteFile(filepath.Join(piena, "x"), nil, 0o600))
	vuole(fault.Bad, c.dove, filepath.Join(c.dove.Data, "altre"))
	vuole(fault.Conflict, c.dove, piena)
	vuole(fault.Conflict, c.dove, c.dove.Keys)
	vuole(fault.NotFound, dove{Data: filepath.Join(piena, "boh")}, t.TempDir())
	vuole(fault.Unavailable, dove{Data: c.dove.Data, Keys: piena}, t.TempDir())
	i, err := apri(t.Context(), c.dove)
	c.ok(err)
	altra := t.TempDir()
	if err := (&chiaviSpostaCmd{dove: c.dove, Dove: altra}).Run(c.ambito()); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Message(err), "è in funzione") {
		t.Errorf("moved while the program runs: %v", err)
	}
	if err := (&chiaviRuotaCmd{dove: c.dove}).Run(c.ambito()); !fault.Is(err, fault.Conflict) {
		t.Errorf("changed while the program runs: %v", err)
	}
	c.ok(i.chiudi())
	if x, err := os.ReadDir(altra); err != nil || len(x) > 0 {
		t.Errorf("%v was left there: %v", x, err)
	}
	c.apre()
}
