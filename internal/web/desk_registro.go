package web

import (
	"encoding/csv"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// leggonoRegistro are the roles that have a register of the URP among their pages.
var leggonoRegistro = []string{access.URPAziendale, access.URP, access.FrontOffice}

// rigaRegistro is a number of the register as people read it.
type rigaRegistro struct {
	Numero, Link     string
	Il, ISO, Giorno  string
	Tipo, Dove, Come string
	Chi, Oggetto     string // for the screen, never printed
	Impronta, Breve  string
	Ente             string // number of the ente's own protocol
	Annullata        string // when
	Annotazioni      []annotazioneVista
}

// annotazioneVista is what was written beside a number.
type annotazioneVista struct{ Cosa, Quando, Chi, Causa, Motivo string }

// domandaRegistro is what the address of the page asks.
type domandaRegistro struct {
	Anno, Numero, Tipo, Codice, Dal, Al string
}

type paginaRegistro struct {
	Scrivania
	Base              string // address of the page
	Pagina, Testo     string
	UPT               bool
	D                 domandaRegistro
	Tipi              []opzioneVista
	Righe             []rigaRegistro
	Errori            erroriAdm
	Conta, Inizio     string
	Successiva        string
	Stampa            string // address of the print; empty: there is nothing to print
	Stampato, Periodo string
	Vuoto             vuoto
}

// righeStampa is how much of a register goes on one print.
const righeStampa = 1000

// registrazioni shows a register to the office that keeps it.
//
// ref: dpr445-2000 art. 53
func (s *Server) registrazioni(w http.ResponseWriter, r *http.Request) error {
	p, f, err := s.domandaRegistro(r, r.URL.Query())
	if err != nil {
		return err
	}
	if len(p.Errori) > 0 {
		return s.rendi(w, r, http.StatusUnprocessableEntity, "desk_registro.html", p)
	}
	pag, err := s.Servizio.Registrazioni(r.Context(), sessioneDi(r).Chi, f)
	if err != nil {
		return err
	}
	if p.Righe, err = s.righeRegistro(r, pag.Righe); err != nil {
		return err
	}
	q := p.D.query()
	if f.Dopo != "" {
		p.Inizio = p.Base + "?" + q.Encode()
	}
	if len(p.Righe) > 0 {
		p.Stampa = p.Base + "/stampa?" + q.Encode()
	}
	if pag.Dopo != "" {
		q.Set("dopo", pag.Dopo)
		p.Successiva = p.Base + "?" + q.Encode()
	}
	p.Conta = i18n.Plural(len(p.Righe), "registrazione in questa pagina", "registrazioni in questa pagina")
	return s.rendi(w, r, http.StatusOK, "desk_registro.html", p)
}

// stampaRegistro is a stretch of the register to be printed, the first number first and
// without names.
func (s *Server) stampaRegistro(w http.ResponseWriter, r *http.Request) error {
	p, f, err := s.domandaRegistro(r, r.URL.Query())
	if err != nil {
		return err
	}
	var tutte []pratica.Registrazione
	for len(p.Errori) == 0 && len(tutte) <= righeStampa {
		pag, err := s.Servizio.Registrazioni(r.Context(), sessioneDi(r).Chi, f)
		if err != nil {
			return err
		}
		tutte = append(tutte, pag.Righe...)
		if f.Dopo = pag.Dopo; f.Dopo == "" {
			break
		}
	}
	if len(tutte) > righeStampa {
		p.Errori = erroriAdm{{"dal", "Sono più di " + i18n.Number(righeStampa) + " registrazioni: scegli un periodo più breve."}}
	}
	if len(p.Errori) > 0 {
		return s.rendi(w, r, http.StatusUnprocessableEntity, "desk_registro.html", p)
	}
	slices.Reverse(tutte)
	if p.Righe, err = s.righeRegistro(r, tutte); err != nil {
		return err
	}
	p.Conta = i18n.Plural(len(p.Righe), "registrazione", "registrazioni")
	p.Inizio = p.Base + "?" + p.D.query().Encode()
	p.Stampato = "Stampato da " + sessioneDi(r).Nome + ", " + istante(s.Now())
	return s.rendi(w, r, http.StatusOK, "desk_registro_stampa.html", p)
}

// esportaRegistro gives a stretch of the register as a table, without names and without
// what anybody wrote.
func (s *Server) esportaRegistro(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	p, f, err := s.domandaRegistro(r, v)
	if err != nil {
		return err
	}
	if len(p.Errori) > 0 {
		return s.rendi(w, r, http.StatusUnprocessableEntity, "desk_registro.html", p)
	}
	var c *csv.Writer
	scrivi := func(righe []pratica.Registrazione) error {
		if c == nil { // not before it is known that it may be
			nome := "registro-" + f.Registro + "-" + nonVuota(p.D.Anno, "tutto") + ".csv"
			allega(w, nome, "text/csv; charset=utf-8")
			c = csv.NewWriter(w)
			c.UseCRLF = true
			if err := c.Write([]string{"numero", "registrata", "giorno", "tipo", "struttura", "come", "impronta", "protocollo", "annullata", "annotazioni"}); err != nil {
				return err
			}
		}
		for _, x := range righe {
			note := []string{}
			for _, a := range x.Annotazioni {
				note = append(note, strings.Trim(day.In(a.Il).String()+" "+a.Etichetta+" "+a.Causa, " "))
			}
			riga := []string{pratica.NumeroScritto(x.Anno, x.Numero), x.RicevutaIl.In(day.Rome).Format("2006-01-02T15:04:05-07:00"), x.Giorno.String(), x.Tipo,
				x.Struttura, x.Canale, hex.EncodeToString(x.Impronta), numeroEnte(x.NumeroEnte), x.Annullata().String(), strings.Join(note, "; ")}
			for i := range riga {
				riga[i] = senzaFormula(riga[i])
			}
			if err := c.Write(riga); err != nil {
				return err
			}
		}
		c.Flush()
		return c.Error()
	}
	return s.Servizio.EsportaRegistro(r.Context(), sessioneDi(r).Chi, f, scrivi)
}

// senzaFormula keeps a spreadsheet from reading a text as a formula.
func senzaFormula(t string) string {
	if t != "" && strings.ContainsRune("=+-@\t\r", rune(t[0])) {
		return "'" + t
	}
	return t
}

// domandaRegistro reads what the address asks: the year under way, unless it says
// another, or a codice, which is of any.
func (s *Server) domandaRegistro(r *http.Request, q url.Values) (*paginaRegistro, pratica.Filtro, error) {
	registro := registroDi(r)
	f := pratica.Filtro{Registro: registro, Limite: 50}
	p := &paginaRegistro{Base: "/registrazioni", UPT: registro == pratica.RegistroUPT, Pagina: "Registro dell’URP"}
	if p.UPT {
		p.Base, p.Pagina = "/upt/registrazioni", "Registro dell’UPT"
	}
	menu := p.Base
	if _, archivio := archivioDi(r); strings.HasPrefix(r.URL.Path, archivio+"/registro") {
		p.Base, p.Pagina, menu = archivio+"/registro", "Registro dell’archivio", archivio
	}
	amb := s.Servizio.Ambiente(s.EnteID).Del(registro)
	var err error
	if p.Scrivania, _, err = s.scrivania(r, strings.ReplaceAll(p.Pagina, "’", "'"), strings.Trim(menu, "/")); err != nil {
		return nil, f, err
	}
	leggi := func(k string) string { return tronca(strings.TrimSpace(q.Get(k)), 40) }
	p.D = domandaRegistro{Anno: leggi("anno"), Numero: leggi("numero"), Tipo: leggi("tipo"), Codice: leggi("codice"), Dal: leggi("dal"), Al: leggi("al")}
	if !q.Has("anno") && p.D.Codice == "" {
		p.D.Anno = strconv.Itoa(s.Servizio.Oggi().Year())
	}
	sbaglia := func(campo, frase string) { p.Errori = append(p.Errori, erroreCampo{campo, frase}) }
	for campo, dove := range map[string]*day.Date{"dal": &f.RegistrataDal, "al": &f.RegistrataAl} {
		if t := leggi(campo); t != "" {
			if *dove, err = day.Parse(t); err != nil {
				sbaglia(campo, "Scrivi un giorno che esiste.")
			}
		}
	}
	if !f.RegistrataDal.IsZero() && !f.RegistrataAl.IsZero() && f.RegistrataAl < f.RegistrataDal {
		sbaglia("al", "Questo giorno viene prima dell'altro.")
	}
	p.nellAnno(&f, sbaglia)
	if f.Numero = p.D.Numero; f.Numero != "" && !numeroBuono.MatchString(f.Numero) {
		sbaglia("numero", "Scrivi il numero così: 123.")
	}
	if p.D.Codice != "" {
		if f.Codice, err = vault.ParseCodice(p.D.Codice); err != nil {
			sbaglia("codice", "Sono 12 lettere e numeri, come sulla ricevuta.")
		}
	}
	if f.Dopo = q.Get("dopo"); f.Dopo != "" && !segnoPagina.MatchString(f.Dopo) {
		sbaglia("anno", "Questa pagina del registro non c'è.")
	}
	f.Tipo = p.D.Tipo
	if amb != nil && !p.UPT {
		for _, t := range amb.Regolamento.Tipi() {
			p.Tipi = append(p.Tipi, opzioneVista{t.Nome, t.Etichetta, t.Nome == f.Tipo})
		}
	}
	if f.Tipo != "" && !slices.ContainsFunc(p.Tipi, func(o opzioneVista) bool { return o.Scelta }) {
		sbaglia("tipo", "Scegli un tipo dell'elenco.")
	}
	slices.SortFunc(p.Errori, func(a, b erroreCampo) int { return strings.Compare(a.Campo, b.Campo) })
	p.Periodo = p.periodo(f)
	p.Vuoto = vuoto{Titolo: "Nessuna registrazione.", Testo: "Con questi filtri non c'è nulla. Prova con un altro anno.", Link: p.Base, Voce: "Togli i filtri"}
	return p, f, nil
}

// nellAnno keeps what is asked within the year.
func (p *paginaRegistro) nellAnno(f *pratica.Filtro, sbaglia func(campo, frase string)) {
	if p.D.Anno == "" {
		return
	}
	n, err := strconv.Atoi(p.D.Anno)
	if err != nil || n < 2000 || n > 2299 {
		sbaglia("anno", "Scrivi l'anno con quattro cifre, per esempio 2026.")
		return
	}
	primo, ultimo := day.Of(n, 1, 1), day.Of(n, 12, 31)
	for campo, d := range map[string]day.Date{"dal": f.RegistrataDal, "al": f.RegistrataAl} {
		if !d.IsZero() && (d < primo || d > ultimo) {
			sbaglia(campo, "Questo giorno non è nel "+p.D.Anno+": cambia l'anno, o il giorno.")
		}
	}
	if f.RegistrataDal.IsZero() {
		f.RegistrataDal = primo
	}
	if f.RegistrataAl.IsZero() {
		f.RegistrataAl = ultimo
	}
}

func (p *paginaRegistro) periodo(f pratica.Filtro) string {
	switch {
	case len(p.Errori) > 0 || f.RegistrataDal.IsZero() && f.RegistrataAl.IsZero():
		return ""
	case f.RegistrataDal.IsZero():
		return "Fino al " + i18n.LongDate(f.RegistrataAl)
	case f.RegistrataAl.IsZero():
		return "Dal " + i18n.LongDate(f.RegistrataDal)
	}
	return "Dal " + i18n.LongDate(f.RegistrataDal) + " al " + i18n.LongDate(f.RegistrataAl)
}

func (d domandaRegistro) query() url.Values {
	q := url.Values{"anno": {d.Anno}}
	for k, v := range map[string]string{"numero": d.Numero, "tipo": d.Tipo, "codice": d.Codice, "dal": d.Dal, "al": d.Al} {
		if v != "" {
			q.Set(k, v)
		}
	}
	return q
}

// righeRegistro puts lines of a register into words.
func (s *Server) righeRegistro(r *http.Request, in []pratica.Registrazione) ([]rigaRegistro, error) {
	amb := s.Servizio.Ambiente(s.EnteID)
	var out []rigaRegistro
	for _, x := range in {
		c := x.Cartellino.Apri()
		v := rigaRegistro{Numero: x.NumeroScritto(), Link: linkPratica(x.ID.String(), "", ""), Il: x.RicevutaIl.In(day.Rome).Format("02/01/2006 15.04"),
			ISO: x.RicevutaIl.In(day.Rome).Format("2006-01-02T15:04:05-07:00"), Giorno: inCifre(x.Giorno), Come: nomeCanale(nonVuota(x.Canale, c.Canale)),
			Impronta: hex.EncodeToString(x.Impronta), Ente: numeroEnte(x.NumeroEnte)}
		v.Breve = v.Impronta[:min(12, len(v.Impronta))]
		if reg := amb.Regolamenti[x.Regolamento]; reg != nil {
			v.Tipo = reg.EtichettaValore("tipo", x.Tipo)
		}
		if u := nonVuota(x.Struttura, c.Struttura); u != "" {
			v.Dove = nomeUnita(amb, u)
		} else if sede, ok := amb.Organigramma.Sede(nonVuota(x.Presidio, c.Presidio)); ok {
			v.Dove = sede.Nome
		}
		if d := x.Annullata(); !d.IsZero() {
			v.Annullata = "Annullata il " + i18n.LongDate(d)
		}
		if !x.Eliminata.IsZero() {
			v.Oggetto = "Contenuto eliminato il " + i18n.LongDate(x.Eliminata)
		} else {
			rp, err := s.Servizio.Riepilogo(r.Context(), x.Riga)
			if err != nil {
				return nil, err
			}
			v.Chi, v.Oggetto = nonVuota(rp.Apri().Chi, "Anonimo"), rp.Apri().Oggetto
		}
		for _, a := range x.Annotazioni {
			t := a.Testi.Apri()
			v.Annotazioni = append(v.Annotazioni, annotazioneVista{Cosa: a.Etichetta, Quando: istante(a.Il), Chi: nonVuota(s.nomePersona(r.Context(), a.Persona), "Chi ha segnalato"),
				Causa: a.Causa, Motivo: strings.TrimPrefix(nonVuota(t["dato"], "")+": "+nonVuota(t["motivo"], nonVuota(t["giusto"], t["luogo"])), ": ")})
		}
		out = append(out, v)
	}
	return out, nil
}
