package custody_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"tutela/internal/access"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// Here somebody holds chiavi.db, the main database, server.key and the log's key, and
// nothing of any member. What he writes there raises an alarm or is refused, whatever
// the members do next, and his keys open nothing written before.

// tabelle are those of a compartment in the key store.
var tabelle = []string{"versioni", "consegne", "recuperi", "sottoinsiemi", "ricordi", "membri"}

// salva keeps the key store as it is, for rimetti to bring back.
func (b *banco) salva() {
	for _, t := range tabelle {
		b.scrivi(`drop table if exists vecchio_` + t)
		b.scrivi(`create table vecchio_` + t + ` as select * from ` + t)
	}
}

func (b *banco) rimetti(quali ...string) {
	for _, t := range quali {
		b.scrivi(`delete from ` + t)
		b.scrivi(`insert into ` + t + ` select * from vecchio_` + t)
	}
}

// ombra is the forger: a compartment of his own, and the keys he would be read by.
type ombra struct {
	b     *banco
	sua   *vault.MemberKey
	mondo *vault.Compartimento
	pin   []byte
}

// forgia makes him one, from a version that he says came before.
func (b *banco) forgia(prima vault.Versione) *ombra {
	b.t.Helper()
	o := &ombra{b: b, sua: vault.NewMemberKey(b.Ente, "ombra", 1), mondo: &vault.Compartimento{Ente: b.Ente, Nome: upt}}
	firma, err := b.Chiavi.Firma(b.ctx, b.Ente)
	b.ok(err)
	ch, err := vault.Found(b.Ente, upt, prima, o.sua, dueDiTre(), firma)
	b.ok(err)
	o.prende(ch)
	// Sealed to everybody, with the keys that the table has.
	vero, err := b.Chiavi.Compartimento(b.ctx, b.Ente, upt)
	b.ok(err)
	for _, m := range vero.Membri {
		key, err := vault.ParsePublicKey(m.Pubblica)
		b.ok(err)
		ch, err := o.apre().Join(vault.Admission{Membro: m, ID: key.ID()})
		b.ok(err)
		o.prende(ch)
	}
	return o
}

func (o *ombra) prende(ch *vault.Change) {
	m := o.mondo
	if n := len(m.Versioni); n > 0 && m.Versioni[n-1].N == ch.Versione.N {
		m.Versioni[n-1] = ch.Versione
	} else {
		m.Versioni, m.Consegne = append(m.Versioni, ch.Versione), nil
	}
	m.Consegne = append(m.Consegne, ch.Consegne...)
	if ch.Recupero != nil {
		m.Recupero = *ch.Recupero
	}
	o.pin = ch.Pin
}

func (o *ombra) apre() *vault.Unlocked {
	o.b.t.Helper()
	verifica, err := o.b.Chiavi.Verifica(o.b.ctx, o.b.Ente)
	o.b.ok(err)
	u, err := o.mondo.Unlock(o.sua, o.pin, vault.Outside{Ultima: o.mondo.Versioni[len(o.mondo.Versioni)-1].Impronta(), Verify: verifica})
	o.b.ok(err)
	return u
}

// mette writes his compartment into the key store, and what he likes into the register.
func (o *ombra) mette(anche ...string) {
	b, m := o.b, o.mondo
	for _, v := range m.Versioni {
		b.scrivi(`insert into versioni (ente, compartimento, n, tipo, pubblica, firma, albo) values ($1,$2,$3,$4,$5,$6,$7)
on conflict (ente, compartimento, n) do update set tipo = excluded.tipo, pubblica = excluded.pubblica, firma = excluded.firma, albo = excluded.albo`,
			v.Ente, v.Compartimento, v.N, string(v.Tipo), v.Pubblica, v.Firma, v.Albo)
	}
	b.scrivi(`delete from consegne`)
	for _, g := range m.Consegne {
		b.scrivi(`insert into consegne (ente, compartimento, n, destinatario, numero, chiusa) values ($1,$2,$3,$4,$5,$6)`,
			g.Ente, g.Compartimento, g.N, g.Destinatario, g.Numero, g.Chiusa)
	}
	for _, t := range anche {
		switch t {
		case "recuperi":
			b.scrivi(`update recuperi set pubblica = $1, serie = $2`, m.Recupero.Pubblica, m.Recupero.Serie)
		case "sottoinsiemi":
			b.scrivi(`delete from sottoinsiemi`)
			for _, s := range m.Recupero.Chiuse {
				b.scrivi(`insert into sottoinsiemi (ente, compartimento, custodi, chiusa) values ($1,$2,$3,$4)`, m.Ente, m.Nome, s.Custodi, s.Chiusa)
			}
		}
	}
}

// niente demands that nothing goes on: nobody opens, admits, removes, prints sheets.
func (b *banco) niente(cosa string) {
	b.t.Helper()
	for _, chi := range []string{"anna", "bruno"} {
		s := b.entra(chi)
		if _, err := b.c.Sbloccati(b.ctx, s, upt); err == nil {
			b.t.Errorf("%s: %s is let in", cosa, chi)
		}
		_, err := b.c.Open(b.ctx, s, upt)
		b.allarme(cosa+": "+chi+" unlocks", err)
		b.allarme(cosa+": "+chi+" admits", b.c.Admit(b.ctx, s, upt, b.persone["carla"].ID, b.carla, false))
		_, err = b.c.Renew(b.ctx, s, upt, custody.Cambio{})
		b.allarme(cosa+": "+chi+" renews", err)
	}
	_, err := b.c.Found(b.ctx, b.entra("anna"), upt, dueDiTre())
	if err == nil {
		b.t.Errorf("%s: founded anew", cosa)
	}
}

// daSola is a forgery that the sheets are stronger than: they admit one person, by the
// key that opened in her own session, and take nobody's from the table.
const daSola = "members' keys of his own"

func TestForgedStores(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	b.carla = b.chiave("carla").Membro().KeyID()
	prima, _ := b.parte(1)
	firma, err := b.Chiavi.Firma(b.ctx, b.Ente)
	b.ok(err)
	vera := b.newest()
	for cosa, fa := range map[string]func() *ombra{
		"a public key swapped": func() *ombra {
			o := b.forgia(vault.Versione{})
			b.scrivi(`update versioni set pubblica = $1`, o.mondo.Versioni[0].Pubblica)
			return o
		},
		"a public key swapped and signed": func() *ombra {
			o := b.forgia(vault.Versione{})
			b.scrivi(`update versioni set pubblica = $1, firma = $2`, o.mondo.Versioni[0].Pubblica, o.mondo.Versioni[0].Firma)
			return o
		},
		"a founding of his own, sealed to all": func() *ombra {
			o := b.forgia(vault.Versione{})
			o.mette("recuperi", "sottoinsiemi")
			return o
		},
		"a version of his own on top, sealed to all": func() *ombra {
			o := b.forgia(vera)
			o.mette("recuperi", "sottoinsiemi")
			return o
		},
		"two versions of his own": func() *ombra {
			o := b.forgia(vault.Versione{})
			q := dueDiTre()
			ch, err := o.apre().Renew(vault.Renewal{Quorum: &q}, firma)
			b.ok(err)
			o.prende(ch)
			o.mette("recuperi", "sottoinsiemi")
			return o
		},
		"a recovery key of his own": func() *ombra {
			o := b.forgia(vault.Versione{})
			b.scrivi(`update recuperi set pubblica = $1`, o.mondo.Recupero.Pubblica)
			for _, s := range o.mondo.Recupero.Chiuse {
				b.scrivi(`update sottoinsiemi set chiusa = $1 where custodi = $2`, s.Chiusa, s.Custodi)
			}
			return o
		},
		daSola: func() *ombra {
			o := b.forgia(vault.Versione{})
			for _, chi := range []string{"anna", "bruno"} {
				b.scrivi(`update membri set pubblica = $1 where persona = $2`, vault.NewMemberKey(b.Ente, b.persone[chi].ID, 1).Pubblica, b.persone[chi].ID)
			}
			return o
		},
		"a version of the server's on top": func() *ombra {
			v := b.Anello.NewVersione(b.Ente, upt, 2)
			b.scrivi(`insert into versioni (ente, compartimento, n, tipo, chiave) values ($1,$2,$3,$4,$5)`, v.Ente, v.Compartimento, v.N, string(v.Tipo), v.Chiave)
			return b.forgia(vault.Versione{})
		},
		"the roll of another place": func() *ombra {
			o := b.forgia(vault.Versione{})
			b.scrivi(`update versioni set albo = $1`, o.mondo.Versioni[0].Albo)
			return o
		},
	} {
		b.salva()
		o := fa()
		b.niente(cosa)
		b.annotato(b.newest().Impronta())
		b.niente(cosa + ", with the register")
		_, err := b.c.Recover(b.ctx, b.entra("anna"), upt, scritti(b.fogli, 1, 2), dueDiTre())
		if err == nil && cosa != daSola || fault.Is(err, fault.Internal) {
			t.Errorf("%s: recovered: %v", cosa, err)
		}
		if _, err := o.apre().Opener().Unwrap(prima); err == nil {
			t.Errorf("%s: what was written before opens", cosa)
		}
		b.rimetti(tabelle...)
		b.scrivi(`delete from versioni where n > 1`)
		b.annotato(vera.Impronta())
		if err := b.apre("anna"); err != nil {
			t.Fatalf("after %s: %v", cosa, err)
		}
	}
	atti, err := b.c.Acts(b.ctx, b.Ente, upt)
	b.ok(err)
	if !slices.ContainsFunc(atti, func(a custody.Atto) bool {
		return a.Cosa == custody.Allarme && a.Nota != "" && a.Chi == b.persone["anna"].ID
	}) {
		t.Error("no alarm on record")
	}
}

// An older copy of the key store that is put back does not fit the register; with the
// register put back too, who has seen the newer key knows.
func TestOlderStorePutBack(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	vecchia := b.newest()
	b.salva()
	_, err := b.c.Renew(b.ctx, b.entra("anna"), upt, custody.Cambio{})
	b.ok(err)
	b.ok(b.apre("bruno"))
	nuova := b.newest().Impronta()
	b.rimetti("versioni", "consegne", "recuperi", "sottoinsiemi")
	b.niente("an older store")
	b.database(`delete from atti_chiavi where impronta = $1`, nuova[:])
	b.niente("an older store, and what was done since taken out of the list")
	b.annotato(vecchia.Impronta())
	b.niente("an older store and register")
	b.rimetti("ricordi") // pins too: nothing here can know; the log's witnesses will
	b.ok(b.apre("anna"))
	b.database(`update log_fatti set testo = $1 where kind = 'chiavi' and pos = (select max(pos) from log_fatti where kind = 'chiavi')`, []byte(`{"compartimento":"altro"}`))
	b.niente("a record of the log that is not the one in the tree")
}

// The key store is gone, and somebody who heads the office is asked to found it anew.
func TestStoreEmptied(t *testing.T) {
	b := apri(t, storetest.SQLite(t))
	b.fonda()
	for _, t := range tabelle[:4] {
		b.scrivi(`delete from ` + t)
	}
	_, err := b.c.Found(b.ctx, b.entra("anna"), upt, dueDiTre())
	b.allarme("founded over what was there", err)
}

// The public key was swapped for a while and put back before anybody unlocked: what
// came in meanwhile does not open, and the unlock says so.
func TestKeySwappedAndPutBack(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b0 *storetest.Banco) {
		b0.Manomesso = true
		b := apri(t, b0)
		b.fonda()
		ric, err := b.Servizio.Registra(b.ctx, access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web", Segnalazione: pratica.Chiudi(
			pratica.Segnalazione{Testo: "Mancano le panchine.", Segnalante: &pratica.Persona{Nome: "Prova", Email: "prova@esempio.example"}})})
		b.ok(err)
		r, err := b.Chiavi.Ricevente(b.ctx, b.Ente, upt)
		b.ok(err)
		avvolgi := func(r vault.Recipient, nome string) {
			i := vault.Parte{Ente: b.Ente, Pratica: ric.ID, Nome: nome}.Wrap(vault.NewKey(), r)
			b.database(`insert into involucri (pratica, parte, destinatario, versione, chiusa) select n, $1, 'compartimento.upt', 1, $2 from pratiche`, nome, i.Chiusa)
		}
		avvolgi(r, "nucleo-1")
		_, err = b.c.Open(b.ctx, b.entra("anna"), upt)
		b.ok(err)
		avvolgi(b.forgia(vault.Versione{}).apre().Recipient(), "nucleo-2")
		_, err = b.c.Open(b.ctx, b.entra("anna"), upt)
		b.allarme("a wrap that does not open", err)
	})
}

// database writes into the main database as somebody who has it.
func (b *banco) database(q string, args ...any) {
	b.t.Helper()
	motore, dove := "sqlite", "file:"+filepath.Join(b.Dir, "tutela.db")+"?_pragma=busy_timeout(5000)"
	if b.URL != "" {
		motore, dove = "pgx", b.URL
	}
	db, err := sql.Open(motore, dove)
	b.ok(err)
	defer func() { b.ok(db.Close()) }()
	_, err = db.ExecContext(b.ctx, q, args...)
	b.ok(err)
}
