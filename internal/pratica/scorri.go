package pratica

import (
	"context"
	"slices"

	"tutela/internal/access"
	"tutela/internal/fault"
)

// MaxScan is how many cases one page of a scan opens, and a few more.
const MaxScan = 500

// Scorri gives a page of the cases of a compartment of members that a question asks
// for, newest first. No index keeps their words and no column says what they are
// about: the cases are opened one by one, with the key of who asks, as many as one
// page may cost. Ancora says that there are older ones to open. A page may have some
// rows more than limite.
func (s *Servizio) Scorri(ctx context.Context, chi access.Chi, registro, q string, limite int, dopo string) (Pagina, error) {
	var out Pagina
	if !chi.Apre(registro) {
		return out, errAssente
	}
	f, r, err := LeggiDomanda(q, s.Oggi())
	if err != nil {
		return out, err
	}
	f.Registro = registro
	if err := s.Precisa(chi.Ente, &f); err != nil {
		return out, errDomanda(fault.Message(err))
	}
	c := cerco{r, f.Tipo, f.Strutture} // the last two stand on the cards
	if f.Struttura != "" {
		c.strutture = []string{f.Struttura}
	}
	f.Tipo, f.Struttura, f.Strutture = "", "", nil
	f.Limite, f.Dopo = limite, dopo
	if f.Incaricato == Io {
		f.Incaricato = chi.Persona
	}
	come := ReadSearch
	if r.Vuota() {
		come = ReadList
	}
	if err := s.annota(ctx, chi, 0, come, "", ""); err != nil {
		return out, err
	}
	for viste := 0; ; {
		p, err := s.Arch.Elenco(ctx, chi, f)
		if err != nil {
			return out, err
		}
		trovate, err := s.filtra(ctx, chi, p.Righe, c)
		if err != nil {
			return out, err
		}
		viste += len(p.Righe)
		out.Righe, out.Dopo = append(out.Righe, trovate...), p.Dopo
		switch {
		case p.Dopo == "":
			return out, nil
		case len(out.Righe) >= limite || viste >= MaxScan:
			out.Ancora = len(out.Righe) < limite
			return out, nil
		}
		f.Dopo = p.Dopo
	}
}

// cerco is what a scan looks for in each case.
type cerco struct {
	Ricerca
	tipo      string
	strutture []string
}

// filtra opens cases, and gives those that have what is looked for.
func (s *Servizio) filtra(ctx context.Context, chi access.Chi, righe []Riga, c cerco) ([]Riga, error) {
	teste := make([]Testa, len(righe))
	for i, x := range righe {
		teste[i] = x.Testa
	}
	di, err := s.cartellini(ctx, chi, teste)
	if err != nil {
		return nil, err
	}
	var out []Riga
	for _, x := range righe {
		y := di[x.N]
		if (c.tipo == "" || y.Tipo == c.tipo) && (len(c.strutture) == 0 || slices.Contains(c.strutture, y.Struttura)) {
			x.Cartellino = Chiudi(y)
			out = append(out, x)
		}
	}
	if c.Vuota() {
		return out, s.chiaviElenco(ctx, chi, out, ParteNucleo)
	}
	if err := s.chiaviElenco(ctx, chi, out, ""); err != nil {
		return nil, err
	}
	if err := s.apriTrovate(ctx, out); err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(x Riga) bool { return x.segnalazione == nil || !c.Trova(x.segnalazione.Apri()) })
	for i := range out {
		x := segno{seg: out[i].segnalazione.Apri()}
		x.leggi(c.Ricerca)
		out[i].Brani = Chiudi(x.brani())
	}
	return out, nil
}
