package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/flat"
	"tutela/internal/pratica"
	"tutela/internal/redact"
	"tutela/internal/vault"
)

const (
	maxAree  = 60 // drawn on one page
	maxAltre = 40 // words hidden wherever they are
)

// fattaCopia is how one thing was done on the page of a copy: what is wrong with
// it, to be shown again, or where to go on.
type fattaCopia struct {
	cambia func(*paginaCopia)
	fatto  string
	ancora string // fragment of the page
	pagina int    // from 1; 0: the same
}

// faiCopia does what a button of the page says, on the version that was before the
// person's eyes.
func (s *Server) faiCopia(w http.ResponseWriter, r *http.Request) error {
	t, err := s.prepara(r, "")
	if err != nil {
		return err
	}
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	t.gira(v.Get("pagina"))
	if v.Get("versione") != strconv.Itoa(t.copia.Versione) {
		return s.mostraCopia(w, r, http.StatusConflict, t, func(p *paginaCopia) {
			p.Errori = []erroreCampo{{"pagina", "Intanto questa copia è cambiata: ecco com'è adesso. Rileggi e riprova."}}
		})
	}
	quale := t.quale
	if v.Get("fai") == "finisci" {
		quale = flat.All
	}
	if err := s.apriPagine(r.Context(), t, quale); err != nil {
		return s.mostraCopia(w, r, http.StatusUnprocessableEntity, t, nil)
	}
	t.riprendi(v)
	fatta := s.ritoccaCopia(r, t, v)
	if fatta.cambia != nil {
		return s.mostraCopia(w, r, http.StatusUnprocessableEntity, t, fatta.cambia)
	}
	if v.Get("fai") != "finisci" {
		t.copia.Pronta, t.copia.Lasciati = nil, nil // it was of other decisions
	}
	if t.copia.Lavoro, err = json.Marshal(t.lavoro); err != nil {
		return err
	}
	if err := s.Servizio.SalvaCopia(r.Context(), sessioneDi(r).Chi, t.f, t.copia); err != nil {
		if fault.Is(err, fault.TooLarge) {
			return s.mostraCopia(w, r, http.StatusRequestEntityTooLarge, t, func(p *paginaCopia) { p.Errori = []erroreCampo{{"pagina", fault.Message(err)}} })
		}
		return err
	}
	if fatta.pagina == 0 {
		fatta.pagina = t.quale + 1
	}
	dove := linkCopia(t.f, t.file.ID, fatta.pagina)
	if fatta.fatto != "" {
		dove += "&fatto=" + fatta.fatto
	}
	http.Redirect(w, r, dove+"#"+nonVuota(fatta.ancora, "pagina"), http.StatusSeeOther)
	return nil
}

// riprendi takes over which passages the form leaves readable, and why.
func (t *tavolo) riprendi(v url.Values) {
	d := &t.lavoro.Pagine[t.quale]
	for _, x := range t.trovati {
		da := strconv.Itoa(x.From)
		if !slices.Contains(v["visto"], da) {
			continue // the form did not show it
		}
		prima, era := d.Lascia[x.From]
		if slices.Contains(v["oscura"], da) {
			delete(d.Lascia, x.From)
			continue
		}
		motivo := prima
		switch scelta := sceltoPer(v["perche"], da); {
		case x.Kind == redact.Chosen:
			motivo = "Scelto da te, e poi no."
		case scelta == "altro":
			if motivo = v.Get("scritto"); utf8.RuneCountInString(motivo) > pratica.MaxRiga {
				motivo = ""
			}
		case scelta != "":
			i := slices.IndexFunc(motiviLasciare, func(o opzioneVista) bool { return o.Valore == scelta })
			if i >= 0 {
				motivo = motiviLasciare[i].Testo + "."
			}
		case !era:
			motivo = ""
		}
		if d.Lascia == nil {
			d.Lascia = map[int]string{}
		}
		d.Lascia[x.From] = motivo
	}
}

// sceltoPer is what was chosen for a passage in a list of fields of one name.
func sceltoPer(voci []string, da string) string {
	for _, x := range voci {
		if di, scelta, ok := strings.Cut(x, "."); ok && di == da {
			return scelta
		}
	}
	return ""
}

// ritoccaCopia does one thing.
func (s *Server) ritoccaCopia(r *http.Request, t *tavolo, v url.Values) fattaCopia {
	d := &t.lavoro.Pagine[t.quale]
	fai := v.Get("fai")
	if fai == "" && v.Has("punto.x") {
		return t.punto(d, v)
	}
	if fai != "guardata" && fai != "finisci" {
		d.Guardata = false // it is another page now
	}
	switch {
	case fai == "guardata":
		return t.guardata(d)
	case fai == "finisci":
		return s.chiudiCopia(r, t)
	case fai == "area":
		return t.disegna(d, v)
	case fai == "tutta":
		return t.aggiungi(d, flat.Area{W: flat.Scale, H: flat.Scale})
	case fai == "altre":
		return t.altre(v.Get("altre"))
	case strings.HasPrefix(fai, "togli-"):
		if i, err := strconv.Atoi(fai[len("togli-"):]); err == nil && i >= 0 && i < len(d.Aree) {
			d.Aree = slices.Delete(d.Aree, i, i+1)
		}
		return fattaCopia{ancora: "aree"}
	case fai == "annulla":
		d.Angolo = nil
		return fattaCopia{}
	}
	return fattaCopia{ancora: "trovati"} // the decisions, written down
}

// guardata closes a page once everything found on it is decided, and leads to the
// next one.
func (t *tavolo) guardata(d *paginaDecisa) fattaCopia {
	for i, x := range t.trovati {
		if motivo, resta := d.Lascia[x.From]; resta && motivo == "" {
			return fattaCopia{cambia: func(p *paginaCopia) {
				p.Passaggi[i].Errore = "Di' perché resta leggibile, o oscuralo."
				p.Errori = []erroreCampo{{"m-" + strconv.Itoa(x.From), "Passaggio " + strconv.Itoa(i+1) + ": di' perché resta leggibile, o oscuralo."}}
			}}
		}
	}
	d.Guardata, d.Angolo = true, nil
	for k := range t.pagine {
		if i := (t.quale + k) % len(t.pagine); !t.lavoro.Pagine[i].Guardata {
			return fattaCopia{fatto: "guardata", pagina: i + 1}
		}
	}
	return fattaCopia{fatto: "tutte", ancora: "fine"}
}

// punto is a click on the picture: the first one is a corner, the second makes the
// area, in pixels of the page as wide as it was shown. A key pressed on it tells no place.
func (t *tavolo) punto(d *paginaDecisa, v url.Values) fattaCopia {
	x, errX := strconv.Atoi(v.Get("punto.x"))
	y, errY := strconv.Atoi(v.Get("punto.y"))
	alta := altaFigura(t.pagine[t.quale])
	if m, err := strconv.Atoi(v.Get("mostrata")); err == nil && m > 0 && m < largaFigura {
		x, y = x*largaFigura/m, y*largaFigura/m
	}
	if errX != nil || errY != nil || x < 0 || y < 0 || x > largaFigura || y > alta || x == 0 && y == 0 {
		return fattaCopia{cambia: func(p *paginaCopia) {
			p.ErroreArea = "Con la tastiera usa i quattro campi: dicono dov'è l'area, in percento della pagina."
			p.Errori = []erroreCampo{{"da-sinistra", p.ErroreArea}}
		}}
	}
	qui := angolo{x * flat.Scale / largaFigura, y * flat.Scale / alta}
	if d.Angolo == nil {
		d.Angolo = &qui
		return fattaCopia{}
	}
	a := *d.Angolo
	d.Angolo, d.Guardata = nil, false
	return t.aggiungi(d, flat.Area{X: min(a.X, qui.X), Y: min(a.Y, qui.Y), W: max(a.X, qui.X) - min(a.X, qui.X), H: max(a.Y, qui.Y) - min(a.Y, qui.Y)})
}

// disegna is an area told by its four numbers, in percent.
func (t *tavolo) disegna(d *paginaDecisa, v url.Values) fattaCopia {
	var n [4]int
	for i, m := range misureArea {
		c := m.Nome
		x, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSuffix(strings.TrimSpace(v.Get(c)), "%"), ",", "."), 64)
		if err != nil || !(x >= 0 && x <= 100) || i >= 2 && x == 0 {
			return fattaCopia{cambia: func(p *paginaCopia) {
				p.ErroreArea = "Scrivi quattro numeri da 0 a 100: larga e alta più di 0."
				p.Errori = []erroreCampo{{c, p.ErroreArea}}
				for _, m := range misureArea {
					p.Campi[m.Nome] = v.Get(m.Nome)
				}
			}}
		}
		n[i] = int(x * flat.Scale / 100)
	}
	return t.aggiungi(d, flat.Area{X: n[0], Y: n[1], W: n[2], H: n[3]})
}

func (t *tavolo) aggiungi(d *paginaDecisa, a flat.Area) fattaCopia {
	a.W, a.H = min(a.W, flat.Scale-a.X), min(a.H, flat.Scale-a.Y)
	no := func(m string) fattaCopia {
		return fattaCopia{cambia: func(p *paginaCopia) {
			p.ErroreArea = m
			p.Errori = []erroreCampo{{"da-sinistra", m}}
		}}
	}
	switch {
	case a.W < flat.Scale/500 || a.H < flat.Scale/500:
		return no("L'area è troppo piccola: scegli due angoli più lontani.")
	case len(d.Aree) >= maxAree:
		return no("Su questa pagina ci sono già " + strconv.Itoa(maxAree) + " aree. Togline qualcuna, o oscura tutta la pagina.")
	}
	d.Aree = append(d.Aree, a)
	return fattaCopia{ancora: "aree"}
}

// altre hides words wherever they stand in the file.
func (t *tavolo) altre(parole string) fattaCopia {
	m := ""
	switch parole = strings.TrimSpace(parole); {
	case parole == "" || utf8.RuneCountInString(parole) > pratica.MaxRiga:
		m = "Scrivi le parole da oscurare: al massimo 200 caratteri."
	case len(t.lavoro.Altre) >= maxAltre:
		m = "Le parole sono troppe: oscura un'area della pagina."
	case len(redact.Phrase(t.pagine[t.quale].Text, parole)) == 0:
		m = "Non troviamo queste parole nel testo di questa pagina. Se le vedi nella figura, oscura l'area."
	}
	if m != "" {
		return fattaCopia{cambia: func(p *paginaCopia) {
			p.ErroreAltre, p.Campi["altre"] = m, parole
			p.Errori = []erroreCampo{{"altre", m}}
		}}
	}
	t.lavoro.Altre = append(t.lavoro.Altre, parole)
	return fattaCopia{ancora: "trovati"}
}

// chiudiCopia makes the copy, has it proved, and keeps it: what cannot be proved clean
// is not kept.
//
// ref: pga01 4.4.2
func (s *Server) chiudiCopia(r *http.Request, t *tavolo) fattaCopia {
	no := func(m string) fattaCopia {
		return fattaCopia{cambia: func(p *paginaCopia) { p.Errori = []erroreCampo{{"fine", m}} }}
	}
	aree := make([][]flat.Area, len(t.pagine))
	var tolti []string
	t.copia.Lasciati = nil
	for i, p := range t.pagine {
		d := t.lavoro.Pagine[i]
		if !d.Guardata {
			return no("Prima guarda tutta la pagina " + strconv.Itoa(i+1) + ".")
		}
		trovati := t.trova(i)
		aree[i], _ = t.nascosti(i, trovati)
		for _, x := range trovati {
			testo := p.Text[x.From:x.To]
			motivo, resta := d.Lascia[x.From]
			switch {
			case !resta:
				tolti = append(tolti, testo)
			case x.Kind != redact.Chosen && len(t.copia.Lasciati) < pratica.MaxLasciati:
				t.copia.Lasciati = append(t.copia.Lasciati, pratica.Lasciato{Testo: testo, Motivo: "In un documento, pagina " + strconv.Itoa(i+1) + ". " + motivo})
			}
		}
	}
	pdf, err := s.Copie.Copy(r.Context(), document.Tipo(t.file.Tipo), t.dati, aree, tolti)
	if errors.Is(err, flat.ErrUnproved) {
		s.Log.Error("copy not proved clean", "err", err)
	}
	if err != nil {
		return no(fault.Message(err))
	}
	base, err := s.Servizio.BaseCopie(r.Context(), t.f)
	if err != nil {
		return no(fault.Message(err))
	}
	id, sua := vault.NewID(s.Now()), vault.NewKey()
	b, err := s.Blobs.Put(bytes.NewReader(pdf), pratica.ChiaveFile(sua, base), pratica.ContestoFile(s.EnteID, t.f.Testa.ID, id))
	if err != nil {
		return no(fault.Message(err))
	}
	t.copia.Pronta = &pratica.File{ID: id, Tipo: string(document.PDF), Dimensione: b.Size, Dove: b.Address.String(), Impronta: b.PlainSum, Chiave: vault.NewRiservato(string(sua))}
	t.copia.Pagine = len(t.pagine)
	return fattaCopia{fatto: "pronta", ancora: "fine"}
}
