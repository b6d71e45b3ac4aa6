package pratica

import (
	"context"
	"slices"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

var errFascicolo = fault.New(fault.Invalid, "Controlla i campi indicati.").Campo("fascicolo", "Non troviamo una pratica dell'URP con questo numero. Scrivilo così: 2026/123.")

// concedi gives a file of the URP to read to the case of the UPT in which the act is
// done: its parts are wrapped for the UPT too. The rows lie with that file and say
// nothing on its pages; the act, and who reads it, are of the UPT's case alone.
//
// ref: lr33-2009 art. 23-bis
func (s *Servizio) concedi(ctx context.Context, p *pronto, chi access.Chi, numero string) error {
	h, err := s.fascicoloURP(ctx, chi.Ente, numero)
	if err != nil {
		return err
	}
	m, err := s.mazzo(ctx, access.Sistema(chi.Ente), h)
	if err != nil {
		return err
	}
	gia, err := s.Arch.Involucri(ctx, []int64{h.N}, nomeLettore(p.testa.Registro), "")
	if err != nil {
		return err
	}
	if err := s.segnaLettori(ctx, p, chi); err != nil {
		return err
	}
	for parte, pk := range m.parti {
		if !slices.ContainsFunc(gia[h.N], func(i vault.Involucro) bool { return i.Nome == parte }) {
			p.concessi = append(p.concessi, vault.Parte{Ente: h.Ente, Pratica: h.ID, Nome: parte}.Wrap(pk, *p.per))
		}
	}
	p.concessa = h.N
	p.atto.Concessione = &Concessione{h.ID, impronte(p.concessi)}
	return nil
}

// fascicoloURP is the file of the URP with that number, as a person writes it.
func (s *Servizio) fascicoloURP(ctx context.Context, ente, numero string) (Testa, error) {
	anno, n, ok := LeggiNumero(numero)
	if !ok || anno == 0 {
		return Testa{}, errFascicolo
	}
	h, err := s.Arch.PerNumero(ctx, ente, RegistroURP, anno, n)
	if fault.Is(err, fault.NotFound) || err == nil && !h.Eliminata.IsZero() {
		return Testa{}, errFascicolo
	}
	return h, err
}

// ApriConcesso reads a file of the URP for a case of the UPT to which an act gave it,
// while that case is open. The reading is on record in the UPT's case.
//
// ref: lr33-2009 art. 23-bis
func (s *Servizio) ApriConcesso(ctx context.Context, chi access.Chi, caso, id vault.ID) (*Fascicolo, error) {
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return nil, err
	}
	suo, atti, o, err := s.vista(ctx, chi, caso)
	if err != nil {
		return nil, err
	}
	concesso := slices.ContainsFunc(atti, func(x Registrato) bool { return x.Atto.Concessione != nil && x.Atto.Concessione.Pratica == id })
	if !concesso || !suo.Aperta || !access.Can(chi, access.VedereNucleo, o) || !chi.Apre(suo.Registro) {
		return nil, errAssente
	}
	h, atti, err := s.Arch.Leggi(ctx, id)
	if err != nil {
		return nil, err
	}
	if h.Ente != chi.Ente || !h.Eliminata.IsZero() {
		return nil, errAssente
	}
	apre, _ := chi.Aperti.Opener(suo.Registro)
	m, err := s.mazzoDi(ctx, h, nomeLettore(suo.Registro), apre)
	if err != nil {
		return nil, err
	}
	parti := make([]string, 0, len(m.parti))
	for parte := range m.parti {
		parti = append(parti, parte)
	}
	f, err := s.fascicolo(ctx, amb, h, atti, m, parti)
	if err != nil {
		return nil, err
	}
	return f, s.annota(ctx, chi, suo.N, ReadPage, ParteConcessa, operante(chi, o.Nucleo))
}

// ParteConcessa is, in the record of readings of a case of the UPT, a file of the URP
// that the case was given to read.
const ParteConcessa = "fascicolo-urp"

// What a session of the Commissione reads of a case, in the same record: all of it, or
// the copy without names.
const (
	ParteSeduta      = "seduta"
	ParteSedutaCopia = "seduta-copia"
)
