package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/organigramma"
)

// maxFileOrg is how large a file of the chart may be: the largest we know takes 40
// KB.
const maxFileOrg = 4 << 20

const provaOrg = "organigramma"

type paginaImporta struct {
	Scrivania
	Errori   erroriAdm
	Sbagli   []organigramma.Errore // by file, line and column
	Quanti   string
	MegaByte int
}

func (s *Server) admImporta(w http.ResponseWriter, r *http.Request) error {
	return s.mostraImporta(w, r, &paginaImporta{}, http.StatusOK)
}

func (s *Server) mostraImporta(w http.ResponseWriter, r *http.Request, p *paginaImporta, stato int) error {
	titolo := "Importa l'organigramma"
	if stato != http.StatusOK {
		titolo = "Errore: importa l'organigramma"
	}
	p.MegaByte = maxFileOrg >> 20
	p.Quanti = i18n.Plural(len(p.Sbagli), "cosa da correggere", "cose da correggere")
	var err error
	if p.Scrivania, err = s.admTesta(r, titolo, "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_importa.html", p)
}

// bustaFile keeps the files of a form in memory, within a limit for each.
func bustaFile(max int64, file map[string][]byte) prendiFile {
	return func(campo, nome string, f io.Reader) error {
		if _, due := file[campo]; due {
			return errModulo
		}
		b, err := io.ReadAll(io.LimitReader(f, max+1))
		if err != nil {
			return err
		}
		if int64(len(b)) > max {
			_, _ = io.CopyN(io.Discard, f, maxScarto)
			return fault.New(fault.TooLarge, "Il file «"+tronca(nome, 60)+"» è troppo grande. Il massimo è "+i18n.Number(int(max>>10))+" KB: controlla che sia quello giusto.")
		}
		file[campo] = b
		return nil
	}
}

// admImportaFile reads the three files. What is wrong is listed by line; a sound
// chart is kept aside to be looked at before it is published.
func (s *Server) admImportaFile(w http.ResponseWriter, r *http.Request) error {
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	file := map[string][]byte{}
	if _, err := leggiModulo(w, r, bustaFile(maxFileOrg, file)); err != nil {
		if f, ok := comeFault(err, fault.TooLarge); ok {
			return s.mostraImporta(w, r, &paginaImporta{Errori: []erroreCampo{{"unita", f.Message}}}, f.Kind.Status())
		}
		return err
	}
	if file["unita"] == nil {
		p := &paginaImporta{Errori: []erroreCampo{{"unita", "Scegli il file delle unità."}}}
		return s.mostraImporta(w, r, p, http.StatusUnprocessableEntity)
	}
	lettore := func(campo string) io.Reader {
		if file[campo] == nil {
			return nil
		}
		return bytes.NewReader(file[campo])
	}
	s.adm.turno.Lock() // one large reading at a time
	v, sbagli := organigramma.Import(lettore("unita"), lettore("relazioni"), lettore("presidi"))
	s.adm.turno.Unlock()
	if len(sbagli) > 0 {
		p := &paginaImporta{Sbagli: sbagli, Errori: []erroreCampo{{"sbagli", "I file hanno degli errori: li trovi qui sotto, riga per riga. Correggili e caricali di nuovo."}}}
		return s.mostraImporta(w, r, p, http.StatusUnprocessableEntity)
	}
	s.adm.metti(a.se.Persona, provaOrg, admProva{Organigramma: v, Il: s.Now()})
	return vaiA(w, r, "/amministrazione/organigramma/prova", "")
}

type paginaProvaOrg struct {
	Scrivania
	Hash, Prima   string // what is tried, and what it was compared with
	Unita, Sedi   string
	Primo, Uguale bool
	Differenze    []organigramma.Differenza
	Conto         string
	Persone       []string // left without an office
	Uffici        []string
	Pratiche      []string // what waits for offices that go
	Dal, Minimo   string
	Errori        erroriAdm
}

const maxDifferenze = 500

func (s *Server) admProvaOrganigramma(w http.ResponseWriter, r *http.Request) error {
	return s.mostraProvaOrg(w, r, "", nil, http.StatusOK)
}

func (s *Server) mostraProvaOrg(w http.ResponseWriter, r *http.Request, dal string, errori []erroreCampo, stato int) error {
	a, err := s.ambitoDi(r, true)
	if err != nil {
		return err
	}
	x, ok := s.adm.prova(a.se.Persona, provaOrg, s.Now())
	if !ok {
		return vaiA(w, r, "/amministrazione/organigramma/importa", "")
	}
	nuovo, oggi := x.Organigramma, a.amb.Organigramma
	p := &paginaProvaOrg{Hash: nuovo.Hash(), Primo: len(oggi.Units()) == 0, Uguale: nuovo.Hash() == oggi.Hash(),
		Dal: dal, Minimo: a.oggi.String(), Errori: errori,
		Unita: i18n.Plural(len(nuovo.Units()), "unità", "unità"), Sedi: i18n.Plural(len(nuovo.Sedi()), "sede", "sedi")}
	giorno := a.oggi
	if d, err := day.Parse(dal); err == nil && d > giorno {
		giorno = d
	}
	if p.Dal == "" {
		p.Dal = a.oggi.String()
	}
	if p.Prima, err = s.improntaDecorrenze(r, ""); err != nil {
		return err
	}
	if !p.Primo {
		p.Differenze = organigramma.Diff(oggi, nuovo)
		p.Conto = i18n.Plural(len(p.Differenze), "differenza", "differenze")
		p.Differenze = p.Differenze[:min(maxDifferenze, len(p.Differenze))]
	}
	attese, err := s.Ambienti.Attese(r.Context(), s.EnteID)
	if err != nil {
		return err
	}
	p.Persone = incarichiSbagliati(nuovo, a.persone, giorno)
	p.Uffici = ufficiSbagliati(nuovo, a.ente.Uffici, giorno)
	p.Pratiche = atteseSenzaUfficio(a, nuovo, attese, giorno)
	titolo := "Prima di pubblicare"
	if len(errori) > 0 {
		titolo = "Errore: prima di pubblicare"
	}
	if p.Scrivania, err = s.admTesta(r, titolo, "amministrazione"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "adm_prova_org.html", p)
}

// atteseSenzaUfficio says how many open cases wait for offices whose unit the new
// chart has not, or where nobody would hold the role.
func atteseSenzaUfficio(a admAmbito, v *organigramma.Versione, attese map[string]int, giorno day.Date) []string {
	var out []string
	for ufficio, n := range attese {
		u := access.Unita(ufficio)
		if u == "" {
			continue
		}
		if x, ok := v.Unita(u); !ok || !x.Valida(giorno) {
			out = append(out, nomeUfficio(a.amb, ufficio)+" ("+u+"): "+i18n.Plural(n, "pratica aperta", "pratiche aperte"))
		}
	}
	slices.Sort(out)
	return out
}

// improntaDecorrenze names all that was published of one sort: who publishes on
// the strength of an older list is told to look again.
func (s *Server) improntaDecorrenze(r *http.Request, registro string) (string, error) {
	d, err := s.Ambienti.Decorrenze(r.Context(), s.EnteID)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, x := range d {
		if x.Registro == registro {
			_, _ = io.WriteString(h, x.Dal.String()+" "+x.Hash+"\n")
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12]), nil
}

// errCambiato is told to the slower of two administrators.
var errCambiato = "Nel frattempo un altro amministratore ha pubblicato. Guarda di nuovo che cosa cambia, poi conferma."

// admPubblicaOrganigramma puts in force the chart that was looked at.
func (s *Server) admPubblicaOrganigramma(w http.ResponseWriter, r *http.Request, v url.Values) error {
	s.adm.mu.Lock()
	defer s.adm.mu.Unlock()
	a, err := s.ambitoDi(r, false)
	if err != nil {
		return err
	}
	x, ok := s.adm.prova(a.se.Persona, provaOrg, s.Now())
	switch {
	case !ok && v.Get("hash") != "" && s.pubblicato(r, "", v.Get("hash")): // the same form, sent twice
		return vaiA(w, r, "/amministrazione/organigramma", "organigramma")
	case !ok || x.Organigramma.Hash() != v.Get("hash"):
		return fault.New(fault.Conflict, "I file provati non ci sono più. Caricali di nuovo.")
	}
	dal, errori := dalGiorno(v, a.oggi)
	if len(errori) > 0 {
		return s.mostraProvaOrg(w, r, v.Get("dal"), errori, http.StatusUnprocessableEntity)
	}
	prima, err := s.improntaDecorrenze(r, "")
	if err != nil {
		return err
	}
	if v.Get("prima") != prima {
		return s.mostraProvaOrg(w, r, v.Get("dal"), []erroreCampo{{"", errCambiato}}, http.StatusConflict)
	}
	if err := s.Ambienti.NuovoOrganigramma(r.Context(), s.EnteID, dal, x.Organigramma); err != nil {
		return err
	}
	s.Auth.Dimentica()
	s.adm.scorda(a.se.Persona, provaOrg)
	return vaiA(w, r, "/amministrazione/organigramma", "organigramma")
}

// pubblicato reports whether that chart, or regolamento, has its day already.
func (s *Server) pubblicato(r *http.Request, registro, hash string) bool {
	d, err := s.Ambienti.Decorrenze(r.Context(), s.EnteID)
	if err != nil {
		return false
	}
	for _, x := range d {
		if x.Registro == registro && x.Hash == hash {
			return true
		}
	}
	return false
}

// dalGiorno is the day from which something published holds: today or later, since
// the past was lived under other rules.
func dalGiorno(v url.Values, oggi day.Date) (day.Date, []erroreCampo) {
	l := &lettura{Values: v}
	dal := dataScritta(l, "dal", "Scrivi da che giorno vale.")
	switch {
	case len(l.Errori) > 0:
	case dal < oggi:
		l.errore("dal", "Scegli oggi o un giorno che deve ancora venire: il passato non cambia.")
	case dal > oggi.Add(2*366):
		l.errore("dal", "Scegli un giorno entro 2 anni.")
	}
	return dal, l.Errori
}
