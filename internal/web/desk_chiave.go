package web

import (
	"html/template"
	"net/http"

	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// paginaChiaveNuova is the sheet of a chiave given in the place of a lost one: it is
// shown here and nowhere else again.
type paginaChiaveNuova struct {
	Scrivania
	Link, Numero, Data string
	Codice, Chiave     string
	Ente               Ente
	Indirizzo          string // of the page that follows the case
	QR                 template.HTML
	UPT                bool
}

func (s *Server) chiaveNuova(w http.ResponseWriter, r *http.Request, h pratica.Testa, chiave vault.Riservato) error {
	base, _, err := s.scrivania(r, "Chiave nuova – "+h.NumeroScritto(), "")
	if err != nil {
		return err
	}
	p := &paginaChiaveNuova{Scrivania: base, Link: linkPratica(h.ID.String(), "", ""), Numero: h.NumeroScritto(), Data: i18n.LongDate(s.Servizio.Oggi()),
		Codice: vault.Gruppi(h.Codice), Chiave: vault.Gruppi(chiave.Valore()), Ente: s.presenta(), Indirizzo: s.base(r) + "/segui", UPT: pratica.DeiMembri(h.Registro)}
	qr, err := disegnaQR(p.Indirizzo + "?codice=" + h.Codice)
	if err != nil {
		return err
	}
	p.QR = template.HTML(qr) //nolint:gosec // drawn by us: numbers only
	return s.rendi(w, r, http.StatusOK, "desk_chiave.html", p)
}
