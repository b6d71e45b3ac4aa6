package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// rotteAffidate are the pages of an assistant of the UPT: the cases that its members
// gave him to read, with his own key.
func (s *Server) rotteAffidate() []rotta {
	chi := custody.Ruoli()
	return []rotta{
		{"GET", "/affidate", chi, s.conChiave(s.affidate)},
		{"GET", "/affidate/{id}", chi, s.conChiave(s.affidata)},
		{"GET", "/affidate/{id}/stampa", chi, s.conChiave(s.affidata)},
		{"GET", "/affidate/{id}/file/{file}", chi, s.conChiave(s.scaricaAffidata)},
	}
}

// conChiave lets in a session whose own key is unlocked.
func (s *Server) conChiave(fa func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if sessioneDi(r).Membro() == nil {
			return custody.ErrChiuso
		}
		return fa(w, r)
	}
}

type rigaAffidata struct{ Numero, Ricevuta, Fino, Link string }

type paginaAffidate struct {
	Scrivania
	Righe []rigaAffidata
}

func (s *Server) affidate(w http.ResponseWriter, r *http.Request) error {
	aa, err := s.Servizio.Affidate(r.Context(), sessioneDi(r).Chi)
	if err != nil {
		return err
	}
	p := &paginaAffidate{}
	for _, a := range aa {
		p.Righe = append(p.Righe, rigaAffidata{a.Testa.NumeroScritto(), i18n.LongDate(a.Testa.Giorno), i18n.LongDate(a.Fino), "/affidate/" + a.Testa.ID.String()})
	}
	if p.Scrivania, _, err = s.scrivania(r, "Affidate a te", "affidate"); err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_affidate.html", p)
}

// comeLegge is how a page of a case is read: on the screen, or to be printed.
func comeLegge(r *http.Request) string {
	if strings.HasSuffix(r.URL.Path, "/stampa") {
		return pratica.ReadPrint
	}
	return pratica.ReadPage
}

// affidata shows a case to the assistant to whom it is given, or makes the sheets of it
// to be printed.
//
// ref: lr33-2009 art. 23-bis
func (s *Server) affidata(w http.ResponseWriter, r *http.Request) error {
	id, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	f, fino, err := s.Servizio.ApriAffidata(r.Context(), sessioneDi(r).Chi, id, comeLegge(r))
	if err != nil {
		return err
	}
	return s.vistaLettura(w, r, f, leggio{Qui: "/affidate/" + id.String(), Stampa: true, Indietro: voceLink{"Affidate a te", "/affidate"},
		Titolo: "Fino a " + i18n.Date(fino), Testo: "L'UPT te l'ha affidata: quel giorno la leggi ancora, poi non più. Ogni lettura resta nel suo registro."})
}

// scaricaAffidata gives a document of such a case.
func (s *Server) scaricaAffidata(w http.ResponseWriter, r *http.Request) error {
	id, err := vault.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := vault.ParseID(r.PathValue("file"))
	if err != nil {
		return err
	}
	f, _, err := s.Servizio.ApriAffidata(r.Context(), sessioneDi(r).Chi, id, pratica.ReadFile)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(f.File, func(x pratica.FileVisto) bool { return x.ID == file })
	if i < 0 {
		return fault.New(fault.NotFound, "Questo file non c'è.")
	}
	return s.mandaFile(w, f.File[i])
}

// assistenti are the people of the roll to whom a member may give single cases.
func (s *Server) assistenti(ctx context.Context, se *auth.Sessione) ([]auth.Persona, error) {
	if s.Custody == nil {
		return nil, nil
	}
	u, err := s.Custody.Open(ctx, se, comparto)
	if err != nil {
		return nil, err
	}
	var out []auth.Persona
	for _, m := range u.Albo.Assistenti {
		out = append(out, auth.Persona{ID: m.Persona, Nome: s.nomePersona(ctx, m.Persona)})
	}
	return out, nil
}
