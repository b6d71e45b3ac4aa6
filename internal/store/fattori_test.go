package store_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/store"
)

func TestSecondi(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		id := func(c byte) []byte { return bytes.Repeat([]byte{c}, 16) }
		va(t, s.AggiungiPersona(ctx, auth.Persona{Ente: "uno", ID: "a", Utente: "anna", Creata: nove}))
		riga := func(c byte, tipo auth.TipoSecondo) auth.Secondo {
			return auth.Secondo{Ente: "uno", Persona: "a", ID: id(c), Tipo: tipo, Nome: "n", Segreto: []byte{c}, Ultimo: 7, Creato: nove}
		}
		nota := auth.Notizia{Ente: "uno", Persona: "a", ID: id('n'), Chi: "c", Cosa: auth.AppAggiunta, Nota: "n", Il: nove, Dire: true}
		va(t, s.AggiornaPersona(ctx, "uno", "a", auth.Cambio{Notizia: &nota,
			Metti: []auth.Secondo{riga('1', auth.App), riga('2', auth.Passkey), riga('3', auth.Codice), riga('4', auth.Codice)}}))
		altra := riga('1', auth.App)
		altra.Segreto = []byte("altro")
		va(t, s.AggiornaPersona(ctx, "uno", "a", auth.Cambio{Metti: []auth.Secondo{altra}})) // it is there already
		tutti := func(ente, persona string) []auth.Secondo {
			t.Helper()
			l, err := s.Secondi(ctx, ente, persona)
			va(t, err)
			return l
		}
		uguali(t, tutti("uno", "a"), []auth.Secondo{riga('1', auth.App), riga('2', auth.Passkey), riga('3', auth.Codice), riga('4', auth.Codice)})
		uguali(t, len(tutti("due", "a"))+len(tutti("uno", "b")), 0)
		p, err := s.Persona(ctx, "uno", "a")
		va(t, err)
		uguali(t, p.Secondi, 2)

		// The first mark on a key has it; a last step never goes back.
		usa := func(chiave, segno string, u auth.Uso) bool {
			t.Helper()
			u.Chiave, u.Segno, u.Fino = []byte(chiave), []byte(segno), nove.Add(time.Hour)
			ok, err := s.Usa(ctx, u)
			va(t, err)
			return ok
		}
		dopo := riga('1', auth.App)
		dopo.Ultimo, dopo.Usato, dopo.Segreto = 9, nove, []byte("nuovo")
		indietro := dopo
		indietro.Ultimo = 3
		uguali(t, []bool{usa("k", "x", auth.Uso{Aggiorna: &dopo}), usa("k", "y", auth.Uso{Aggiorna: &indietro}), usa("k", "x", auth.Uso{})}, []bool{true, false, true})
		uguali(t, tutti("uno", "a")[0], dopo)
		codice := riga('3', auth.Codice)
		uguali(t, usa("c", "x", auth.Uso{Elimina: &codice}), true)
		va(t, s.AggiornaPersona(ctx, "uno", "a", auth.Cambio{TogliSecondo: id('2')}))
		uguali(t, len(tutti("uno", "a")), 2)
		va(t, s.AggiornaPersona(ctx, "uno", "a", auth.Cambio{Togli: []auth.TipoSecondo{auth.App, auth.Codice}, Metti: []auth.Secondo{riga('5', auth.App)}}))
		uguali(t, tutti("uno", "a"), []auth.Secondo{riga('5', auth.App)})
		va(t, s.SpazzaAccessi(ctx, nove.Add(time.Hour)))
		uguali(t, usa("k", "y", auth.Uso{}), true)
	})
}

func TestNotizie(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		r, err := s.Regola(ctx, "uno")
		va(t, err)
		uguali(t, r, auth.Regola{})
		n := func(c byte, persona string, dopo time.Duration, dire bool) auth.Notizia {
			return auth.Notizia{Ente: "uno", Persona: persona, ID: bytes.Repeat([]byte{c}, 16), Chi: "c", Cosa: auth.RegolaCambiata, Nota: "n", Il: nove.Add(dopo), Dire: dire}
		}
		for i, x := range []auth.Regola{{Libero: true, Motivo: "prova"}, {Dal: day.Of(2026, 4, 1)}} {
			va(t, s.SalvaRegola(ctx, "uno", x, n('a'+byte(i), "", time.Duration(i)*time.Second, false)))
			r, err = s.Regola(ctx, "uno")
			va(t, err)
			uguali(t, r, x)
		}
		uno, due, tre := n('1', "p", 0, true), n('2', "p", time.Second, true), n('3', "p", time.Minute, true)
		for _, x := range []auth.Notizia{uno, due, tre} {
			va(t, s.AggiornaPersona(ctx, "uno", "p", auth.Cambio{Notizia: &x}))
		}
		leggi := func(persona string, daDire bool, quante int) []auth.Notizia {
			t.Helper()
			l, err := s.Notizie(ctx, "uno", persona, daDire, quante)
			va(t, err)
			return l
		}
		uguali(t, leggi("p", true, 50), []auth.Notizia{uno, due, tre})
		uguali(t, leggi("p", false, 2), []auth.Notizia{tre, due})
		va(t, s.SegnaDette(ctx, "uno", "p", due.Il))
		va(t, s.SegnaDette(ctx, "due", "p", tre.Il))
		uguali(t, leggi("p", true, 50), []auth.Notizia{tre})
		uguali(t, len(leggi("p", false, 50))+len(leggi("", false, 50))+len(leggi("q", false, 50)), 5)
	})
}

// An unlocked key is in its own ente's row only, goes on with a new cookie only if it
// is given, and is swept when nobody was seen for ten minutes.
func TestStatoSessione(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		id, nuovo := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
		va(t, s.AggiungiCredenziale(ctx, auth.Credenziale{ID: id, Ente: "uno", Persona: "a", Creata: nove, Vista: nove, Conferma: nove}))
		stato := func(id []byte) []byte {
			t.Helper()
			c, err := s.Credenziale(ctx, "uno", auth.TipoSessione, id)
			va(t, err)
			return c.Stato
		}
		va(t, s.SegnaStato(ctx, "due", id, []byte("altro")))
		uguali(t, stato(id), []byte(nil))
		va(t, s.SegnaStato(ctx, "uno", id, []byte("chiave")))
		uguali(t, stato(id), []byte("chiave"))
		va(t, s.SegnaStato(ctx, "uno", id, nil))
		uguali(t, stato(id), []byte(nil))
		va(t, s.RinnovaSessione(ctx, "uno", id, auth.Credenziale{ID: nuovo, Vista: nove, Conferma: nove, Stato: []byte("nuova")}))
		uguali(t, stato(nuovo), []byte("nuova"))
		va(t, s.SpazzaAccessi(ctx, nove.Add(auth.InattivaChiave-time.Second)))
		uguali(t, stato(nuovo), []byte("nuova"))
		va(t, s.SpazzaAccessi(ctx, nove.Add(auth.InattivaChiave)))
		uguali(t, stato(nuovo), []byte(nil))
		va(t, s.SegnaStato(ctx, "uno", nuovo, []byte("chiave")))
		va(t, s.RinnovaSessione(ctx, "uno", nuovo, auth.Credenziale{ID: id, Vista: nove, Conferma: nove}))
		uguali(t, stato(id), []byte(nil))
	})
}

func TestRinnovaSessione(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		id := func(c byte) []byte { return bytes.Repeat([]byte{c}, 32) }
		c := auth.Credenziale{ID: id('1'), Ente: "uno", Persona: "a", Creata: nove, Vista: nove, Conferma: nove, Mezza: true, Con: "password",
			Da: auth.Da{Rete: "192.0.2.0/24", Dispositivo: "Firefox su Linux"}}
		va(t, s.AggiungiCredenziale(ctx, c))
		nuova := auth.Credenziale{ID: id('2'), Vista: nove.Add(time.Minute), Conferma: nove.Add(time.Minute), Con: "app"}
		for _, ente := range []string{"due", "uno"} {
			err := s.RinnovaSessione(ctx, ente, id('1'), nuova)
			if (err == nil) != (ente == "uno") || err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatalf("%s: %v", ente, err)
			}
		}
		if err := s.RinnovaSessione(ctx, "uno", id('1'), auth.Credenziale{ID: id('3')}); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a session that was renewed: %v", err)
		}
		l, err := s.Credenziali(ctx, "uno", auth.TipoSessione, "a")
		va(t, err)
		c.ID, c.Mezza, c.Vista, c.Conferma, c.Con = nuova.ID, false, nuova.Vista, nuova.Conferma, nuova.Con
		uguali(t, l, []auth.Credenziale{c})
	})
}
