package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"

	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// perBozza is the receipt as the browser's draft keeps it.
func (s *Server) perBozza(r pratica.Ricevuta) *ricevutaBozza {
	return &ricevutaBozza{Registro: r.Registro, Anno: r.Anno, Numero: r.Numero, Codice: r.Codice, Chiave: r.Chiave.Valore(),
		Ricevuta: r.Ricevuta, Giorno: r.Giorno, Tipo: r.Tipo, Anonima: r.Anonima, Termini: r.Termini, Scade: s.Now().Add(durataBozza)}
}

// termineCittadino is a term as the citizen reads it.
type termineCittadino struct {
	Cosa, Data, Chi, Fonte string
	Risposta               bool // it is the answer to the person
	Legge                  bool
	Perche                 []string
}

// vistaRicevuta is what the receipt shows.
type vistaRicevuta struct {
	Numero, Codice, Chiave, Data, Ora, Tipo string
	Anonima, UPT                            bool
	Risposta                                *termineCittadino  // when a written answer is due
	Termini, Leggi                          []termineCittadino // ours, and those of the law
	Indirizzo, Verifica                     string             // of the page to follow it; of the one that checks it
	Prova                                   string             // link that checks it; empty: there is none now
	Salvata                                 bool               // it can be seen again from this browser
	FinoA                                   string
	Protocollo                              string // number of the ente's own protocol
	Protocollando                           bool   // it is awaited
}

// NumeroScritto is the registration number.
func (r *ricevutaBozza) NumeroScritto() string {
	return pratica.NumeroRegistro(r.Registro, r.Anno, r.Numero)
}

// CodiceScritto is the codice in groups of four.
func (r *ricevutaBozza) CodiceScritto() string { return vault.Gruppi(r.Codice) }

func (s *Server) vediRicevuta(w http.ResponseWriter, r *http.Request, ric *ricevutaBozza, salvata bool) error {
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	amb = ambienteDi(amb, ric.Registro)
	v := vistaRicevuta{UPT: ric.Registro == pratica.RegistroUPT, Numero: ric.NumeroScritto(), Codice: vault.Gruppi(ric.Codice), Chiave: vault.Gruppi(ric.Chiave),
		Data: i18n.Date(ric.Giorno), Ora: ric.Ricevuta.In(day.Rome).Format("15.04"), Tipo: tipoInFrase(amb.Regolamento, ric.Tipo), Anonima: ric.Anonima,
		Indirizzo: s.base(r) + "/segui", Verifica: s.base(r) + "/ricevuta/verifica", Salvata: salvata, FinoA: i18n.Date(day.In(ric.Scade))}
	if salvata && ric.Chiave != "" {
		if v.Prova, err = s.linkProva(r, ric.Codice, vault.NewRiservato(ric.Chiave)); err != nil {
			s.Log.Error("receipt shown without its proof", "err", err) // it can be asked for again later
		}
	}
	if p, aspetta, err := s.Servizio.NumeroEnte(r.Context(), s.EnteID, ric.Codice); err != nil {
		s.Log.Error("receipt shown without the number of the ente's protocol", "err", err)
	} else {
		v.Protocollo, v.Protocollando = numeroEnte(p), aspetta
	}
	for _, t := range ric.Termini {
		x := termineCittadino{Cosa: t.Etichetta, Data: i18n.Date(t.Scadenza), Chi: t.Attore, Fonte: t.Fonte, Legge: t.Legge, Perche: i18n.Perche(t.Passi),
			Risposta: eRisposta(amb.Regolamento, t.ID)}
		if t.Scadenza.IsZero() {
			continue // suspended: no date to promise
		}
		if x.Risposta && !x.Legge && v.Risposta == nil {
			v.Risposta = &x
		}
		if x.Legge {
			v.Leggi = append(v.Leggi, x)
		} else {
			v.Termini = append(v.Termini, x)
		}
	}
	return s.mostra(w, r, http.StatusOK, "pub_ricevuta", vista{UPT: v.UPT, Titolo: "Abbiamo ricevuto la tua segnalazione", V: v})
}

// eRisposta reports whether a term is met only by writing to the citizen.
func eRisposta(reg *regolamento.Regolamento, termine string) bool {
	d := reg.Termine(termine)
	if d == nil {
		return false
	}
	for _, f := range d.Ferma {
		if a := reg.Atto(f); a != nil && a.Lettera == "risposta" {
			return true
		}
	}
	return false
}

// giorniRisposta is within how many days a named person is answered; 0 when the
// rules promise no answer to this kind.
func giorniRisposta(amb *pratica.Ambiente, tipo string, oggi day.Date) int {
	reg := amb.Regolamento
	for _, a := range reg.Atti() {
		if !a.Apre {
			continue
		}
		st, err := reg.Apply(amb.Calendario, reg.Iniziale(), regolamento.Atto{Seq: 1, Kind: a.Nome, Giorno: oggi, Il: oggi.Start(),
			Pone: regolamento.Attr{"tipo": tipo, "autore": "nominativo", "forma": "scritta"}})
		if err != nil {
			return 0
		}
		for _, t := range st.Termini {
			if t.Dovuto() && !t.Legge && eRisposta(reg, t.Regola) {
				return t.Giorni
			}
		}
	}
	return 0
}

// tipoInFrase is a kind in small letters, as it stands within a sentence.
func tipoInFrase(reg *regolamento.Regolamento, tipo string) string {
	if t, ok := reg.Tipo(tipo); ok {
		return strings.ToLower(t.Etichetta)
	}
	return tipo
}

// ricevuta shows the receipt again, from the browser that sent the report.
func (s *Server) ricevuta(w http.ResponseWriter, r *http.Request) error {
	_, b, err := s.bozzaDi(r)
	if err != nil {
		return err
	}
	if b == nil || b.Ricevuta == nil {
		return s.mostra(w, r, http.StatusNotFound, "pub_noricevuta", vista{Titolo: "Qui non c'è nessuna ricevuta", V: b != nil})
	}
	apre, err := s.Servizio.Opens(r.Context(), s.EnteID, b.Ricevuta.Codice, vault.NewRiservato(b.Ricevuta.Chiave))
	if err != nil {
		return err
	}
	if !apre { // another one was given since
		b.Ricevuta.Chiave = ""
	}
	return s.vediRicevuta(w, r, b.Ricevuta, true)
}

// ricevutaQR is the QR of the receipt: it opens the page to follow the report with
// its codice, never with the key.
func (s *Server) ricevutaQR(w http.ResponseWriter, r *http.Request) error {
	b, err := s.ricevutaDi(r)
	if err != nil {
		return err
	}
	return mandaQR(w, s.base(r)+"/segui?codice="+b.Codice)
}

func mandaQR(w http.ResponseWriter, testo string) error {
	svg, err := disegnaQR(testo)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("Cache-Control", "private, no-store")
	_, _ = w.Write(svg)
	return nil
}

// maxCorretto is up to how many symbols a QR code may lose a seventh of itself; past them
// it would be too dense for a sheet.
const maxCorretto = 400

// disegnaQR draws a text as a QR code, in an SVG of one path: a stroke for each run.
func disegnaQR(testo string) ([]byte, error) {
	livello := qr.M
	if len(testo) > maxCorretto {
		livello = qr.L
	}
	c, err := qr.Encode(testo, livello, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("draw QR: %w", err)
	}
	const bordo = 4
	n := c.Bounds().Dx()
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path stroke="#000" d="`, n+2*bordo)
	for y := range n {
		penna := -1 // where the last run of this row ended
		for x := 0; x < n; x++ {
			inizio := x
			for x < n && nero(c.At(x, y).RGBA()) {
				x++
			}
			switch {
			case x == inizio:
				continue
			case penna < 0:
				fmt.Fprintf(&b, "M%d %d.5", inizio+bordo, y+bordo)
			default:
				fmt.Fprintf(&b, "m%d 0", inizio-penna)
			}
			fmt.Fprintf(&b, "h%d", x-inizio)
			penna = x
		}
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes(), nil
}

func nero(r, _, _, _ uint32) bool { return r < 0x8000 }

// base is where this site is, as people reach it.
func (s *Server) base(r *http.Request) string {
	if sito := s.presenta().Sito; sito != "" {
		return strings.TrimRight(sito, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// finisci deletes receipt and cookie: for who used a computer of others.
func (s *Server) finisci(w http.ResponseWriter, r *http.Request) error {
	if c := leggiBiscotto(r); c != nil {
		if err := s.eliminaBozza(w, r, c); err != nil {
			return err
		}
	}
	http.SetCookie(w, biscotto(biscottoSegui, "", -1))
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return s.mostra(w, r, http.StatusOK, "pub_finito", vista{Titolo: "Abbiamo cancellato tutto da questo computer"})
}

// unAltra leaves the receipt of the last one for a new, empty draft.
func (s *Server) unAltra(w http.ResponseWriter, r *http.Request) error {
	if c := leggiBiscotto(r); c != nil {
		_, b, err := s.bozzaDi(r)
		if err != nil {
			return err
		}
		if b != nil && b.Ricevuta != nil {
			if err := s.eliminaBozza(w, r, c); err != nil {
				return err
			}
		}
	}
	http.Redirect(w, r, "/segnala/1", http.StatusSeeOther)
	return nil
}
