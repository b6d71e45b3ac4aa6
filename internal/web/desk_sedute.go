package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// rotteSedute are the pages of who sits in the Commissione: the cases of the sessions
// that are open, and nothing else.
func (s *Server) rotteSedute() []rotta {
	if s.Auth == nil || s.Viste == nil {
		return nil
	}
	chi := []string{access.Commissione}
	return []rotta{
		{"GET", "/sedute", chi, s.sedute},
		{"GET", "/sedute/{id}", chi, s.praticaSeduta},
		{"GET", "/sedute/{id}/stampa", chi, s.praticaSeduta},
		{"GET", "/sedute/{id}/file/{file}", chi, s.scaricaSeduta},
	}
}

// soloCommissione reports whether who asks sits in the Commissione and works nowhere.
func soloCommissione(chi access.Chi) bool {
	return len(chi.Uffici) > 0 && !slices.ContainsFunc(chi.Uffici, func(u string) bool { return access.Ruolo(u) != access.Commissione })
}

// sedutaVista is a session in the list of who sits in it.
type sedutaVista struct {
	Titolo, Fino string
	Pratiche     []praticaSeduta
}

type praticaSeduta struct{ Link, Numero, Oggetto, Tipo string }

type paginaSedute struct {
	Scrivania
	Sedute []sedutaVista
	Vuoto  vuoto
}

// sedute lists the cases that who sits may read today, session by session.
func (s *Server) sedute(w http.ResponseWriter, r *http.Request) error {
	righe, err := s.Servizio.Sedute(r.Context(), sessioneDi(r).Chi)
	if err != nil {
		return err
	}
	base, _, err := s.scrivania(r, "Sedute della Commissione", "sedute")
	if err != nil {
		return err
	}
	p := &paginaSedute{Scrivania: base, Vuoto: vuoto{Titolo: "Nessuna seduta aperta.",
		Testo: "Quando la Commissione è convocata e ne fai parte, qui trovi le pratiche da leggere. A seduta finita non si leggono più."}}
	amb := s.Servizio.Ambiente(s.EnteID)
	for _, x := range righe {
		v := sedutaVista{Titolo: "Seduta di " + i18n.Date(x.Il), Fino: "Puoi leggere fino a " + i18n.Date(x.Al) + " compreso."}
		if n := len(p.Sedute); n == 0 || p.Sedute[n-1].Titolo != v.Titolo || p.Sedute[n-1].Fino != v.Fino {
			p.Sedute = append(p.Sedute, v)
		}
		y := praticaSeduta{linkSeduta(x.ID, ""), x.NumeroScritto(), nonVuota(x.Oggetto.Apri(), copiaSeduta), ""}
		if reg := amb.Regolamenti[x.Regolamento]; reg != nil {
			y.Tipo = reg.EtichettaValore("tipo", x.Tipo)
		}
		ultima := &p.Sedute[len(p.Sedute)-1]
		ultima.Pratiche = append(ultima.Pratiche, y)
	}
	return s.rendi(w, r, http.StatusOK, "desk_sedute.html", p)
}

// copiaSeduta is how a case is called of which a session reads the copy alone.
const copiaSeduta = "Copia senza dati personali"

func linkSeduta(id vault.ID, poi string) string { return "/sedute/" + id.String() + poi }

// praticaSeduta shows a case to who sits in its session, or makes the sheets of it to
// be printed.
func (s *Server) praticaSeduta(w http.ResponseWriter, r *http.Request) error {
	id, _ := vault.ParseID(r.PathValue("id")) // what is no id is no case
	f, err := s.Servizio.ApriSeduta(r.Context(), sessioneDi(r).Chi, id, comeLegge(r))
	if err != nil {
		return err
	}
	return s.vistaLettura(w, r, f, leggio{Qui: linkSeduta(id, ""), Stampa: true, Indietro: voceLink{"Sedute della Commissione", "/sedute"},
		Titolo: "Seduta di " + i18n.Date(f.Seduta.Il), Testo: "Puoi leggere fino a " + i18n.Date(f.Seduta.Al) + " compreso. La pratica è com'era " +
			i18n.Date(f.ComEra) + ", quando la Commissione è stata convocata. Sei tenuto al segreto: ogni lettura resta segnata, e chi ha scritto la vede."})
}

// scaricaSeduta gives a document of such a case.
func (s *Server) scaricaSeduta(w http.ResponseWriter, r *http.Request) error {
	id, _ := vault.ParseID(r.PathValue("id")) // as above
	file, _ := vault.ParseID(r.PathValue("file"))
	x, err := s.Servizio.ApriFileSeduta(r.Context(), sessioneDi(r).Chi, id, file)
	if err != nil {
		return err
	}
	return s.mandaFile(w, x)
}

// membroVisto is somebody to choose for a session; Motivo is why it cannot be.
type membroVisto struct {
	ID, Nome, Motivo string
	Scelto           bool
}

// membriVisti are the people of the Commissione whom an act may name: who may sit, or
// who sits and may be let go.
func (s *Server) membriVisti(ctx context.Context, f *pratica.Fascicolo, d *regolamento.DefAtto, scelti []string) ([]membroVisto, error) {
	var out []membroVisto
	metti := func(id, nome, motivo string) {
		out = append(out, membroVisto{id, nome, motivo, slices.Contains(scelti, id)})
	}
	if d.Seduta == regolamento.SedutaToglie {
		if z, _ := pratica.SedutaDi(attiDi(f)); z != nil {
			for _, id := range z.Membri {
				metti(id, s.nomePersona(ctx, id), "")
			}
		}
		slices.SortFunc(out, func(a, b membroVisto) int { return strings.Compare(a.Nome, b.Nome) })
		return out, nil
	}
	candidati, err := s.Servizio.Candidati(ctx, f)
	for _, c := range candidati {
		metti(c.Persona, c.Nome, c.Motivo)
	}
	return out, err
}

func attiDi(f *pratica.Fascicolo) []pratica.Atto {
	out := make([]pratica.Atto, len(f.Storia))
	for i, a := range f.Storia {
		out[i] = a.Atto
	}
	return out
}

// sedutaVicina is a session convened for other cases: this one may join it.
type sedutaVicina struct{ Testo, Link string }

// seduteVicine are those that the office of a case convened and that are not over. The
// one that the address names fills in what of the form is empty.
func (s *Server) seduteVicine(r *http.Request, f *pratica.Fascicolo, d *regolamento.DefAtto, v url.Values) ([]sedutaVicina, error) {
	if d.Seduta != regolamento.SedutaConvoca {
		return nil, nil
	}
	oggi := s.Servizio.Oggi()
	zz, err := s.Servizio.Arch.SeduteConvocate(r.Context(), s.EnteID, f.Testa.Registro, oggi)
	if err != nil {
		return nil, err
	}
	var out []sedutaVicina
	voluta, _ := day.Parse(r.URL.Query().Get("seduta"))
	for _, z := range zz {
		link := linkAtto(f.Testa.ID.String(), d.Nome, "") + "?seduta=" + z.Il.String()
		out = append(out, sedutaVicina{"Seduta di " + i18n.Date(z.Il) + ", " + i18n.Plural(z.Pratiche, "pratica", "pratiche"), link})
		if r.Method == http.MethodGet && z.Il == voluta && !v.Has(regolamento.CampoSedutaIl) {
			v.Set(regolamento.CampoSedutaIl, z.Il.String())
			v.Set(regolamento.CampoLeggeDal, z.Dal.String())
			v.Set(regolamento.CampoLeggeAl, z.Al.String())
			v[regolamento.CampoMembri] = z.Membri
		}
	}
	if r.Method == http.MethodGet && !v.Has(regolamento.CampoLeggeDal) {
		v.Set(regolamento.CampoLeggeDal, oggi.String())
	}
	return out, nil
}
