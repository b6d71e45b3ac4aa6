package pratica

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// parteAtto is the part in which what an act writes is sealed.
func parteAtto(def *regolamento.DefAtto, a Atto, atti []Registrato) string {
	switch {
	case def.Lettera != "" || def.PerCittadino() || def.Annota != "":
		return ParteCittadino
	case a.Per != "":
		return parteDi(atti, a.Per)
	case access.Ruolo(a.Ufficio) == access.DirettoreMacrostruttura || access.Ruolo(a.Ufficio) == access.Responsabile:
		return parteMacro(a.Ufficio)
	}
	return ParteNucleo
}

// BaseAllegati is BaseFile of the part that the files of an act will be in, for who
// may do it.
func (s *Servizio) BaseAllegati(ctx context.Context, chi access.Chi, cmd Comando) ([]byte, error) {
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return nil, err
	}
	h, atti, _, err := s.vista(ctx, chi, cmd.Pratica)
	if err != nil {
		return nil, err
	}
	reg, cal, st, err := amb.piega(h, atti)
	if err != nil {
		return nil, err
	}
	def := reg.Atto(cmd.Atto)
	if def == nil || def.Apre {
		return nil, fault.New(fault.Invalid, "Questa azione non esiste nella procedura della pratica.")
	}
	oggi := s.Oggi()
	a := Atto{Kind: def.Nome, Giorno: oggi}
	if def.Risponde != "" {
		a.Per = s.perChi(amb, reg, chi, h, st, def, cmd.Per, oggi)
	}
	esito := reg.Decide(cal, st, regolamento.Proposta{Atto: perFold(a)})
	if err := s.puo(amb, reg, chi, h, &a, esito, oggi); err != nil {
		return nil, err
	}
	caso, err := s.Slots.Key(ctx, h.Slot)
	if err != nil {
		return nil, err
	}
	return BaseFile(caso, h.Ente, h.ID, parteAtto(def, a, atti)), nil
}

// apriPrimo opens the first content of an act into v.
func (s *Servizio) apriPrimo(ctx context.Context, h Testa, m *mazzo, x Registrato, v any) error {
	im := x.Atto.Contenuti[0]
	sigillati, err := s.Arch.Contenuti(ctx, h.N, []string{im.Parte})
	if err != nil {
		return err
	}
	return apriJSON(m.chiave(im.Parte), contestoContenuto(h.Ente, h.ID, im.Parte, x.Atto.ID, im.N), sigillati[x.A*16+int64(im.N)], v)
}

// ultimoTesto is the text written by the last act of a kind.
func (s *Servizio) ultimoTesto(ctx context.Context, h Testa, m *mazzo, atti []Registrato, kind string) (string, vault.ID, error) {
	for _, x := range slices.Backward(atti) {
		if x.Atto.Kind == kind && len(x.Atto.Contenuti) > 0 {
			var t map[string]string
			err := s.apriPrimo(ctx, h, m, x, &t)
			return t["testo"], x.Atto.ID, err
		}
	}
	return "", vault.ID{}, fault.New(fault.Invalid, "Manca il testo da firmare o inviare.")
}

// quanteRichieste counts the structures asked so far: each has a part of its own.
func quanteRichieste(atti []Registrato) int {
	n := 0
	for _, x := range atti {
		n += len(x.Atto.Destinatari)
	}
	return n
}

// parteDi is the part of the last request made to a unit.
func parteDi(atti []Registrato, unita string) string {
	n, trovata := 0, ParteNucleo
	for _, x := range atti {
		for _, d := range x.Atto.Destinatari {
			n++
			if d == unita {
				trovata = ParteRichiesta(n)
			}
		}
	}
	return trovata
}

// unitaDi is the unit for which a part is made: the structure that is asked, or where an
// office that reads no nucleo sits; empty for any other part.
func unitaDi(atti []Registrato, parte string) string {
	if _, unita, si := strings.Cut(parte, "."); si && strings.HasPrefix(parte, "ufficio-") {
		return daNome(unita)
	}
	n := 0
	for _, x := range atti {
		for _, d := range x.Atto.Destinatari {
			if n++; ParteRichiesta(n) == parte {
				return d
			}
		}
	}
	return ""
}

// parteMacro is where an office that reads no nucleo writes.
func parteMacro(ufficio string) string {
	return "ufficio-" + access.Ruolo(ufficio) + "." + inNome(access.Unita(ufficio))
}

// inNome writes the code of a unit as the names of parts and of compartments have it: all
// but letters and digits as _ and its byte. So the second part of one unit is never the
// first of another, whose code ends in -2.
func inNome(unita string) string {
	var b strings.Builder
	for _, c := range []byte(unita) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return b.String()
}

var codificato = regexp.MustCompile("_[0-9a-f]{2}")

// daNome reads what inNome wrote.
func daNome(nome string) string {
	return codificato.ReplaceAllStringFunc(nome, func(x string) string {
		b, _ := hex.DecodeString(x[1:])
		return string(b)
	})
}
