package pratica

import (
	"context"
	"errors"
	"slices"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

var (
	errSoloPagina = fault.New(fault.Forbidden, "La chiave nuova si dà dalla pagina della pratica: si vede una volta sola.")
	errSenzaParte = fault.New(fault.Forbidden, "La chiave nuova la dà l'ufficio che legge tutta la pratica.")
)

// Superata stands in the place of a saved answer whose chiave was given up for another:
// that it was given is known, and the chiave is nowhere any more.
var Superata = []byte{0}

// ErrSuperata answers the form that gave such a chiave, sent again: there is nothing to
// do once more.
var ErrSuperata = fault.New(fault.Conflict, "Questa pagina aveva già dato una chiave. Intanto ne è stata data un'altra: vale quella.")

// Opens reports whether a chiave still opens a case: it may have been replaced.
func (s *Servizio) Opens(ctx context.Context, ente, codice string, chiave vault.Riservato) (bool, error) {
	h, _, err := s.Arch.LeggiCodice(ctx, ente, codice)
	if err == nil && h.Eliminata.IsZero() {
		_, err = s.mazzoCittadino(ctx, h, chiave)
	}
	if errors.Is(err, errCodice) {
		return false, nil
	}
	return err == nil, err
}

// NewKey performs the act by which an office gives another chiave to a citizen who lost
// theirs, and gives it: it is stored nowhere. It opens all that the one before did; that
// one opens nothing of what is written from now on, and no page. The same idempotent
// request gives the same chiave.
func (s *Servizio) NewKey(ctx context.Context, chi access.Chi, cmd Comando) (Testa, vault.Riservato, error) {
	if !access.Confermato(chi, access.Chiavi, s.Now()) {
		return Testa{}, vault.Riservato{}, errProva
	}
	chiave := vault.NewChiave()
	cmd.nuova = &chiave
	h, err := s.Esegui(ctx, chi, cmd)
	if err != nil {
		return h, vault.Riservato{}, err
	}
	return h, chiave, nil
}

// cambiaChiave wraps the citizen's parts for the next version of the chiave, in the
// place of the one before, and begins another part: who had the chiave before, and a
// copy of the disks of then, does not open what is written from now on.
func (s *Servizio) cambiaChiave(ctx context.Context, p *pronto, m *mazzo, chi access.Chi, atti []Registrato, chiave vault.Riservato) error {
	h := p.testa
	suo, err := s.ricevente(ctx, chi, h)
	if err != nil {
		return err
	}
	lui, _ := cittadino(h, versioneChiave(atti)+1, chiave)
	parti := tutteLeParti(atti, ParteCittadino)
	for _, nome := range parti {
		if m.parti[nome] == nil {
			return errSenzaParte
		}
		p.riavvolti = append(p.riavvolti, vault.Parte{Ente: h.Ente, Pratica: h.ID, Nome: nome}.Wrap(m.parti[nome], lui))
	}
	per := []vault.Recipient{suo, lui}
	if m.assistente != nil {
		per = append(per, *m.assistente)
	}
	m.crea(parteN(ParteCittadino, len(parti)+1), per...)
	if DeiMembri(h.Registro) {
		parte, err := s.apriParte(ctx, m, chi, h, ParteNucleo, atti)
		if err != nil {
			return err
		}
		x, err := contenuto(m.chiave(parte), &p.atto, parte, numeroCittadino, pubblicaDi(h, chiave))
		if err != nil {
			return err
		}
		p.contenuti = append(p.contenuti, x)
		if err := s.segnaLettori(ctx, p, chi); err != nil {
			return err
		}
	}
	p.involucri, p.atto.Involucri = m.nuovi, impronte(slices.Concat(m.nuovi, p.riavvolti))
	return nil
}
