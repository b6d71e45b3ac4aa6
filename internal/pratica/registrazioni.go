package pratica

import (
	"context"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/registro"
	"tutela/internal/regolamento"
)

// Registrazione is a line of a register: a case as it was registered, and what was
// written beside its number since.
//
// ref: dpr445-2000 art. 53
type Registrazione struct {
	Riga
	Impronta    []byte         // SHA-256 of what was registered, as the log commits to it
	NumeroEnte  *NumeroEsterno // that the ente's own protocol gave to what was registered; nil: none
	Annotazioni []Annotazione
}

// Annotazione is what was written beside a number: nothing of the registration itself is
// ever changed.
//
// ref: dpr445-2000 art. 54
type Annotazione struct {
	Atto
	Cosa      string // what it does: see regolamento.DefAtto
	Etichetta string
	Causa     string                       // of an annulment, in words
	Testi     Riservata[map[string]string] // what was written, for who may read the case
}

// Annullata is when the number was annulled; zero: it was not.
func (r Registrazione) Annullata() day.Date {
	for _, a := range r.Annotazioni {
		if a.Cosa == regolamento.AnnotaAnnullamento {
			return day.In(a.Il)
		}
	}
	return 0
}

// PaginaRegistro is a page of a register; Dopo is the cursor of the next.
type PaginaRegistro struct {
	Righe []Registrazione
	Dopo  string
}

// MayRegister reports whether who asks may look at a register: the offices that work on
// its cases. Of it they see what they may read.
func MayRegister(chi access.Chi, registro string) bool {
	if DeiMembri(registro) {
		return chi.Apre(registro)
	}
	return chi.Ha(access.URPAziendale, access.URP, access.FrontOffice)
}

var errRegistro = fault.New(fault.Forbidden, "Questo registro lo leggono solo gli uffici che ne trattano le pratiche.")

// Registrazioni is a page of a register, with names and reasons: a line is there for who
// may read its case.
func (s *Servizio) Registrazioni(ctx context.Context, chi access.Chi, f Filtro) (PaginaRegistro, error) {
	if !MayRegister(chi, f.Registro) {
		return PaginaRegistro{}, errRegistro
	}
	f.DelRegistro = true
	p, err := s.Elenco(ctx, chi, f)
	if err != nil {
		return PaginaRegistro{}, err
	}
	out, err := s.registrazioni(ctx, chi.Ente, p)
	if err != nil {
		return out, err
	}
	for i := range out.Righe {
		if err := s.apriAnnotazioni(ctx, chi, &out.Righe[i]); err != nil {
			return out, err
		}
	}
	return out, nil
}

// EsportaRegistro hands a stretch of a register to fn, page by page, without a name or a
// word that somebody wrote. That it was taken out is on record.
func (s *Servizio) EsportaRegistro(ctx context.Context, chi access.Chi, f Filtro, fn func([]Registrazione) error) error {
	if !MayRegister(chi, f.Registro) {
		return errRegistro
	}
	if err := s.annota(ctx, chi, 0, ReadExport, "", ""); err != nil {
		return err
	}
	for f.DelRegistro, f.Limite = true, 100; ; {
		p, err := s.Arch.Elenco(ctx, chi, f)
		if err != nil {
			return err
		}
		out, err := s.registrazioni(ctx, chi.Ente, p)
		if err != nil {
			return err
		}
		if err := fn(out.Righe); err != nil || out.Dopo == "" {
			return err
		}
		f.Dopo = out.Dopo
	}
}

// registrazioni puts beside each case of a list what its acts say of its registration.
func (s *Servizio) registrazioni(ctx context.Context, ente string, p Pagina) (PaginaRegistro, error) {
	out := PaginaRegistro{Dopo: p.Dopo}
	amb, err := s.ambiente(ente)
	if err != nil {
		return out, err
	}
	var nn []int64
	for _, r := range p.Righe {
		nn = append(nn, r.N)
	}
	atti, err := s.Arch.Annotati(ctx, nn, amb.kinds(func(d *regolamento.DefAtto) bool { return d.Annota != "" || d.Protocollo }))
	if err != nil {
		return out, err
	}
	for _, r := range p.Righe {
		x := Registrazione{Riga: r}
		reg := amb.Regolamenti[r.Regolamento]
		for _, a := range atti[r.N] {
			if a.Atto.Apertura != nil {
				x.Impronta = a.impronta()
			} else if p := a.Atto.Protocollo; p != nil {
				if p.Seq == 1 {
					x.NumeroEnte = p
				}
			} else if reg != nil && reg.Atto(a.Atto.Kind) != nil && reg.Atto(a.Atto.Kind).Annota != "" {
				x.Annotazioni = append(x.Annotazioni, annotazione(reg, a.Atto))
			}
		}
		out.Righe = append(out.Righe, x)
	}
	return out, nil
}

func annotazione(reg *regolamento.Regolamento, a Atto) Annotazione {
	d := reg.Atto(a.Kind)
	return Annotazione{Atto: a, Cosa: d.Annota, Etichetta: d.Fatto, Causa: reg.EtichettaValore(regolamento.CampoCausa, a.Dati[regolamento.CampoCausa])}
}

// impronta is the SHA-256 of an act's sealed contents, as its leaf commits to it; nil
// for an act that has none.
func (r Registrato) impronta() []byte {
	var each [][]byte
	for _, c := range r.Atto.Contenuti {
		each = append(each, c.Hash)
	}
	if h := registro.Contents(each); h != nil {
		return h[:]
	}
	return nil
}

// ripete checks that who annuls a number typed that of the case: it cannot be undone.
func ripete(def *regolamento.DefAtto, c campiLetti, h Testa) error {
	if def.Annota != regolamento.AnnotaAnnullamento || !c.presenti[regolamento.CampoRipeti] {
		return nil
	}
	_, detto, conRegistro := strings.Cut(strings.ToUpper(c.testi[regolamento.CampoRipeti]), strings.ToUpper(h.Registro)+" ")
	if !conRegistro {
		detto = c.testi[regolamento.CampoRipeti]
	}
	anno, numero, ok := LeggiNumero(detto)
	if !ok || numero != h.Numero || anno != 0 && anno != h.Anno {
		return fault.New(fault.Invalid, "Controlla i campi indicati.").Campo(regolamento.CampoRipeti, "Non è il numero di questa pratica. Guarda in alto, e scrivi quello.")
	}
	return nil
}

// annullata is when the number of a case was annulled, by its acts; zero: it was not.
func annullata(reg *regolamento.Regolamento, atti []Registrato) day.Date {
	for _, x := range atti {
		if d := reg.Atto(x.Atto.Kind); d != nil && d.Annota == regolamento.AnnotaAnnullamento {
			return day.In(x.Atto.Il)
		}
	}
	return 0
}

// annotano are the kinds of acts that write in a register, in some procedure.
func (a *Ambiente) annotano() []string {
	return a.kinds(func(d *regolamento.DefAtto) bool { return d.Annota != "" })
}

// kinds are those of the acts of any procedure that are chosen, once each.
func (a *Ambiente) kinds(scelti func(*regolamento.DefAtto) bool) []string {
	var out []string
	for _, r := range a.Regolamenti {
		for _, d := range r.Atti() {
			if scelti(d) && !slices.Contains(out, d.Nome) {
				out = append(out, d.Nome)
			}
		}
	}
	slices.Sort(out)
	return out
}

// apriAnnotazioni opens what was written in the annotations of a line.
func (s *Servizio) apriAnnotazioni(ctx context.Context, chi access.Chi, r *Registrazione) error {
	if len(r.Annotazioni) == 0 || !r.Eliminata.IsZero() {
		return nil
	}
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return err
	}
	m, err := s.mazzo(ctx, chi, r.Testa)
	if err != nil {
		return err
	}
	atti, err := s.Arch.Scritti(ctx, []int64{r.N})
	if err != nil {
		return err
	}
	for i := range r.Annotazioni {
		a := &r.Annotazioni[i]
		for _, x := range atti[r.N].Atti {
			if x.Atto.ID != a.ID {
				continue
			}
			var d detto
			if err := d.apri(r.Testa, x, m, atti[r.N].Contenuti, func(parte string) bool { return m.parti[parte] != nil }); err != nil {
				return err
			}
			a.Testi = Chiudi(d.testi)
			if c := d.testi[regolamento.CampoCausa]; c != "" { // of a case of members
				a.Causa = amb.Regolamenti[r.Regolamento].EtichettaValore(regolamento.CampoCausa, c)
			}
		}
	}
	return nil
}
