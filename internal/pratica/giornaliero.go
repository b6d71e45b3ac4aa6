package pratica

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/registro"
)

// Giornaliero is the register of one day, as a fixed document: what was registered and
// what was annotated, without a person's name. It is made of envelopes alone, so it can
// be made again for ever.
//
// ref: dpr445-2000 art. 53 c. 3
type Giornaliero struct {
	Ente        string
	Registro    string
	Giorno      day.Date
	Il          time.Time // when it was made
	Numeri      int       // given on that day
	Annotazioni int       // written on that day
	Fino        int64     // the last act of the day
	Hash        []byte    // SHA-256 of Testo
	Testo       []byte
}

// NomeFile is how its file is called; the same in every export.
func (g Giornaliero) NomeFile() string {
	return "registro-giornaliero-" + g.Registro + "-" + g.Giorno.String() + ".xml"
}

// Iscritto is an act that belongs in the register of its day, with the opening of its
// case.
type Iscritto struct {
	Atto     Registrato
	Apertura Atto
}

// ArchivioGiornalieri is what the registers of days need of the store.
type ArchivioGiornalieri interface {
	// UltimaGiornata is the last act that a register of a day looked at.
	UltimaGiornata(ctx context.Context, ente string) (int64, error)
	// Giornata is the first day that has acts after one, with the last act of it; dopo:
	// there are acts of later days. No day: there is none.
	Giornata(ctx context.Context, a int64) (giorno day.Date, ultimo int64, dopo bool, err error)
	// Iscritti are the acts from one to another, both excluded and included, that open a
	// case or are of some kinds, in their order.
	Iscritti(ctx context.Context, ente string, da, fino int64, kinds []string) ([]Iscritto, error)
	// Giornalieri are those of a register from the day before on, the last first, without
	// their text; giorno zero: from the last.
	Giornalieri(ctx context.Context, ente, registro string, prima day.Date, limite int) ([]Giornaliero, error)
	Giornaliero(ctx context.Context, ente, registro string, giorno day.Date) (Giornaliero, error)
	// TuttiGiornalieri are all those of an ente, by day, without their text.
	TuttiGiornalieri(ctx context.Context, ente string) ([]Giornaliero, error)
	// SalvaGiornalieri stores those of one day, if ultimo is still the last act of the
	// database; 0: there are acts of later days already.
	SalvaGiornalieri(ctx context.Context, ente string, giorno day.Date, gg []Giornaliero, ultimo int64) error
}

// margine is how long after a day its register is made.
const margine = 10 * time.Minute

// ChiudiGiorni makes the registers of the days that are over and have none, the first
// first: after a stop it catches up. Several nodes may do it at once: one of them stores.
func (s *Servizio) ChiudiGiorni(ctx context.Context, ente string) error {
	amb, err := s.ambiente(ente)
	if err != nil {
		return err
	}
	da, err := s.Arch.UltimaGiornata(ctx, ente)
	if err != nil {
		return err
	}
	for {
		giorno, ultimo, dopo, err := s.Arch.Giornata(ctx, da)
		if err != nil || giorno.IsZero() || s.Now().Before(giorno.Add(1).Start().Add(margine)) {
			return err
		}
		gg, err := amb.giornata(ctx, s.Arch, ente, giorno, da, ultimo)
		if err != nil {
			return err
		}
		if len(gg) > 0 {
			fermo := ultimo
			if dopo {
				fermo = 0
			}
			if err := s.Arch.SalvaGiornalieri(ctx, ente, giorno, gg, fermo); err != nil {
				return err
			}
		}
		da = ultimo
	}
}

// giornata makes the registers of a day from the acts between two.
func (a *Ambiente) giornata(ctx context.Context, arch ArchivioGiornalieri, ente string, giorno day.Date, da, fino int64) ([]Giornaliero, error) {
	righe, err := arch.Iscritti(ctx, ente, da, fino, a.annotano())
	if err != nil {
		return nil, err
	}
	di := map[string][]Iscritto{}
	var nomi []string
	for _, x := range righe {
		nome := x.Apertura.Apertura.Registro
		if di[nome] == nil {
			nomi = append(nomi, nome)
		}
		di[nome] = append(di[nome], x)
	}
	slices.Sort(nomi)
	var out []Giornaliero
	for _, nome := range nomi {
		prima, err := arch.Giornalieri(ctx, ente, nome, giorno, 1)
		if err != nil {
			return nil, err
		}
		g := Giornaliero{Ente: ente, Registro: nome, Giorno: giorno, Fino: fino}
		if len(prima) > 0 {
			a.scrivi(&g, &prima[0], di[nome])
		} else {
			a.scrivi(&g, nil, di[nome])
		}
		out = append(out, g)
	}
	return out, nil
}

// scrivi writes the document: one record a line, attributes in one order, so that the
// same acts give the same bytes. prima is the register of the day before it; nil for the
// first.
func (a *Ambiente) scrivi(g, prima *Giornaliero, righe []Iscritto) {
	var corpo bytes.Buffer
	for _, x := range righe {
		ap, atto := x.Apertura.Apertura, x.Atto.Atto
		nome := "annotazione"
		if atto.Apertura != nil {
			nome = "registrazione"
			g.Numeri++
		} else {
			g.Annotazioni++
		}
		fmt.Fprintf(&corpo, "<%s", nome)
		metti := func(k, v string) {
			if v != "" {
				fmt.Fprintf(&corpo, ` %s="`, k)
				_ = xml.EscapeText(&corpo, []byte(v))
				corpo.WriteByte('"')
			}
		}
		metti("numero", NumeroScritto(ap.Anno, ap.Numero))
		metti("istante", atto.Il.UTC().Format("2006-01-02T15:04:05.000Z"))
		metti("atto", atto.Kind)
		reg := a.Regolamenti[ap.Regolamento]
		switch {
		case atto.Apertura == nil && reg != nil && reg.Atto(atto.Kind) != nil:
			metti("effetto", reg.Atto(atto.Kind).Annota)
			metti("causa", atto.Dati["causa"])
		case atto.Apertura != nil:
			metti("arrivo", atto.Giorno.String())
			if !DeiMembri(ap.Registro) {
				metti("tipo", atto.Pone["tipo"])
				metti("presidio", ap.Presidio)
				metti("struttura", ap.Struttura)
				metti("canale", ap.Canale)
			}
			metti("mittente", hex.EncodeToString(ap.Mittente))
		}
		metti("impronta", hex.EncodeToString(x.Atto.impronta()))
		metti("foglia", hex.EncodeToString(x.Atto.Foglia))
		corpo.WriteString("/>\n")
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	fmt.Fprintf(&b, `<registroGiornaliero xmlns="urn:tutela:registro-giornaliero:1" ente="%s" registro="%s" giorno="%s" registrazioni="%d" annotazioni="%d">`+"\n",
		escape(g.Ente), escape(g.Registro), g.Giorno, g.Numeri, g.Annotazioni)
	if prima != nil {
		fmt.Fprintf(&b, `<precedente giorno="%s" sha256="%x"/>`+"\n", prima.Giorno, prima.Hash)
	}
	b.Write(corpo.Bytes())
	b.WriteString("</registroGiornaliero>\n")
	h := sha256.Sum256(b.Bytes())
	g.Testo, g.Hash = b.Bytes(), h[:]
}

func escape(t string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(t))
	return b.String()
}

// pseudonimo gives the sender of a segnalazione a pseudonym: the hash of the name with a salt
// that is sealed with it, and goes with it.
func (seg *Segnalazione) pseudonimo() []byte {
	seg.Sale = make([]byte, 16)
	_, _ = rand.Read(seg.Sale)
	return seg.Pseudonimo()
}

// Pseudonimo is how the sender stands in the register of the day: who has the report
// open makes it again.
func (seg Segnalazione) Pseudonimo() []byte {
	nome := ""
	if p := seg.Segnalante; p != nil {
		nome = strings.TrimSpace(p.Nome + " " + p.Cognome)
	}
	h := sha256.Sum256(append(slices.Clone(seg.Sale), nome...))
	return h[:]
}

// MayGiornaliero reports whether who asks may read the registers of days: they have
// every number of the ente, and no name.
func MayGiornaliero(chi access.Chi, registro string) bool {
	if DeiMembri(registro) {
		return chi.Apre(registro)
	}
	return chi.Ha(access.URPAziendale, access.Amministratore)
}

// Giornalieri are the registers of days of a register, the last first; prima: those
// before a day.
func (s *Servizio) Giornalieri(ctx context.Context, chi access.Chi, nome string, prima day.Date, limite int) ([]Giornaliero, error) {
	if !MayGiornaliero(chi, nome) {
		return nil, errRegistro
	}
	return s.Arch.Giornalieri(ctx, chi.Ente, nome, prima, limite)
}

// Giornaliero is the register of a day, with its text.
func (s *Servizio) Giornaliero(ctx context.Context, chi access.Chi, nome string, giorno day.Date) (Giornaliero, error) {
	if !MayGiornaliero(chi, nome) {
		return Giornaliero{}, errRegistro
	}
	return s.Arch.Giornaliero(ctx, chi.Ente, nome, giorno)
}

// giornalieri makes the registers of days again, and compares them with those that are
// stored.
func (v Verifica) giornalieri(ctx context.Context) error {
	gg, err := v.Arch.TuttiGiornalieri(ctx, v.Ente)
	if err != nil {
		return err
	}
	ultimi := map[string]*Giornaliero{}
	var da, fino int64 // the last act of the days before, and of the day under way
	for i := range gg {
		g := &gg[i]
		if i > 0 && g.Giorno != gg[i-1].Giorno {
			da = fino
		}
		fino = g.Fino
		if err := v.giornaliero(ctx, *g, ultimi[g.Registro], da); err != nil {
			return err
		}
		ultimi[g.Registro] = g
	}
	return nil
}

// giornaliero checks one, made of the acts after da. Of days that an earlier
// verification saw only the bytes are.
func (v Verifica) giornaliero(ctx context.Context, g Giornaliero, prima *Giornaliero, da int64) error {
	chi := fmt.Sprintf("Il registro giornaliero %s del %s", g.Registro, g.Giorno)
	g, err := v.Arch.Giornaliero(ctx, v.Ente, g.Registro, g.Giorno)
	if err != nil {
		return err
	}
	if h := sha256.Sum256(g.Testo); !bytes.Equal(h[:], g.Hash) {
		return registro.Wrong("%s è stato cambiato: l'impronta non è la sua.", chi)
	}
	if g.Fino <= v.Da {
		return nil
	}
	righe, err := v.Arch.Iscritti(ctx, v.Ente, da, g.Fino, v.Amb.annotano())
	if err != nil {
		return err
	}
	for _, x := range righe {
		if il := day.In(x.Atto.Atto.Il); il != g.Giorno {
			return registro.Wrong("%s: manca quello del %s.", chi, il)
		}
	}
	ora := Giornaliero{Ente: v.Ente, Registro: g.Registro, Giorno: g.Giorno}
	v.Amb.scrivi(&ora, prima, slices.DeleteFunc(righe, func(x Iscritto) bool { return x.Apertura.Apertura.Registro != g.Registro }))
	if !bytes.Equal(ora.Testo, g.Testo) || ora.Numeri != g.Numeri || ora.Annotazioni != g.Annotazioni {
		return registro.Wrong("%s non è quello che risulta dagli atti.", chi)
	}
	return nil
}
