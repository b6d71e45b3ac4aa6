package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

const maxFileReg = 256 << 10 // bytes; the shipped one takes 25 KB

// The procedure of the URP is the administrator's to publish, that of the UPT its
// head's: the same pages, each at its own address.
const (
	viaReg    = "/amministrazione/regolamento"
	viaRegUPT = "/upt/regolamento"
)

// diQuale is the register whose procedure a page is about, and the address of the
// first of these pages.
func diQuale(r *http.Request) (registro, via string) {
	if strings.HasPrefix(r.URL.Path, viaRegUPT) {
		return pratica.RegistroUPT, viaRegUPT
	}
	return pratica.RegistroURP, viaReg
}

// provaReg is where what was loaded for a register waits to be published.
func provaReg(registro string) string { return "regolamento " + registro }

// testaReg is the frame of these pages.
func (s *Server) testaReg(r *http.Request, titolo string) (Scrivania, error) {
	if registro, _ := diQuale(r); registro == pratica.RegistroUPT {
		return s.admTesta(r, titolo, "upt/regolamento")
	}
	return s.admTesta(r, titolo, "amministrazione")
}

// regolamentoOra is the procedure in force for a register; nil: none.
func (a admAmbito) regolamentoOra(registro string) *regolamento.Regolamento {
	if suo := a.amb.Del(registro); suo != nil {
		return suo.Regolamento
	}
	return nil
}

// rigaTermineReg is a term in words.
type rigaTermineReg struct {
	Nome, Quanto, Dal, Chi, Ferma, Fonte string
	Legge                                bool
}

// rigaAttoReg is an act in words.
type rigaAttoReg struct{ Nome, Chi, Quando, Fonte string }

// vistaRegolamento is a procedure as an administrator reads it.
type vistaRegolamento struct {
	Titolo, Nome, Versione, Hash string
	Termini                      []rigaTermineReg
	Atti                         []rigaAttoReg
}

type paginaRegolamento struct {
	Scrivania
	Via, Registro string
	InVigore      *vistaRegolamento
	Dal           string
	Storia        []rigaDecorrenza
	Fatto         string
}

func (s *Server) admRegolamento(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	d, err := s.Ambienti.Decorrenze(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	registro, via := diQuale(r)
	p := &paginaRegolamento{Via: via, Registro: registro, Fatto: admFatto[r.URL.Query().Get("fatto")], Storia: storia(d, registro, a.oggi)}
	if reg := a.regolamentoOra(registro); reg != nil {
		p.InVigore = vediRegolamento(reg)
		for _, x := range d {
			if x.Registro == registro && x.Dal <= a.oggi {
				p.Dal = i18n.LongDate(x.Dal)
				break
			}
		}
	}
	if p.Scrivania, err = s.testaReg(r, "Regolamento"); err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "adm_regolamento.html", p)
}

func vediRegolamento(r *regolamento.Regolamento) *vistaRegolamento {
	v := &vistaRegolamento{Titolo: r.Titolo(), Nome: r.Nome(), Versione: r.Versione(), Hash: r.Hash()}
	for _, t := range r.Termini() {
		v.Termini = append(v.Termini, rigaTermineReg{Nome: t.Etichetta, Quanto: quanto(r, t), Dal: elencoAtti(r, t.Dal), Chi: nomiAttori(r, []string{t.Chi}),
			Ferma: elencoAtti(r, t.Ferma), Fonte: t.Fonte, Legge: t.Legge()})
	}
	for _, a := range r.Atti() {
		v.Atti = append(v.Atti, rigaAttoReg{Nome: a.Etichetta, Chi: nomiAttori(r, a.Chi.Tutti()), Quando: nomiFasi(r, a), Fonte: a.Fonte})
	}
	return v
}

// quanto is how long a term lasts, in words.
func quanto(r *regolamento.Regolamento, t *regolamento.DefTermine) string {
	if t.Ore > 0 {
		return i18n.Plural(t.Ore, "ora", "ore")
	}
	if t.Giorni == 0 {
		return "lo stesso giorno"
	}
	computo := day.Computo(t.Computo)
	if computo == "" {
		computo = r.Conteggio().Computo
	}
	out := i18n.Days(t.Giorni)
	if computo == day.Lavorativi {
		out = i18n.Plural(t.Giorni, "giorno lavorativo", "giorni lavorativi")
	}
	if t.Proroga.Giorni > 0 {
		out += ", con proroga " + strconv.Itoa(t.Proroga.Giorni)
		if t.Proroga.Massimo > 0 {
			out += fmt.Sprintf(" (al massimo %d in tutto)", t.Proroga.Massimo)
		}
	}
	return out
}

// elencoAtti are acts, or dates of acts, as the history calls them.
func elencoAtti(r *regolamento.Regolamento, nomi []string) string {
	var out []string
	for _, n := range nomi {
		atto, campo, data := strings.Cut(n, ".")
		testo := atto
		if d := r.Atto(atto); d != nil {
			testo = d.Fatto
			if testo == "" {
				testo = d.Etichetta
			}
		}
		if data {
			if c := r.Campo(campo); c != nil {
				testo += " (" + strings.ToLower(c.Etichetta) + ")"
			}
		}
		if !slices.Contains(out, testo) {
			out = append(out, testo)
		}
	}
	return strings.Join(out, "; ")
}

func nomiAttori(r *regolamento.Regolamento, nomi []string) string {
	var out []string
	for _, n := range nomi {
		testo := n
		if a, ok := r.Attore(n); ok && a.Etichetta != "" {
			testo = a.Etichetta
		}
		switch n {
		case regolamento.AttoreCittadino:
			testo = "Chi ha segnalato"
		case regolamento.AttoreSistema:
			testo = "Il programma"
		}
		out = append(out, testo)
	}
	return strings.Join(out, ", ")
}

// nomiFasi says when an act may be done, as far as phases and earlier acts tell.
func nomiFasi(r *regolamento.Regolamento, a *regolamento.DefAtto) string {
	if a.Apre {
		return "Apre la pratica"
	}
	var out []string
	for _, f := range r.Fasi() {
		if slices.Contains(a.Fasi(), f.Nome) {
			out = append(out, f.Etichetta)
		}
	}
	testo := strings.Join(out, ", ")
	if len(out) == 0 {
		testo = "In ogni fase"
	}
	if len(a.Dopo) > 0 {
		testo += ", dopo: " + elencoAtti(r, a.Dopo)
	}
	return testo
}

// sbaglioReg is something wrong in the file, with its line.
type sbaglioReg struct{ Riga, Frase string }

type paginaCaricaReg struct {
	Scrivania
	Via      string
	Pronti   []opzione // the shipped ones
	Corrente string    // name of the one in force
	Sbagli   []sbaglioReg
	Quanti   string
	Massimo  string
	Errori   erroriAdm
}

func (s *Server) admCaricaRegolamento(w http.ResponseWriter, r *http.Request) error {
	return s.mostraCaricaReg(w, r, &paginaCaricaReg{}, http.StatusOK)
}

func (s *Server) mostraCaricaReg(w http.ResponseWriter, r *http.Request, p *paginaCaricaReg, stato int) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	registro, via := diQuale(r)
	p.Via = via
	for _, n := range regolamento.Names() {
		x, err := regolamento.Shipped(n)
		if err != nil {
			return err
		}
		if x.Registro() == registro {
			p.Pronti = append(p.Pronti, opzione{n, x.Titolo() + ", versione " + x.Versione()})
		}
	}
	if reg := a.regolamentoOra(registro); reg != nil {
		p.Corrente = reg.Nome()
	}
	p.Massimo = strconv.Itoa(maxFileReg >> 10)
	p.Quanti = i18n.Plural(len(p.Sbagli), "cosa da correggere", "cose da correggere")
	titolo := "Scegli il regolamento"
	if stato != http.StatusOK {
		titolo = "Errore: scegli il regolamento"
	}
	if p.Scrivania, err = s.testaReg(r, titolo); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_carica_reg.html", p)
}

// admCaricaFile takes a shipped regolamento or a file, and keeps it aside to be
// looked at. Load refuses what is not strictly right, line by line.
func (s *Server) admCaricaFile(w http.ResponseWriter, r *http.Request) error {
	rifiuta := func(stato int, campo, frase string) error {
		return s.mostraCaricaReg(w, r, &paginaCaricaReg{Errori: erroriAdm{{campo, frase}}}, stato)
	}
	file := map[string][]byte{}
	v, err := leggiModulo(w, r, bustaFile(maxFileReg, file))
	if f, ok := comeFault(err, fault.TooLarge); ok {
		return rifiuta(f.Kind.Status(), "file", f.Message)
	}
	if err != nil {
		return err
	}
	var reg *regolamento.Regolamento
	if b := file["file"]; b != nil {
		s.adm.turno.Lock()
		reg, err = regolamento.Load(b, nil)
		s.adm.turno.Unlock()
		if err != nil {
			p := &paginaCaricaReg{Sbagli: sbagliDi(err), Errori: erroriAdm{{"sbagli", "Il file ha degli errori: li trovi qui sotto, con la riga. Correggilo e caricalo di nuovo."}}}
			return s.mostraCaricaReg(w, r, p, http.StatusUnprocessableEntity)
		}
	} else if reg, err = regolamento.Shipped(v.Get("pronto")); err != nil {
		return rifiuta(http.StatusUnprocessableEntity, "pronto", "Scegli un regolamento dall'elenco, oppure carica un file.")
	}
	registro, via := diQuale(r)
	if reg.Registro() != registro {
		return rifiuta(http.StatusUnprocessableEntity, "file", "Questo regolamento è per un altro registro. Nel file scrivi «registro: "+registro+"».")
	}
	s.adm.metti(sessioneDi(r).Persona, provaReg(registro), admProva{Regolamento: reg, Il: s.Now()})
	return vaiA(w, r, via+"/prova", "")
}

var rigaNelTesto = regexp.MustCompile(`^riga (\d+): `)

// sbagliDi parts the errors of a file by line.
func sbagliDi(err error) []sbaglioReg {
	testo := err.Error()
	if f, ok := comeFault(err, fault.Invalid, fault.Bad); ok {
		testo = strings.Join(append([]string{f.Message}, f.Motivi...), "\n")
	}
	var out []sbaglioReg
	for x := range strings.SplitSeq(testo, "\n") {
		x = strings.TrimSpace(x)
		if x == "" {
			continue
		}
		v := sbaglioReg{Frase: x}
		if m := rigaNelTesto.FindStringSubmatch(x); m != nil {
			v = sbaglioReg{m[1], x[len(m[0]):]}
		}
		v.Frase = tronca(maiuscola(v.Frase), 300)
		out = append(out, v)
	}
	return out
}

// difettoReg is a fault of a procedure with the shortest way to see it.
type difettoReg struct {
	Cosa  string
	Passi []string
}

type paginaProvaReg struct {
	Scrivania
	Via         string
	Reg         *vistaRegolamento
	Prima       string
	Attesa      bool // the check goes on
	Sano        bool
	Stati       string // how many situations were looked at; empty for one that came with the program
	Difetti     []difettoReg
	Uguale      bool // the one in force: only its calendar would be made again
	Dal, Minimo string
	Errori      erroriAdm
}

func (s *Server) admProvaRegolamento(w http.ResponseWriter, r *http.Request) error {
	return s.mostraProvaReg(w, r, "", nil, http.StatusOK)
}

func (s *Server) mostraProvaReg(w http.ResponseWriter, r *http.Request, dal string, errori []erroreCampo, stato int) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	registro, via := diQuale(r)
	x, ok := s.adm.prova(a.se.Persona, provaReg(registro), s.Now())
	if !ok {
		return vaiA(w, r, via+"/carica", "")
	}
	g, fatto := s.adm.giudica(x.Regolamento)
	p := &paginaProvaReg{Via: via, Reg: vediRegolamento(x.Regolamento), Attesa: !fatto, Sano: fatto && g.Sano(), Dal: dal, Minimo: a.oggi.String(), Errori: errori}
	ora := a.regolamentoOra(registro)
	p.Uguale = ora != nil && ora.Hash() == x.Regolamento.Hash()
	if p.Prima, err = s.improntaDecorrenze(r, registro); err != nil {
		return err
	}
	if g.Stati > 0 {
		p.Stati = i18n.Number(g.Stati)
	}
	for _, d := range g.Difetti {
		p.Difetti = append(p.Difetti, difettoReg{d.Cosa, d.Passi})
	}
	if p.Dal == "" {
		p.Dal = a.oggi.String()
	}
	titolo := "Prima di pubblicare"
	if len(errori) > 0 {
		titolo = "Errore: prima di pubblicare"
	}
	if p.Scrivania, err = s.testaReg(r, titolo); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_prova_reg.html", p)
}

// admPubblicaRegolamento puts in force the regolamento that was looked at. One
// with faults is not published: a case could wait for ever.
func (s *Server) admPubblicaRegolamento(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	registro, via := diQuale(r)
	x, ok := s.adm.prova(a.se.Persona, provaReg(registro), s.Now())
	switch {
	case !ok && v.Get("hash") != "" && s.pubblicato(r, registro, v.Get("hash")): // the same form, sent twice
		return vaiA(w, r, via, "regolamento")
	case !ok || x.Regolamento.Hash() != v.Get("hash"):
		return fault.New(fault.Conflict, "Il regolamento provato non c'è più. Sceglilo o caricalo di nuovo.")
	}
	prima, err := s.improntaDecorrenze(r, registro)
	if err != nil {
		return err
	}
	dal, errori := dalGiorno(v, a.oggi)
	g, fatto := s.adm.giudica(x.Regolamento)
	switch {
	case len(errori) > 0:
		return s.mostraProvaReg(w, r, v.Get("dal"), errori, http.StatusUnprocessableEntity)
	case !fatto:
		return s.mostraProvaReg(w, r, v.Get("dal"), []erroreCampo{{"", "Il controllo non è ancora finito. Aspetta qualche secondo e riprova."}}, http.StatusConflict)
	case !g.Sano():
		return s.mostraProvaReg(w, r, v.Get("dal"), []erroreCampo{{"", "Questo regolamento ha dei difetti. Correggi il file e caricalo di nuovo."}}, http.StatusUnprocessableEntity)
	case v.Get("prima") != prima:
		return s.mostraProvaReg(w, r, v.Get("dal"), []erroreCampo{{"", errCambiato}}, http.StatusConflict)
	}
	if err := s.Ambienti.Pubblica(r.Context(), s.EnteID, dal, x.Regolamento); err != nil {
		return err
	}
	s.adm.scorda(a.se.Persona, provaReg(registro))
	return vaiA(w, r, via, "regolamento")
}
