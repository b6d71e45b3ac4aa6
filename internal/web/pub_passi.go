package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
)

// vista is what every public page gives its template.
type vista struct {
	Titolo   string
	Passo    int    // of six; 0 outside them
	Indietro string // address of the page before
	Azione   string // where the form goes
	Errori   []erroreCampo
	UPT      bool // who needs help calls the UPT
	V        any
}

// Errore is what is wrong with a field, empty when nothing is.
func (v vista) Errore(campo string) string {
	for _, e := range v.Errori {
		if e.Campo == campo {
			return e.Frase
		}
	}
	return ""
}

// serrature keep two requests of one draft from overwriting each other.
type serrature [64]sync.Mutex

func (s *serrature) chiudi(id []byte) func() {
	m := &s[int(id[0])%len(s)]
	m.Lock()
	return m.Unlock
}

// passo is a page of the six steps: its draft is open, and is not sent yet.
type passo func(w http.ResponseWriter, r *http.Request, c chiaveBozza, b *bozza) error

// mostraPasso opens the draft for a page that shows it.
func (s *Server) mostraPasso(f passo) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, b, err := s.bozzaDi(r)
		switch {
		case err != nil:
			return err
		case b == nil && (r.URL.Path == "/segnala/1" || r.URL.Path == "/segnala/ufficio"):
			return f(w, r, nil, &bozza{})
		case b == nil:
			return s.mostra(w, r, http.StatusNotFound, "pub_perduta", vista{Titolo: "Non troviamo quello che hai scritto"})
		case b.Ricevuta != nil:
			return s.giaInviata(w, r, http.StatusOK, b)
		}
		return f(w, r, c, b)
	}
}

// aperta is a draft that a form changes, alone until it is done.
type aperta struct {
	*bozza
	salva func() error // stores it as it is now, although the form is to be mended
}

// scriviBozza opens the draft of the request's cookie, or a new one when the browser
// has none, so that what was written on an old page is not lost; see scriviBozzaIn.
func (s *Server) scriviBozza(w http.ResponseWriter, r *http.Request, f func(aperta) (dopo string, err error)) error {
	return s.scriviBozzaIn(w, r, leggiBiscotto(r), f)
}

// scriviBozzaIn lets f change the draft, stores it and goes on to the page that f
// names. With no page, f has answered itself. Forms are read before, so that a
// slow sender holds nobody up.
func (s *Server) scriviBozzaIn(w http.ResponseWriter, r *http.Request, c chiaveBozza, f func(aperta) (dopo string, err error)) error {
	if c != nil {
		defer s.serrature.chiudi(c.id())()
	}
	b, err := s.apriBozza(r.Context(), c)
	if err != nil {
		return err
	}
	if b == nil {
		c, b = s.nuovaBozza()
	}
	if b.Ricevuta != nil {
		return s.giaInviata(w, r, http.StatusConflict, b)
	}
	salva := func() error { return s.salvaBozza(w, r, c, b) }
	dopo, err := f(aperta{b, salva})
	if err != nil || dopo == "" {
		return err
	}
	if err := salva(); err != nil {
		return err
	}
	if r.URL.Query().Has("controlla") && b.Risposte.manca() == "" && passato(dopo) {
		dopo = "/segnala/6"
	}
	http.Redirect(w, r, dopo, http.StatusSeeOther)
	return nil
}

// passato reports whether the page is the first of a step, to which somebody who
// only came to change one answer need not go.
func passato(dopo string) bool { return len(dopo) == len("/segnala/6") }

func (s *Server) giaInviata(w http.ResponseWriter, r *http.Request, stato int, b *bozza) error {
	return s.mostra(w, r, stato, "pub_inviata", vista{UPT: b.Ricevuta.Registro == pratica.RegistroUPT, Titolo: "Hai già inviato questa segnalazione", V: b.Ricevuta})
}

// azione is the address of a page's form: it remembers who came from the last
// page to change one answer.
func azione(r *http.Request) string {
	if r.URL.Query().Has("controlla") {
		return r.URL.Path + "?controlla"
	}
	return r.URL.Path
}

// indietro is the page before, or the last one for who came from there.
func indietro(r *http.Request, prima string) string {
	if r.URL.Query().Has("controlla") {
		return "/segnala/6"
	}
	return prima
}

func (s *Server) ambiente() (*pratica.Ambiente, error) {
	a := s.Servizio.Ambiente(s.EnteID)
	if a == nil || a.Regolamento == nil {
		return nil, fault.New(fault.Unavailable, "Il servizio non è ancora pronto. Riprova tra poco.")
	}
	return a, nil
}

func (s *Server) oggi() day.Date { return day.In(s.Now()) }

// vistaTipo is a kind to choose, with the days within which it is answered.
type vistaTipo struct {
	Nome, Etichetta, Frase, Spiega string
	Giorni                         int
	Scelto                         bool
}

func (s *Server) vediPasso1(w http.ResponseWriter, r *http.Request, stato int, ri *risposte, scelto string, errori []erroreCampo) error {
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	suo := ambienteDi(amb, ri.Ufficio)
	var tipi []vistaTipo
	for _, t := range amb.Regolamento.Tipi() {
		tipi = append(tipi, vistaTipo{t.Nome, strings.ToLower(t.Etichetta), nonVuota(frasiTipi[t.Nome], t.Etichetta), spiegaTipi[t.Nome],
			giorniRisposta(suo, t.Nome, s.oggi()), t.Nome == scelto})
	}
	return s.mostra(w, r, stato, "pub_passo1", vista{UPT: ri.UPT(), Titolo: "Che cosa vuoi dirci?", Passo: 1, Indietro: indietro(r, "/"),
		Azione: azione(r), Errori: errori, V: struct {
			Tipi        []vistaTipo
			NonSo       bool
			UPT, Scegli bool // it is for the UPT; the ente has one
		}{tipi, scelto == nonSo, ri.UPT(), amb.Del(pratica.RegistroUPT) != nil}})
}

func (s *Server) passo1(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	return s.vediPasso1(w, r, http.StatusOK, &b.Risposte, b.Risposte.Tipo, nil)
}

func (s *Server) scrivi1(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	var tipi []string
	for _, t := range amb.Regolamento.Tipi() {
		tipi = append(tipi, t.Nome)
	}
	return s.scriviBozza(w, r, func(b aperta) (string, error) {
		t, errori := leggi1(v, tipi)
		if len(errori) > 0 {
			return "", s.vediPasso1(w, r, http.StatusUnprocessableEntity, &b.Risposte, "", errori)
		}
		b.Risposte.Tipo = t
		return "/segnala/2", nil
	})
}

func (s *Server) vediPasso2(w http.ResponseWriter, r *http.Request, stato int, ri *risposte, errori []erroreCampo) error {
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	return s.mostra(w, r, stato, "pub_passo2", vista{UPT: ri.UPT(), Titolo: "Dove e quando", Passo: 2, Indietro: indietro(r, "/segnala/1"),
		Azione: azione(r), Errori: errori, V: struct {
			*risposte
			Reclamo bool
			Luoghi  []string
		}{ri, ri.reclamo(), nomiLuoghi(amb.Organigramma, s.oggi())}})
}

func (s *Server) passo2(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	return s.vediPasso2(w, r, http.StatusOK, &b.Risposte, nil)
}

func (s *Server) scrivi2(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	return s.scriviBozza(w, r, func(b aperta) (string, error) {
		ri := &b.Risposte
		if errori := leggi2(v, ri.reclamo() || ri.Tipo == "", s.oggi(), ri); len(errori) > 0 {
			return "", s.vediPasso2(w, r, http.StatusUnprocessableEntity, ri, errori)
		}
		if !ri.LuogoSicuro {
			if p := amb.Organigramma.Route(ri.Luogo, ri.Luogo, s.oggi(), amb.Uffici); p.Struttura != "" || p.Presidio != "" {
				ri.Presidio, ri.Unita, ri.LuogoSicuro = p.Presidio, p.Struttura, true
			}
		}
		if !ri.LuogoSicuro && len(cercaLuoghi(amb.Organigramma, ri.Luogo)) > 0 {
			return dopo2(r, "/segnala/2/luogo"), nil
		}
		return s.dopoLuogo(r, amb, ri), nil
	})
}

// dopo2 keeps, on the further pages of a step, who came from the last page.
func dopo2(r *http.Request, pagina string) string {
	if r.URL.Query().Has("controlla") {
		return pagina + "?controlla"
	}
	return pagina
}

// dopoLuogo asks why it comes late, once, or goes on.
func (s *Server) dopoLuogo(r *http.Request, amb *pratica.Ambiente, ri *risposte) string {
	if tardi(ambienteDi(amb, ri.Ufficio), ri, s.oggi()) && !ri.RitardoDopo {
		return dopo2(r, "/segnala/2/ritardo")
	}
	return "/segnala/3"
}

// tardi reports whether a reclamo comes later than the rules expect from knowledge
// of the fact. It is taken all the same.
//
// ref: pga01 4.4
func tardi(amb *pratica.Ambiente, ri *risposte, oggi day.Date) bool {
	d, entro := ri.saputo(), amb.Regolamento.Presentazione()
	return ri.reclamo() && entro > 0 && !d.IsZero() && int(oggi-d) > entro
}

// luogo is a unit or a site that a person may have meant.
type luogo struct {
	Valore string // u:ID or s:CODE
	Nome   string
	Dove   string
}

// cercaLuoghi are the units and sites that the words may mean, best first: whole
// sites before their buildings, which few people know by number.
func cercaLuoghi(org *organigramma.Versione, parole string) []luogo {
	var sedi, padiglioni, out []luogo
	for _, x := range org.CercaSedi(parole, 50) {
		l := luogo{"s:" + x.Codice, x.Nome, x.Indirizzo}
		switch {
		case !nostra(x):
		case x.Tipo == "padiglione":
			padiglioni = append(padiglioni, l)
		default:
			sedi = append(sedi, l)
		}
	}
	if len(sedi) == 0 {
		sedi = padiglioni
	}
	out = append(out, sedi[:min(len(sedi), 4)]...)
	for _, x := range org.Cerca(parole, 6) {
		dove := ""
		if sede, ok := org.Sede(x.Presidio); ok {
			dove = sede.Nome
		} else if padre, ok := org.Unita(x.Padre); ok {
			dove = padre.Nome
		}
		out = append(out, luogo{"u:" + x.ID, x.Nome, dove})
	}
	return out
}

// nostra reports whether a site is open, and ours.
func nostra(x organigramma.Sede) bool { return x.Stato == "attivo" && x.Tipo != "presidio_altro_ente" }

// nomiLuoghi are the names to suggest while one writes: our sites and the units
// that exist today.
func nomiLuoghi(org *organigramma.Versione, oggi day.Date) []string {
	var out []string
	for _, x := range org.Sedi() {
		if nostra(x) {
			out = append(out, x.Nome)
		}
	}
	for _, x := range org.Attive(oggi) {
		if x.Ente == "" && x.Tipo != organigramma.DipartimentoFunzionale && x.Tipo != organigramma.Funzione {
			out = append(out, x.Nome)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *Server) vediLuogo(w http.ResponseWriter, r *http.Request, stato int, ri *risposte, errori []erroreCampo) error {
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	return s.mostra(w, r, stato, "pub_luogo", vista{UPT: ri.UPT(), Titolo: "Di quale posto parli?", Passo: 2, Indietro: "/segnala/2", Azione: azione(r),
		Errori: errori, V: struct {
			*risposte
			Trovati []luogo
		}{ri, cercaLuoghi(amb.Organigramma, ri.Luogo)}})
}

func (s *Server) passoLuogo(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	return s.vediLuogo(w, r, http.StatusOK, &b.Risposte, nil)
}

func (s *Server) scriviLuogo(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	return s.scriviBozza(w, r, func(b aperta) (string, error) {
		ri := &b.Risposte
		valori := []string{"nessuno"}
		for _, x := range cercaLuoghi(amb.Organigramma, ri.Luogo) {
			valori = append(valori, x.Valore)
		}
		l := &lettura{Values: v}
		scelto := l.scelta("posto", valori, "Scegli un posto, oppure «Nessuno di questi».")
		if len(l.Errori) > 0 {
			return "", s.vediLuogo(w, r, http.StatusUnprocessableEntity, ri, l.Errori)
		}
		ri.Presidio, ri.Unita, ri.LuogoSicuro = "", "", true
		switch scelto[:2] {
		case "u:":
			ri.Unita = scelto[2:]
		case "s:":
			ri.Presidio = scelto[2:]
		}
		return s.dopoLuogo(r, amb, ri), nil
	})
}

func (s *Server) vediRitardo(w http.ResponseWriter, r *http.Request, stato int, ri *risposte, errori []erroreCampo) error {
	return s.mostra(w, r, stato, "pub_ritardo", vista{UPT: ri.UPT(), Titolo: "È passato un po' di tempo", Passo: 2, Indietro: "/segnala/2",
		Azione: azione(r), Errori: errori, V: ri})
}

func (s *Server) passoRitardo(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	return s.vediRitardo(w, r, http.StatusOK, &b.Risposte, nil)
}

func (s *Server) scriviRitardo(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	return s.scriviBozza(w, r, func(b aperta) (string, error) {
		l := &lettura{Values: v}
		b.Risposte.Ritardo = l.testo("ritardo", maxBreve, "")
		if len(l.Errori) > 0 {
			return "", s.vediRitardo(w, r, http.StatusUnprocessableEntity, &b.Risposte, l.Errori)
		}
		b.Risposte.RitardoDopo = true
		return "/segnala/3", nil
	})
}

func (s *Server) vediPasso3(w http.ResponseWriter, r *http.Request, stato int, ri *risposte, errori []erroreCampo) error {
	return s.mostra(w, r, stato, "pub_passo3", vista{UPT: ri.UPT(), Titolo: "Che cosa è successo?", Passo: 3, Indietro: indietro(r, "/segnala/2"),
		Azione: azione(r), Errori: errori, V: struct {
			*risposte
			Desideri []voceScelta
			Massimo  int
		}{ri, voci(desideri, etichetteDesideri, ri.Chiede...), pratica.MaxTesto}})
}

func (s *Server) passo3(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	return s.vediPasso3(w, r, http.StatusOK, &b.Risposte, nil)
}

func (s *Server) scrivi3(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	return s.scriviBozza(w, r, func(b aperta) (string, error) {
		if errori := leggi3(v, &b.Risposte); len(errori) > 0 {
			return "", s.vediPasso3(w, r, http.StatusUnprocessableEntity, &b.Risposte, errori)
		}
		return "/segnala/4", nil
	})
}

// abbandona deletes the draft, its files included, at the person's wish.
func (s *Server) abbandona(w http.ResponseWriter, r *http.Request) error {
	c := leggiBiscotto(r)
	if c != nil {
		defer s.serrature.chiudi(c.id())()
		_, b, err := s.bozzaDi(r)
		if err != nil {
			return err
		}
		if b != nil && b.Ricevuta == nil {
			for _, f := range b.File {
				s.scarta(f)
			}
		}
		if err := s.eliminaBozza(w, r, c); err != nil {
			return err
		}
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
