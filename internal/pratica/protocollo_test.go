package pratica_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

func registrata(t *testing.T, b *storetest.Banco, registro string) pratica.Ricevuta {
	t.Helper()
	r, err := b.Servizio.Registra(t.Context(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Registro: registro, Canale: "web",
		Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Ho aspettato sei ore.", Presidio: "03999001",
			Segnalante: &pratica.Persona{Nome: "Lucia", Cognome: "Ferri", Email: "lucia.ferri@esempio.it"}})})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func salute(t *testing.T, b *storetest.Banco) pratica.SaluteProtocollo {
	t.Helper()
	x, err := b.Store.SaluteProtocollo(t.Context(), b.Ente)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// A report and its answer each get a number of the ente's protocol, beside ours; what
// is sent says nothing of a person, and the case is handled meanwhile.
func TestProtocollo(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := t.Context()
		p, _ := b.ConProtocollo(t, false)
		r := registrata(t, b, "")
		az, ds := b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreSanitario, "")
		passo := func(chi access.Chi, atto string, dati pratica.Dati) {
			t.Helper()
			b.Orologio.Avanza(time.Minute)
			if _, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati}); err != nil {
				t.Fatalf("%s: %v", atto, err)
			}
		}
		f, err := b.Servizio.Apri(ctx, az, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		urp := b.Chi(access.URP, f.Testa.URP)
		passo(urp, "presa_in_carico", nil) // nobody waits for the number
		if x := salute(t, b); x.Attendono != 1 || !x.Ultimo.IsZero() || x.Dal.IsZero() {
			t.Errorf("before the number: %+v", x)
		}
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if x := salute(t, b); x.Attendono != 0 || x.Ultimo.IsZero() {
			t.Errorf("after the number: %+v", x)
		}
		nota := func(versione int) error { // by who had the case before his eyes before the number came
			_, err := b.Servizio.Esegui(ctx, urp, pratica.Comando{Pratica: r.ID, Atto: "nota", Versione: versione, Dati: pratica.Dati{"nota": "Sentito il reparto."}})
			return err
		}
		if err := nota(2); err != nil {
			t.Errorf("a number that comes stops who was writing: %v", err)
		}
		for _, v := range []int{2, 1, 9} {
			if err := nota(v); !fault.Is(err, fault.Conflict) {
				t.Errorf("at version %d: %v", v, err)
			}
		}
		passo(urp, "valutazione", pratica.Dati{"natura": "sanitaria", "danni": "esclusi"})
		passo(urp, "informativa", nil)
		passo(az, "bozza_risposta", pratica.Dati{"testo": "Gentile signora, ci scusiamo."})
		passo(ds, "firma_risposta", nil)
		passo(az, "invio_risposta", pratica.Dati{"mezzo": "portale"})
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if f, err = b.Servizio.Apri(ctx, az, r.ID); err != nil {
			t.Fatal(err)
		}
		invio := 0
		for _, a := range f.Storia {
			if a.Timbro != nil {
				invio = a.Seq
			}
		}
		in, out := f.NumeroEnte(1), f.NumeroEnte(invio)
		if in == nil || out == nil || in.Numero != "0000001/2026" || out.Numero != "0000002/2026" || in.AOO != "AOO-PROVA" || in.Verso != "ingresso" || out.Verso != "uscita" {
			t.Fatalf("%+v, %+v", in, out)
		}
		reg, err := b.Servizio.Registrazioni(ctx, az, pratica.Filtro{Registro: pratica.RegistroURP, Limite: 10})
		if err != nil || len(reg.Righe) != 1 || reg.Righe[0].NumeroEnte == nil || reg.Righe[0].NumeroEnte.Numero != in.Numero || len(reg.Righe[0].Annotazioni) != 0 {
			t.Errorf("in the register: %+v %v", reg.Righe, err)
		}
		b.Orologio.Avanza(48 * time.Hour)
		if err := b.Servizio.ChiudiGiorni(ctx, b.Ente); err != nil {
			t.Fatal(err)
		}
		giorni, err := b.Store.TuttiGiornalieri(ctx, b.Ente)
		if err != nil || len(giorni) == 0 || giorni[0].Numeri != 1 || giorni[0].Annotazioni != 0 {
			t.Errorf("the register of the day counts the ente's number among the annotations: %+v %v", giorni, err)
		}
		sum := sha256.Sum256([]byte("Gentile signora, ci scusiamo."))
		for _, x := range p.Tutte() {
			x := x.Chiesto
			if strings.Contains(x.Oggetto+x.Tipo, "Ferri") || x.Documento != nil || x.Registro != "URP" || x.Numero != pratica.NumeroScritto(r.Anno, r.Numero) {
				t.Errorf("sent: %+v", x)
			}
			if x.Verso == "uscita" && (string(x.Impronta) != string(sum[:]) || x.Tipo != "risposta") {
				t.Errorf("the answer: %+v", x)
			}
			if x.Verso == "ingresso" && x.Tipo != "reclamo" {
				t.Errorf("the report: %+v", x)
			}
		}
		g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave)
		if err != nil || g.Protocollo == nil || g.ProtocolloRisposta == nil || g.Protocollo.Numero != in.Numero || g.ProtocolloRisposta.Numero != out.Numero {
			t.Errorf("the citizen: %+v, %v", g, err)
		}
		for chi, quante := range map[*access.Chi]int{&az: 1, ptr(b.Chi(access.Responsabile, "PS-SC")): 0} {
			pag, err := b.Servizio.Elenco(ctx, *chi, pratica.Filtro{Protocollo: in.Numero, Limite: 10})
			if err != nil || len(pag.Righe) != quante {
				t.Errorf("%s finds %d by the number, %v", chi.Persona, len(pag.Righe), err)
			}
		}
		if _, err := b.Servizio.Esegui(ctx, access.Sistema(b.Ente), pratica.Comando{Pratica: r.ID, Atto: "protocollazione"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a number out of nothing: %v", err)
		}
	})
}

func ptr[T any](v T) *T { return &v }

// Killed between the answer and our commit, the program asks again under the same key
// and gets the same number.
func TestProtocolloInterrotto(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := t.Context()
		p, guasto := b.ConProtocollo(t, false)
		r := registrata(t, b, "")
		guasto.Store(-1)
		for range 3 {
			if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 0 || !fault.Is(err, fault.Unavailable) {
				t.Fatal(n, err)
			}
			b.Orologio.Avanza(time.Hour)
		}
		guasto.Store(0)
		vero := b.Servizio.Protocollo
		b.Servizio.Protocollo = muore{vero}
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 0 || !errors.Is(err, errMorto) {
			t.Fatal(n, err)
		}
		b.Orologio.Avanza(time.Hour)
		b.Servizio.Protocollo = vero
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if len(p.Tutte()) != 1 {
			t.Errorf("%d numbers for one report", len(p.Tutte()))
		}
		n, _, err := b.Servizio.NumeroEnte(ctx, b.Ente, r.Codice)
		if err != nil || n == nil || n.Numero != "0000001/2026" {
			t.Errorf("%+v, %v", n, err)
		}
	})
}

var errMorto = errors.New("killed")

// muore gets the number and is no more.
type muore struct{ pratica.Protocollo }

func (m muore) Protocolla(ctx context.Context, d pratica.DaProtocollare) (pratica.NumeroEsterno, error) {
	n, err := m.Protocollo.Protocolla(ctx, d)
	if err == nil {
		err = errMorto
	}
	return n, err
}

// While the channel is down one document alone is asked for, ever more rarely; when it
// is up again all get their numbers. A document that is refused holds up no other.
func TestProtocolloFermo(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := t.Context()
		p, guasto := b.ConProtocollo(t, false)
		for range 3 {
			registrata(t, b, "")
		}
		guasto.Store(http.StatusServiceUnavailable)
		var attese []time.Duration
		for ultimo := b.Orologio.Now(); len(attese) < 8; b.Orologio.Avanza(10 * time.Second) {
			if _, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); err == nil {
				continue
			}
			attese = append(attese, b.Orologio.Now().Sub(ultimo))
			ultimo = b.Orologio.Now()
		}
		if attese[1] != 30*time.Second || attese[2] != time.Minute || attese[3] != 2*time.Minute || attese[7] != 15*time.Minute {
			t.Errorf("waits: %v", attese)
		}
		x := salute(t, b)
		if x.Attendono != 3 || x.Errore != "Il protocollo dell'ente risponde con un errore (503)." || x.Provato.IsZero() {
			t.Errorf("%+v", x)
		}
		b.Orologio.Avanza(time.Hour)
		guasto.Store(http.StatusUnprocessableEntity)
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 0 || err != nil {
			t.Error(n, err)
		}
		if x := salute(t, b); !strings.Contains(x.Errore, "rifiuta questo documento (422)") || strings.Contains(x.Errore, "Rossi") {
			t.Errorf("%+v", x)
		}
		guasto.Store(0)
		b.Orologio.Avanza(time.Hour)
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 3 || err != nil || len(p.Tutte()) != 3 {
			t.Error(n, err, len(p.Tutte()))
		}
		if x := salute(t, b); x.Attendono != 0 || x.Errore != "" {
			t.Errorf("%+v", x)
		}
	})
}

// Without the ente's own protocol nothing waits and nothing is sent; what is the UPT's
// never is.
func TestProtocolloNonSempre(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := t.Context()
		registrata(t, b, "")
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 0 || err != nil || salute(t, b) != (pratica.SaluteProtocollo{}) {
			t.Error(n, err, salute(t, b))
		}
		b.FondaUPT(t)
		p, _ := b.ConProtocollo(t, true)
		registrata(t, b, pratica.RegistroUPT)
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 0 || err != nil || len(p.Tutte()) != 0 || salute(t, b).Attendono != 0 {
			t.Error(n, err, p.Tutte())
		}
		registrata(t, b, "")
		if n, err := b.Servizio.ProtocollaAttese(ctx, b.Ente); n != 1 || err != nil { // with the document: the server holds its hash against it
			t.Error(n, err)
		}
	})
}

// A report as a document of text is the same for ever: its hash is in registers that are
// not ours.
func TestDocumentoUguale(t *testing.T) {
	b := storetest.SQLite(t)
	visto := ""
	b.Servizio.Protocollo = guarda{&visto}
	registrata(t, b, "")
	for range 2 {
		_, _ = b.Servizio.ProtocollaAttese(t.Context(), b.Ente)
		b.Orologio.Avanza(time.Hour)
		testo, sigillo, ok := strings.Cut(visto, "Sigillo: ")
		const vuole = "Segnalazione: 2026/0000001\nRicevuta il: 2026-03-02\nRegistrata: 2026-03-02T09:00:00Z\nTipo: Reclamo\nCanale: web\nSegnalante: Lucia Ferri\nE-mail: lucia.ferri@esempio.it\nPresidio: 03999001\n\nHo aspettato sei ore.\n\n"
		if !ok || testo != vuole || len(sigillo) != 33 {
			t.Errorf("%q", visto)
		}
	}
}

type guarda struct{ documento *string }

func (g guarda) Protocolla(_ context.Context, d pratica.DaProtocollare) (pratica.NumeroEsterno, error) {
	*g.documento = string(d.Documento.Apri())
	return pratica.NumeroEsterno{}, fault.New(fault.Unavailable, "Guardo soltanto.")
}
