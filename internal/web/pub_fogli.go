package web

import (
	"net/http"
	"slices"
	"strings"

	"tutela/internal/day"
	"tutela/internal/document"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

// servizio is the first page: what it is, who can, what happens, how long.
func (s *Server) servizio(w http.ResponseWriter, r *http.Request) error {
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	_, b, err := s.bozzaDi(r)
	if err != nil {
		return err
	}
	v := struct {
		Giorni        int
		Bozza, Finita bool
		Riprendi      string
		UPT           bool // the ente has one
	}{UPT: amb.Del(pratica.RegistroUPT) != nil, Giorni: giorniRisposta(amb, primoTipo(amb.Regolamento), s.oggi())}
	if b != nil {
		v.Bozza, v.Finita, v.Riprendi = b.Ricevuta == nil, b.Ricevuta != nil, nonVuota(b.Risposte.manca(), "/segnala/6")
	}
	return s.mostra(w, r, http.StatusOK, "pub_servizio", vista{Titolo: "Segnalazioni, reclami ed elogi", V: v})
}

// primoTipo is the kind that protects most: the first of the rules.
func primoTipo(reg *regolamento.Regolamento) string {
	if t := reg.Tipi(); len(t) > 0 {
		return t[0].Nome
	}
	return ""
}

func (s *Server) privacy(w http.ResponseWriter, r *http.Request) error {
	return s.mostra(w, r, http.StatusOK, "pub_privacy", vista{Titolo: "Come usiamo i tuoi dati", Indietro: "/"})
}

func (s *Server) accessibilita(w http.ResponseWriter, r *http.Request) error {
	return s.mostra(w, r, http.StatusOK, "pub_accessibilita", vista{Titolo: "Accessibilità", Indietro: "/"})
}

// foglio is the MOD 01, blank or filled in.
//
// ref: pga01 4.3, 4.4.1 (MOD 01)
type foglio struct {
	pratica.Segnalazione
	Compilato     bool
	Numero, Data  string // once it is registered
	Tipi          []voceScelta
	Titoli        []voceScelta
	Recapiti      []voceScelta
	Allegati      []string
	Saputo        string
	Io, Assistito pratica.Persona
	Anonima       bool
}

func (s *Server) nuovoFoglio(seg pratica.Segnalazione, compilato bool) (foglio, error) {
	amb, err := s.ambiente()
	if err != nil {
		return foglio{}, err
	}
	f := foglio{Segnalazione: seg, Compilato: compilato, Titoli: voci(titoli, etichetteTitoli, seg.Delega), Recapiti: voci(recapiti, etichetteRecapiti, seg.Ricapito),
		Anonima: compilato && seg.Segnalante == nil}
	for _, t := range amb.Regolamento.Tipi() {
		f.Tipi = append(f.Tipi, voceScelta{t.Nome, t.Etichetta, compilato && t.Nome == seg.Tipo})
	}
	if !seg.ConosciutoIl.IsZero() {
		f.Saputo = i18n.LongDate(seg.ConosciutoIl)
	}
	if seg.Segnalante != nil {
		f.Io = *seg.Segnalante
	}
	if seg.Assistito != nil {
		f.Assistito = *seg.Assistito
	}
	return f, nil
}

// modulo is the blank form, for every information point.
func (s *Server) modulo(w http.ResponseWriter, r *http.Request) error {
	f, err := s.nuovoFoglio(pratica.Segnalazione{}, false)
	if err != nil {
		return err
	}
	return s.mostra(w, r, http.StatusOK, "pub_modulo", vista{Titolo: "Modulo per la segnalazione", Indietro: "/", V: f})
}

// moduloBozza is the form filled in with what was written so far.
func (s *Server) moduloBozza(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	f, err := s.nuovoFoglio(b.Risposte.segnalazione(), true)
	if err != nil {
		return err
	}
	for _, x := range b.File {
		f.Allegati = append(f.Allegati, x.Nome)
	}
	return s.mostra(w, r, http.StatusOK, "pub_modulo", vista{UPT: b.Risposte.UPT(), Titolo: "Modulo per la segnalazione", Indietro: "/segnala/6", V: f})
}

// moduloSegui is the form as it was registered.
func (s *Server) moduloSegui(w http.ResponseWriter, r *http.Request, _ sessioneSegui, g *pratica.Seguito) error {
	var seg pratica.Segnalazione
	if g.Segnalazione != nil {
		seg = g.Segnalazione.Apri()
	}
	f, err := s.nuovoFoglio(seg, true)
	if err != nil {
		return err
	}
	f.Numero, f.Data = g.Testa.NumeroScritto(), i18n.Date(g.Testa.Giorno)
	for _, x := range g.File {
		f.Allegati = append(f.Allegati, x.Nome.Valore())
	}
	return s.mostra(w, r, http.StatusOK, "pub_modulo", vista{UPT: g.Testa.Registro == pratica.RegistroUPT, Titolo: "Modulo per la segnalazione", Indietro: "/segui/stato", V: f})
}

// delega is the sheet that the person cared for signs.
func (s *Server) delega(w http.ResponseWriter, r *http.Request) error {
	return s.mostra(w, r, http.StatusOK, "pub_delega", vista{Titolo: "Delega per la segnalazione", Indietro: "/"})
}

// tipiFile are the endings of the files that may be attached, for the picker.
func tipiFile() string {
	var out []string
	for _, t := range []document.Tipo{document.PDF, document.JPG, document.PNG, document.HEIC, document.ODT, document.DOCX, document.TXT} {
		out = append(out, "."+string(t))
	}
	return strings.Join(append(out, ".jpeg", ".heif"), ",")
}

// nascita writes a date of birth as people do.
func nascita(t string) string {
	if d, err := day.Parse(t); err == nil {
		return i18n.LongDate(d)
	}
	return t
}

// righeVuote are the lines to write on, of a printed form.
func righeVuote(n int) []struct{} { return slices.Repeat([]struct{}{{}}, n) }
