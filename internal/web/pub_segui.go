package web

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// apriSegui opens the case of a session.
func (s *Server) apriSegui(ctx context.Context, x sessioneSegui) (*pratica.Seguito, error) {
	if x.Chiave != "" {
		return s.Servizio.Segui(ctx, s.EnteID, x.Codice, vault.NewRiservato(x.Chiave))
	}
	return s.Servizio.SeguiContatto(ctx, s.EnteID, x.Codice, vault.NewRiservato(x.Contatto))
}

// moduloSegui is what was typed in the page that opens a report; the key is typed
// again each time.
type moduloSegui struct {
	Codice, Contatto string
	Scaduta          bool
	Sospeso          string // a form that waits, sealed
	Perche           string // it waits
}

func (s *Server) segui(w http.ResponseWriter, r *http.Request) error {
	m := moduloSegui{Scaduta: r.URL.Query().Has("scaduta")}
	if c, err := vault.ParseCodice(r.URL.Query().Get("codice")); err == nil {
		m.Codice = vault.Gruppi(c)
	}
	return s.vediSegui(w, r, http.StatusOK, m, nil)
}

func (s *Server) vediSegui(w http.ResponseWriter, r *http.Request, stato int, m moduloSegui, errori []erroreCampo) error {
	return s.mostra(w, r, stato, "pub_segui", vista{Titolo: "Segui la tua segnalazione", Indietro: "/", Azione: "/segui", Errori: errori, V: m})
}

// entraSegui opens a report for who has its codice, and the key or the contact
// that was given. A wrong codice and a wrong key are one answer, and take as long.
func (s *Server) entraSegui(w http.ResponseWriter, r *http.Request) error {
	da := time.Now()
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	l := &lettura{Values: v}
	m := moduloSegui{Codice: l.riga("codice", 60, ""), Contatto: l.riga("contatto", 120, ""), Sospeso: v.Get("sospeso")}
	so, attende := s.apriSospeso(m.Sospeso)
	if m.Sospeso != "" && !attende {
		m.Sospeso = ""
		l.errore("", "Quello che avevi scritto ha aspettato troppo e non c'è più. Entra e scrivilo di nuovo.")
	}
	x := sessioneSegui{}
	if x.Codice, err = vault.ParseCodice(m.Codice); err != nil {
		l.errore("codice", nonVuota(serve(m.Codice == "", "Scrivi il codice: è sulla ricevuta."), fault.Message(err)))
	}
	switch detta := l.riga("chiave", 60, ""); {
	case detta != "":
		k, err := vault.ParseChiave(detta)
		if err != nil {
			l.errore("chiave", fault.Message(err))
		}
		x.Chiave = k.Valore()
	case attende:
		l.errore("chiave", "Scrivi la chiave: senza, non possiamo ridarti quello che hai scritto.")
	case m.Contatto != "":
		x.Contatto = m.Contatto
	default:
		l.errore("chiave", "Scrivi la chiave. Se non l'hai più, scrivi la tua e-mail o il telefono.")
	}
	if len(l.Errori) > 0 {
		return s.vediSegui(w, r, http.StatusUnprocessableEntity, m, l.Errori)
	}
	if x.Chiave != "" { // 79 bits are not guessed: who has the right key is never kept waiting
		if _, err := s.apriSegui(r.Context(), x); err == nil {
			return s.entrato(w, r, m, x, so)
		}
	}
	if attesa := s.freni.attesa(x, rete(r), s.Now()); attesa > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(attesa/time.Second)+1))
		minuti := int((attesa + time.Minute - 1) / time.Minute)
		return s.vediSegui(w, r, http.StatusTooManyRequests, m, []erroreCampo{{"chiave",
			"Troppi tentativi. Riprova tra " + i18n.Plural(minuti, "minuto", "minuti") + ", oppure chiama l'URP."}})
	}
	_, err = s.apriSegui(r.Context(), x)
	if fault.Is(err, fault.NotFound) {
		s.freni.sbagliato(x, rete(r), s.Now())
		pareggia(r.Context(), da)
		return s.vediSegui(w, r, http.StatusUnprocessableEntity, m, []erroreCampo{{"codice", fault.Message(err)}})
	}
	if err != nil {
		return err
	}
	return s.entrato(w, r, m, x, so)
}

// entrato goes on to the report just opened, or to the form on it that waited.
func (s *Server) entrato(w http.ResponseWriter, r *http.Request, m moduloSegui, x sessioneSegui, so *sospeso) error {
	entrata := s.ricordaSegui(x)
	switch {
	case so == nil:
		http.SetCookie(w, entrata)
		http.Redirect(w, r, "/segui/stato", http.StatusSeeOther)
		return nil
	case so.di() != x.Codice:
		return s.vediSegui(w, r, http.StatusConflict, m, []erroreCampo{{"codice",
			"Quello che hai scritto non è per questa segnalazione. Scrivi il codice e la chiave di quella giusta."}})
	}
	return s.riprendi(w, r, entrata, so)
}

// rientra asks for codice and key again. A form that was sent waits meanwhile.
func (s *Server) rientra(w http.ResponseWriter, r *http.Request, stato int, perche string) error {
	if r.Method != http.MethodPost {
		http.Redirect(w, r, "/segui?scaduta", http.StatusSeeOther)
		return nil
	}
	sigillo, err := s.sospendi(w, r)
	if err != nil {
		return err
	}
	return s.vediSegui(w, r, stato, moduloSegui{Sospeso: sigillo, Perche: perche}, nil)
}

// pareggia waits until a refusal has taken as long as any other.
func pareggia(ctx context.Context, da time.Time) {
	t := time.NewTimer(sogliaSegui - time.Since(da))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// seguita is a page of a report that is being followed.
type seguita func(w http.ResponseWriter, r *http.Request, x sessioneSegui, f *pratica.Seguito) error

// conSegui opens the report for a page; intera asks for the key.
func (s *Server) conSegui(intera bool, f seguita) func(http.ResponseWriter, *http.Request) error {
	const finita = "La sessione è finita mentre scrivevi."
	return func(w http.ResponseWriter, r *http.Request) error {
		x, ok := s.sessioneSegui(r)
		switch {
		case !ok:
			return s.rientra(w, r, http.StatusUnauthorized, finita)
		case intera && x.Chiave == "" && r.Method == http.MethodPost:
			return s.rientra(w, r, http.StatusForbidden, "Per scriverci serve la chiave.")
		case intera && x.Chiave == "":
			return fault.New(fault.Forbidden, "Per questa pagina serve la chiave che è sulla ricevuta. Se non l'hai più, chiama l'URP.")
		}
		g, err := s.apriSegui(r.Context(), x)
		if fault.Is(err, fault.NotFound) {
			http.SetCookie(w, biscotto(biscottoSegui, "", -1))
			return s.rientra(w, r, http.StatusUnauthorized, finita)
		}
		if err != nil {
			return err
		}
		http.SetCookie(w, s.ricordaSegui(x))
		return f(w, r, x, g)
	}
}

// quattroParole are the four words, in their order.
var quattroParole = []struct{ Nome, Frase string }{
	{"ricevuta", "Ricevuta"}, {"in_esame", "La stiamo esaminando"}, {"risposta_pronta", "Risposta pronta"}, {"chiusa", "Chiusa"}}

// passoStato is one of the four words on the page.
type passoStato struct {
	Frase      string
	Fatto, Ora bool
}

// vistaStato is the page of a report's state.
type vistaStato struct {
	Numero, Codice, Stato, Entro string
	Protocollo                   string // number of the ente's own
	Protocollando                bool   // it is awaited
	Risposta                     bool   // Entro is the date of a written answer
	InRitardo, Intera, Fatto     bool
	UPT                          bool
	Passi                        []passoStato
	Perche                       []string
	Eventi                       []pratica.Evento
	Messaggi                     []messaggioVisto
	File                         []fileSeguito
	Puo                          []*regolamento.DefAtto
	RispostaIl                   string
	Testo                        string
	Letture                      []letturaVista
	Annullata, PercheAnnullata   string
}

type messaggioVisto struct {
	Data, Titolo, Testo string
	Mio                 bool
}

type fileSeguito struct{ ID, Nome, Peso string }

func (s *Server) statoSegui(w http.ResponseWriter, r *http.Request, x sessioneSegui, g *pratica.Seguito) error {
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	amb = ambienteDi(amb, g.Testa.Registro)
	v := vistaStato{UPT: g.Testa.Registro == pratica.RegistroUPT, Numero: g.Testa.NumeroScritto(), Codice: vault.Gruppi(x.Codice), Intera: x.Chiave != "",
		Protocollo: numeroEnte(g.Protocollo), Protocollando: g.Protocollando,
		Eventi: g.Eventi, Fatto: r.URL.Query().Has("fatto")}
	v.Puo = slices.SortedStableFunc(slices.Values(g.Puo), func(a, b *regolamento.DefAtto) int { // what closes it comes last
		return cmp.Compare(min(1, len(a.Fase)), min(1, len(b.Fase)))
	})
	qui := slices.IndexFunc(quattroParole, func(p struct{ Nome, Frase string }) bool { return p.Nome == g.Stato })
	for i, p := range quattroParole {
		v.Passi = append(v.Passi, passoStato{p.Frase, i < qui, i == qui})
	}
	if qui >= 0 {
		v.Stato = quattroParole[qui].Frase
	}
	if !g.Entro.IsZero() && g.Testa.Aperta {
		v.Entro, v.Perche, v.InRitardo = i18n.Date(g.Entro), i18n.Perche(g.Passi), g.Entro < s.oggi()
		v.Risposta = giorniRisposta(amb, g.Testa.Tipo, g.Testa.Giorno) > 0
	}
	if !g.RispostaIl.IsZero() {
		v.RispostaIl = i18n.Date(g.RispostaIl)
	}
	if !g.Annullata.IsZero() {
		v.Annullata, v.PercheAnnullata = i18n.LongDate(g.Annullata), g.Perche.Apri()
	}
	if g.Segnalazione != nil {
		v.Testo = g.Segnalazione.Apri().Testo
	}
	for _, m := range g.Messaggi {
		v.Messaggi = append(v.Messaggi, messaggioVisto{i18n.Date(m.Data), m.Titolo, m.Testo.Apri(), m.Mio})
	}
	for _, f := range g.File {
		v.File = append(v.File, fileSeguito{f.ID.String(), f.Nome.Valore(), pesoScritto(f.Dimensione)})
	}
	if v.Intera {
		v.Letture = vediLetture(amb, g.Letture)
	}
	return s.mostra(w, r, http.StatusOK, "pub_stato", vista{UPT: v.UPT, Titolo: "La tua segnalazione", V: v})
}

func (s *Server) esciSegui(w http.ResponseWriter, r *http.Request) error {
	if x, ok := s.sessioneSegui(r); ok {
		s.uscite.segna(x, s.Now())
	}
	http.SetCookie(w, biscotto(biscottoSegui, "", -1))
	http.Redirect(w, r, "/segui", http.StatusSeeOther)
	return nil
}

// vistaRisposta is the answer, as it was signed.
type vistaRisposta struct {
	Numero, Data, Firma, Testo string
	Protocollo                 string // number of the ente's own
	Grande, UPT                bool
	Puo                        []*regolamento.DefAtto
	Contrassegno               *contrassegnoVisto
}

func (s *Server) rispostaSegui(w http.ResponseWriter, r *http.Request, _ sessioneSegui, g *pratica.Seguito) error {
	if g.RispostaIl.IsZero() {
		return fault.New(fault.NotFound, "La risposta non è ancora pronta. Quando c'è, la trovi qui.")
	}
	if r.URL.Query().Has("file") {
		return mandaRisposta(w, g)
	}
	v := vistaRisposta{UPT: g.Testa.Registro == pratica.RegistroUPT, Numero: g.Testa.NumeroScritto(), Data: i18n.Date(g.RispostaIl), Firma: g.Firma, Protocollo: numeroEnte(g.ProtocolloRisposta),
		Testo: g.Risposta.Apri(), Grande: r.URL.Query().Has("grande")}
	for _, a := range g.Puo {
		if a.Fase == "" && !chiedeTesto(a) {
			v.Puo = append(v.Puo, a)
		}
	}
	var err error
	if v.Contrassegno, err = s.contrassegno(r, g.Contrassegno); err != nil {
		return err
	}
	return s.mostra(w, r, http.StatusOK, "pub_risposta", vista{UPT: v.UPT, Titolo: "La nostra risposta", Indietro: "/segui/stato", V: v})
}

// mandaRisposta gives the very bytes that were stamped, to be kept and compared.
func mandaRisposta(w http.ResponseWriter, g *pratica.Seguito) error {
	allega(w, "risposta-"+numeroInNome(g.Testa.NumeroScritto())+".txt", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, g.Risposta.Apri())
	return err
}

// chiedeTesto reports whether an act is something to write: then documents may
// come with it.
func chiedeTesto(a *regolamento.DefAtto) bool {
	return a.Fase == "" && slices.Contains(a.Serve, "testo")
}

// campoCittadino is a field of an act in words for the citizen.
type campoCittadino struct {
	regolamento.Campo
	Frase, Valore, Errore string
}

var frasiCampi = map[string]string{"testo": "Che cosa vuoi scriverci?", "motivo": "Perché la ritiri?", "soddisfatto": "La risposta ti è servita?"}

// vistaAtto is the page on which a citizen performs an act.
type vistaAtto struct {
	Nome, Bottone, Chiave string
	Di                    string // the codice of the report it is about
	Ripreso               string // the session ended while it was written
	Campi                 []campoCittadino
	File, Chiude          bool
	Aperto                bool   // it may be done now; else what was written is only there to be copied
	Presi                 *presi // the files taken in already; nil: no form came yet
}

// vediAtto shows the form of an act on a report.
func (s *Server) vediAtto(w http.ResponseWriter, r *http.Request, stato int, g *pratica.Seguito, a *regolamento.DefAtto, chiave string, v url.Values, e *fault.Error, in *presi) error {
	p := vista{UPT: g.Testa.Registro == pratica.RegistroUPT, Titolo: a.Etichetta, Indietro: "/segui/stato", Azione: "/segui/atto/" + a.Nome}
	va := vistaAtto{Nome: a.Nome, Bottone: a.Etichetta, Di: g.Testa.Codice, Aperto: attoAperto(g, a.Nome) != nil, Chiave: chiave, File: chiedeTesto(a), Chiude: a.Fase != "", Presi: in}
	for _, c := range a.Campi() {
		x := campoCittadino{Campo: c, Frase: nonVuota(frasiCampi[c.ID], c.Etichetta), Valore: v.Get(c.ID)}
		if !c.Obbligatorio && c.ID == "testo" {
			x.Frase = "Vuoi dirci perché?"
		}
		if e != nil && e.Campi[c.ID] != "" {
			x.Errore = e.Campi[c.ID]
			p.Errori = append(p.Errori, erroreCampo{c.ID, x.Errore})
		}
		va.Campi = append(va.Campi, x)
	}
	if in != nil {
		for _, x := range in.Rifiutati {
			p.Errori = append(p.Errori, erroreCampo{"documenti", x.Nome + ": " + x.Frase})
		}
	}
	switch {
	case !va.Aperto:
		stato, p.Errori = http.StatusConflict, nil
	case e != nil && len(p.Errori) == 0:
		p.Errori = []erroreCampo{{"", e.Message}}
	default:
		va.Ripreso = ripreso(v.Get("fai"))
	}
	p.V = va
	return s.mostra(w, r, stato, "pub_atto", p)
}

// attoAperto is an act of those open to the citizen now, nil for any other.
func attoAperto(g *pratica.Seguito, nome string) *regolamento.DefAtto {
	for _, a := range g.Puo {
		if a.Nome == nome {
			return a
		}
	}
	return nil
}

var errNonOra = fault.New(fault.NotFound, "Questo ora non si può fare. Torna allo stato della segnalazione.")

func (s *Server) attoSegui(w http.ResponseWriter, r *http.Request, _ sessioneSegui, g *pratica.Seguito) error {
	a := attoAperto(g, r.PathValue("atto"))
	if a == nil {
		return errNonOra
	}
	return s.vediAtto(w, r, http.StatusOK, g, a, unaVolta(), nil, nil, nil)
}

// compi performs an act of the citizen on the report he follows: the session's
// key was verified when the report was opened.
func (s *Server) compi(w http.ResponseWriter, r *http.Request, x sessioneSegui, g *pratica.Seguito) error {
	in := s.presiCittadino(r.Context(), g)
	v, err := leggiModulo(w, r, in.prendi)
	if err != nil {
		return err
	}
	if v.Get("di") != g.Testa.Codice { // the same browser has opened another report since
		sigillo, err := s.sigillaSospeso(s.attesa(r).con(v, in))
		if err != nil {
			return err
		}
		return s.vediSegui(w, r, http.StatusConflict, moduloSegui{Sospeso: sigillo, Perche: "Intanto hai aperto un'altra segnalazione."}, nil)
	}
	a := attoAperto(g, r.PathValue("atto"))
	if a == nil { // it was once, or this is the same form again
		amb, err := s.ambiente()
		if err != nil {
			return err
		}
		if a = amb.Regolamenti[g.Testa.Regolamento].Atto(r.PathValue("atto")); a == nil || a.Apre || !a.PerCittadino() {
			return errNonOra
		}
	}
	if in.riprendi(v); !chiedeTesto(a) {
		in.File = nil
	}
	chiave, err := chiaveUnaVolta(v.Get("chiave"))
	if err != nil {
		return err
	}
	ancora := func(stato int, e *fault.Error) error {
		return s.vediAtto(w, r, stato, g, a, v.Get("chiave"), v, e, in)
	}
	if len(in.Rifiutati) > 0 { // nothing is sent until the person has seen which files are missing
		return ancora(http.StatusUnprocessableEntity, nil)
	}
	if ripreso(v.Get("fai")) != "" {
		return ancora(http.StatusOK, nil)
	}
	dati := pratica.Dati{}
	for _, c := range a.Campi() {
		if t := v.Get(c.ID); t != "" {
			dati[c.ID] = t
		}
	}
	cmd := pratica.Comando{Pratica: g.Testa.ID, Atto: a.Nome, Dati: dati, Chiave: chiave, File: in.perPratica()}
	chi := s.cittadino()
	chi.Segreto = vault.NewRiservato(x.Chiave)
	if _, err = s.Servizio.Esegui(r.Context(), chi, cmd); err != nil {
		if e, ok := comeFault(err, fault.Invalid, fault.TooLarge, fault.Conflict); ok {
			return ancora(e.Kind.Status(), e)
		}
		return err
	}
	in.lasciati()
	http.Redirect(w, r, "/segui/stato?fatto", http.StatusSeeOther)
	return nil
}

// fileSegui gives a file back to who may read it, never to be shown by a browser.
func (s *Server) fileSegui(w http.ResponseWriter, r *http.Request, _ sessioneSegui, g *pratica.Seguito) error {
	id, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(g.File, func(f pratica.FileVisto) bool { return f.ID == id })
	if i < 0 {
		return fault.New(fault.NotFound, "Questo file non c'è.")
	}
	return s.mandaFile(w, g.File[i])
}
