package custody_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

const (
	upt      = pratica.CompartimentoUPT
	password = "cavallo graffetta lampone"
)

func TestMain(m *testing.M) {
	n := m.Run()
	storetest.Ferma()
	os.Exit(n)
}

// banco is the UPT of a real installation: its people, and what they have on paper.
type banco struct {
	*storetest.Banco
	t       *testing.T
	ctx     context.Context
	auth    *auth.Auth
	c       *custody.Custody
	persone map[string]auth.Persona
	biscott map[string]string
	frasi   map[string]vault.Riservato
	fogli   []vault.Foglio
	carla   string // the id of her key, as she reads it out
}

func apri(t *testing.T, b *storetest.Banco) *banco {
	x := &banco{Banco: b, t: t, ctx: context.Background(), persone: map[string]auth.Persona{}, biscott: map[string]string{}, frasi: map[string]vault.Riservato{}}
	x.auth = auth.New(auth.Config{Archivio: b.Store, Chiavi: b.Chiavi, Ring: b.Anello, Now: b.Orologio.Now, Costo: vault.Costo{Memoria: 64, Giri: 1, Fili: 1}})
	x.c = &custody.Custody{Chiavi: b.Chiavi, Registro: b.Store, Auth: x.auth, Now: b.Orologio.Now}
	x.ok(x.auth.SetRegola(x.ctx, access.Sistema(b.Ente), auth.Regola{Libero: true, Motivo: "prova"}))
	for nome, ruolo := range map[string]string{"anna": access.UPT, "bruno": access.UPTOperatore, "carla": access.UPTOperatore, "urp": access.URPAziendale, "adele": access.Amministratore} {
		p, err := x.auth.AddPerson(x.ctx, access.Sistema(b.Ente), nome+".prova", "Prova "+nome, password)
		x.ok(err)
		x.ok(x.auth.Incarica(x.ctx, access.Sistema(b.Ente), p.ID, access.Incarico{Ruolo: ruolo, Dal: x.oggi()}))
		x.persone[nome] = p
	}
	return x
}

func (b *banco) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *banco) vuole(err error, k fault.Kind) {
	b.t.Helper()
	if !fault.Is(err, k) {
		b.t.Fatalf("got %v, want a fault of kind %d", err, k)
	}
}

// allarme demands an alarm.
func (b *banco) allarme(cosa string, err error) {
	b.t.Helper()
	var a *vault.Allarme
	if !errors.As(err, &a) {
		b.t.Errorf("%s: got %v, want an alarm", cosa, err)
	}
}

func (b *banco) oggi() day.Date { return day.In(b.Orologio.Now()) }

// entra signs somebody in anew; with their key unlocked, if they have one.
func (b *banco) entra(nome string) *auth.Sessione {
	b.t.Helper()
	cookie, err := b.auth.SignIn(b.ctx, b.Ente, nome+".prova", password, auth.Da{})
	b.ok(err)
	b.biscott[nome] = cookie
	s, err := b.auth.Session(b.ctx, b.Ente, cookie)
	b.ok(err)
	if f, ok := b.frasi[nome]; ok {
		b.ok(b.auth.UnlockKey(b.ctx, s, f, auth.Da{}))
	}
	return s
}

// chiave gives somebody a key of their own, and a session where it is unlocked.
func (b *banco) chiave(nome string) *auth.Sessione {
	b.t.Helper()
	delete(b.frasi, nome)
	s := b.entra(nome)
	f := b.auth.NewPassphrase(s)
	b.ok(b.auth.SetPassphrase(b.ctx, s, f.Sigillo, f.Frase))
	b.frasi[nome] = f.Frase
	return s
}

func dueDiTre() vault.NewQuorum {
	return vault.NewQuorum{K: 2, Custodi: []vault.Custode{{Nome: vault.NewRiservato("Notaio Verdi")}, {Nome: vault.NewRiservato("Anna Prova"), Interno: true},
		{Nome: vault.NewRiservato("Presidente Neri")}}}
}

// fonda has anna found the UPT, with bruno in it.
func (b *banco) fonda() {
	b.t.Helper()
	var err error
	b.fogli, err = b.c.Found(b.ctx, b.chiave("anna"), upt, dueDiTre())
	b.ok(err)
	b.ammetti("anna", "bruno")
}

// ammetti has one admit another, who pins the founding key.
func (b *banco) ammetti(chi, nuovo string) {
	b.t.Helper()
	s := b.chiave(nuovo)
	b.ok(b.c.Admit(b.ctx, b.entra(chi), upt, b.persone[nuovo].ID, vault.Gruppi(s.Membro().KeyID()), false))
	b.ok(b.c.Pin(b.ctx, s, upt, b.prima()))
}

func (b *banco) prima() string { return vault.Gruppi(b.fogli[0].Prima) }

// scritti are sheets as their holders type them.
func scritti(fogli []vault.Foglio, numeri ...int) map[int]vault.Riservato {
	out := map[int]vault.Riservato{}
	for _, n := range numeri {
		out[n] = vault.NewRiservato(vault.Gruppi(fogli[n-1].Codice.Valore()))
	}
	return out
}

// apre opens the compartment as somebody's request does, or gives what stops it.
func (b *banco) apre(nome string) error {
	b.t.Helper()
	x, err := b.c.Sbloccati(b.ctx, b.entra(nome), upt)
	if err != nil {
		return err
	}
	if _, ok := x.Opener(upt); !ok {
		return fault.New(fault.NotFound, "not a member")
	}
	return nil
}

// parte seals a part for the UPT, as intake does.
func (b *banco) parte(n byte) (vault.Involucro, []byte) {
	b.t.Helper()
	r, err := b.Chiavi.Ricevente(b.ctx, b.Ente, upt)
	b.ok(err)
	pk := vault.NewKey()
	return vault.Parte{Ente: b.Ente, Pratica: vault.ID{15: n}, Nome: pratica.ParteNucleo}.Wrap(pk, r), pk
}

// scrivi writes into the key store as somebody who has the file.
func (b *banco) scrivi(q string, args ...any) {
	b.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.Dir, "chiavi", "chiavi.db")+"?_pragma=busy_timeout(5000)")
	b.ok(err)
	defer func() { b.ok(db.Close()) }()
	_, err = db.ExecContext(b.ctx, q, args...)
	b.ok(err)
}

// annotato puts into the register what a forger with the database would.
func (b *banco) annotato(impronta [32]byte) {
	b.t.Helper()
	b.ok(b.Store.AnnotaChiave(b.ctx, custody.Atto{Ente: b.Ente, Compartimento: upt, Il: b.Orologio.Now(), Cosa: custody.Ingresso, Impronta: impronta}))
	b.ok(b.Store.ConfermaChiave(b.ctx, b.Ente, upt, impronta))
}

// newest is the newest version as the store has it.
func (b *banco) newest() vault.Versione {
	b.t.Helper()
	k, err := b.Chiavi.Compartimento(b.ctx, b.Ente, upt)
	b.ok(err)
	return k.Versioni[len(k.Versioni)-1]
}
