package web

import (
	"net/http"

	"tutela/internal/fault"
)

// mostra writes a public page.
func (s *Server) mostra(w http.ResponseWriter, r *http.Request, stato int, pagina string, v vista) error {
	return s.rendi(w, r, stato, pagina+".html", v)
}

// titoliErrore are the headings of the pages of a refusal.
var titoliErrore = map[fault.Kind]string{
	fault.Bad:         "Non siamo riusciti a leggere quello che hai mandato",
	fault.Forbidden:   "Questa pagina non si può aprire",
	fault.NotFound:    "Non troviamo questa pagina",
	fault.Conflict:    "Qualcosa è cambiato nel frattempo",
	fault.TooLarge:    "È troppo grande",
	fault.Invalid:     "C'è qualcosa da correggere",
	fault.TooMany:     "Troppi tentativi",
	fault.Unavailable: "Ora il servizio è fermo",
}

// paginaErrore writes the page of a refusal: what happened, what to do, whom to
// call.
func (s *Server) paginaErrore(w http.ResponseWriter, r *http.Request, k fault.Kind, frase string) {
	titolo := nonVuota(titoliErrore[k], "Qualcosa non ha funzionato")
	if err := s.mostra(w, r, k.Status(), "pub_errore", vista{Titolo: titolo, V: frase}); err != nil {
		s.Log.Error("error page failed", "route", r.Pattern, "err", err)
		http.Error(w, titolo+". "+frase, k.Status())
	}
}
