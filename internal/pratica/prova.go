package pratica

import (
	"context"
	"slices"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/registro"
	"tutela/internal/vault"
)

// Prova proves to who has the key of a case that it was registered: its number and its
// instant, in the ente's log. There is no name in it, and not the key.
func (s *Servizio) Prova(ctx context.Context, ente, codice string, chiave vault.Riservato) (registro.Receipt, error) {
	h, atti, err := s.Arch.LeggiCodice(ctx, ente, codice)
	if fault.Is(err, fault.NotFound) {
		_, _ = s.mazzoCittadino(ctx, Testa{Ente: ente, Slot: 1}, chiave) // the same work as for a case that is there
		return registro.Receipt{}, errCodice
	}
	if err != nil {
		return registro.Receipt{}, err
	}
	if _, err := s.mazzoCittadino(ctx, h, chiave); err != nil {
		return registro.Receipt{}, err
	}
	return s.prova(ctx, h, atti, 1)
}

// ProvaAtto proves an act to who handles its case.
func (s *Servizio) ProvaAtto(ctx context.Context, chi access.Chi, id vault.ID, seq int) (registro.Receipt, error) {
	h, atti, o, err := s.vista(ctx, chi, id)
	if err != nil {
		return registro.Receipt{}, err
	}
	if !access.Can(chi, access.VedereNucleo, o) {
		return registro.Receipt{}, errAssente
	}
	return s.prova(ctx, h, atti, seq)
}

func (s *Servizio) prova(ctx context.Context, h Testa, atti []Registrato, seq int) (registro.Receipt, error) {
	i := slices.IndexFunc(atti, func(x Registrato) bool { return x.Atto.Seq == seq })
	if i < 0 || s.Log == nil {
		return registro.Receipt{}, errAssente
	}
	epoch, err := s.Log.Arch.Epoch(ctx, h.Ente, atti[i].Pos)
	if err != nil {
		return registro.Receipt{}, err
	}
	var prima *Registrato
	if i > 0 {
		prima = &atti[i-1]
	}
	testo, err := atti[i].Leaf(registro.Origin(h.Ente, epoch), atti[0].Atto.Apertura, prima).Text()
	if err != nil {
		return registro.Receipt{}, err
	}
	r, err := s.Log.Receipt(ctx, h.Ente, testo, atti[i].Pos)
	return r, diverso(err)
}
