package pratica

import (
	"context"
	"encoding/json"
	"slices"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// MaxScan is how many cases one page of a search opens, and a few more.
const MaxScan = 500

// Cerca gives a page of the cases that what was typed asks for, among those that
// who asks may list, each with the passage found: if one page holds them all the ones
// that answer best first, else the newest first. A case answers by what who asks may
// read of it, and by nothing else. What cannot be read is fault.Invalid in the field
// "q".
func (s *Servizio) Cerca(ctx context.Context, chi access.Chi, q string, limite int, dopo string) (Pagina, error) {
	f, r, err := s.domanda(chi, q, limite, dopo)
	if err != nil {
		return Pagina{}, err
	}
	if r.Vuota() {
		return s.Elenco(ctx, chi, f)
	}
	dal := s.Oggi().Year() - anniCercati
	if !f.RicevutaDal.IsZero() {
		dal = max(dal, f.RicevutaDal.Year())
	}
	if f.Parole, err = s.Domande(chi.Ente, r, dal); err != nil {
		return Pagina{}, err
	}
	f.Candidate = true
	return s.trova(ctx, chi, f, cerco{Ricerca: r})
}

// Scorri is Cerca in a compartment of members. No index keeps their words and no column
// says what their cases are about: they are opened one by one, with the key of who
// asks, as many as one page may cost. Ancora says that there are older ones to open.
func (s *Servizio) Scorri(ctx context.Context, chi access.Chi, registro, q string, limite int, dopo string) (Pagina, error) {
	if !chi.Apre(registro) {
		return Pagina{}, errAssente
	}
	f, r, err := s.domanda(chi, q, limite, dopo)
	if err != nil {
		return Pagina{}, err
	}
	c := cerco{Ricerca: r, membri: true, tipo: f.Tipo, strutture: f.Strutture} // the last two stand on the cards
	if f.Struttura != "" {
		c.strutture = []string{f.Struttura}
	}
	f.Registro, f.Tipo, f.Struttura, f.Strutture = registro, "", "", nil
	return s.trova(ctx, chi, f, c)
}

// domanda reads a question, for one page.
func (s *Servizio) domanda(chi access.Chi, q string, limite int, dopo string) (Filtro, Ricerca, error) {
	f, r, err := LeggiDomanda(q, s.Oggi())
	if err != nil {
		return f, r, err
	}
	if err := s.Precisa(chi.Ente, &f); err != nil {
		return f, r, errDomanda(fault.Message(err))
	}
	if f.Limite, f.Dopo = limite, dopo; limite < 1 || limite > 100 {
		f.Limite = 50
	}
	if f.Incaricato == Io {
		f.Incaricato = chi.Persona
	}
	return f, r, nil
}

// cerco is what a search looks for in each case.
type cerco struct {
	Ricerca
	membri    bool // in a compartment of members: nothing is known of a case before it is opened
	tipo      string
	strutture []string
}

// trova takes cases that may answer and opens them, until the page is full.
func (s *Servizio) trova(ctx context.Context, chi access.Chi, f Filtro, c cerco) (Pagina, error) {
	come := ReadSearch
	if c.Vuota() {
		come = ReadList
	}
	if err := s.annota(ctx, chi, 0, come, "", ""); err != nil {
		return Pagina{}, err
	}
	limite, prima := f.Limite, f.Dopo == ""
	var out Pagina
	var trovate []*segno
	for viste := 0; ; {
		p, err := s.Arch.Elenco(ctx, chi, f)
		if err != nil {
			return Pagina{}, err
		}
		segni, err := s.rispondono(ctx, chi, p.Righe, c)
		if err != nil {
			return Pagina{}, err
		}
		viste += len(p.Righe)
		trovate = append(trovate, segni...)
		if out.Dopo, out.Ancora = p.Dopo, p.Ancora; p.Dopo == "" || len(trovate) >= limite {
			break
		}
		if out.Ancora = out.Ancora || viste >= MaxScan; out.Ancora {
			break
		}
		f.Dopo = p.Dopo
	}
	if len(trovate) > limite {
		trovate = trovate[:limite]
		out.Dopo, out.Ancora = trovate[limite-1].riga.Cursore(), false
	}
	if prima && out.Dopo == "" && len(trovate) > 1 && !c.Vuota() {
		if err := s.apriTutto(ctx, chi, trovate, c); err != nil {
			return Pagina{}, err
		}
		perMerito(trovate)
		out.PerMerito = true
	}
	for _, x := range trovate {
		if !c.Vuota() {
			x.mostra()
		}
		out.Righe = append(out.Righe, x.riga)
	}
	return out, nil
}

// rispondono opens cases, and gives those that have what is looked for. The report is
// opened first: most answer by it, and then nothing else is.
func (s *Servizio) rispondono(ctx context.Context, chi access.Chi, righe []Riga, c cerco) ([]*segno, error) {
	righe, err := s.conCartellino(ctx, chi, righe, c)
	if err != nil {
		return nil, err
	}
	parte := ""
	if c.Vuota() {
		parte = ParteNucleo
	}
	if err := s.chiaviElenco(ctx, chi, righe, parte); err != nil {
		return nil, err
	}
	var segni, restano []*segno
	for _, x := range righe {
		segni = append(segni, &segno{riga: x})
	}
	if c.Vuota() {
		return segni, nil
	}
	if err := s.apriPrime(ctx, segni, c); err != nil {
		return nil, err
	}
	for _, x := range segni {
		if !x.basta(c) {
			restano = append(restano, x)
		}
	}
	if err := s.apriTutto(ctx, chi, restano, c); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(segni, func(x *segno) bool { return x.tutto && x.incerto(c) && !c.Trova(x.seg, x.altri()...) }), nil
}

// conCartellino gives the rows their cards, and keeps those on which stands what is
// looked for.
func (s *Servizio) conCartellino(ctx context.Context, chi access.Chi, righe []Riga, c cerco) ([]Riga, error) {
	if err := s.cartelliniElenco(ctx, chi, righe); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(righe, func(x Riga) bool {
		y := x.Cartellino.Apri()
		return c.tipo != "" && y.Tipo != c.tipo || len(c.strutture) > 0 && !slices.Contains(c.strutture, y.Struttura)
	}), nil
}

// apriPrime opens the report of each case, for who may read it.
func (s *Servizio) apriPrime(ctx context.Context, segni []*segno, c cerco) error {
	var n []int64
	for _, x := range segni {
		if x.riga.parti != nil && !x.riga.Richiesta {
			n = append(n, x.riga.N)
		}
	}
	aperture, err := s.Arch.Aperture(ctx, n)
	if err != nil {
		return err
	}
	for _, x := range segni {
		r := &x.riga
		a, ok := aperture[r.N]
		if !ok {
			continue
		}
		atto, err := DecodeBusta(a.Busta)
		if err != nil {
			return err
		}
		b, err := vault.OpenText(r.parti.chiave(a.Parte), contestoContenuto(r.Ente, r.ID, a.Parte, atto.ID, a.N), a.Bytes)
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(b), &x.seg); err != nil {
			return err
		}
		x.brani = []brano{{corpo: x.seg.corpo(), oggetto: len(x.seg.Oggetto)}}
		x.leggi(c.Ricerca)
	}
	return nil
}

// apriTutto opens the rest of what who asks may read of some cases.
func (s *Servizio) apriTutto(ctx context.Context, chi access.Chi, segni []*segno, c cerco) error {
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return err
	}
	segni = slices.DeleteFunc(slices.Clone(segni), func(x *segno) bool { return x.tutto })
	var n []int64
	for _, x := range segni {
		n = append(n, x.riga.N)
	}
	di, err := s.Arch.Scritti(ctx, n)
	if err != nil {
		return err
	}
	for _, x := range segni {
		x.tutto = true
		sc, reg := di[x.riga.N], amb.Regolamenti[x.riga.Regolamento]
		var parti []string // nil: all
		if x.riga.Richiesta && x.riga.Eliminata.IsZero() {
			parti = s.mieParti(amb, chi, sc.Atti)
			if x.riga.parti, err = s.mazzoChiesto(ctx, x.riga.Testa, sc.Atti, parti); err != nil {
				return err
			}
		}
		if x.riga.parti == nil || reg == nil {
			continue
		}
		if x.seg, x.brani, err = sc.leggi(reg, x.riga.Testa, x.riga.parti, parti); err != nil {
			return err
		}
		x.leggi(c.Ricerca)
	}
	return nil
}
