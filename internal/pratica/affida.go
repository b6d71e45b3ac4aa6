package pratica

import (
	"context"
	"slices"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// maxAffidamento is for how many days a case may be given to an assistant at most.
const maxAffidamento = 366

// leggiAffidamento is to whom an act gives the case to read, and until when. It takes
// the two out of the fields: the envelope says them, as the wraps do.
func leggiAffidamento(def *regolamento.DefAtto, c *campiLetti, oggi day.Date) (*Affidamento, error) {
	if def.Affida == "" || c.persona == "" {
		return nil, nil
	}
	a := &Affidamento{Persona: c.persona, Fino: c.date[def.AffidaFino]}
	c.persona = ""
	delete(c.chiari, def.Affida)
	delete(c.date, def.AffidaFino)
	if c.presenti[def.AffidaFino] && (a.Fino < oggi || a.Fino > oggi.Add(maxAffidamento)) {
		return nil, fault.New(fault.Invalid, "Controlla i campi indicati.").Campo(def.AffidaFino, "Scegli un giorno da oggi a un anno.")
	}
	return a, nil
}

// affidata is to whom a case is given to read today: the last one whom its acts named,
// until his last day, until an act takes it back, or until he leaves the roll. What
// ended with his place there does not come back with another place.
func (s *Servizio) affidata(ctx context.Context, reg *regolamento.Regolamento, h Testa, atti []Registrato) (*Affidamento, error) {
	var ora *Affidamento
	con := ""
	for _, x := range atti {
		d := reg.Atto(x.Atto.Kind)
		switch {
		case x.Atto.Affidamento != nil:
			ora, con = x.Atto.Affidamento, x.Atto.Kind
		case d != nil && slices.Contains(d.Dimentica, con):
			ora = nil
		}
	}
	if ora == nil || ora.Fino < s.Oggi() || !h.Aperta {
		return nil, nil
	}
	fuori, err := s.Arch.Fuori(ctx, h.Ente, h.Registro, ora.Persona)
	if err != nil || fuori > ora.Versione {
		return nil, err
	}
	return ora, nil
}

// assiste has what a member writes wrapped for the assistant too, by the key that the
// roll has. Who is out of the roll is one no more.
func (s *Servizio) assiste(ctx context.Context, m *mazzo, chi access.Chi, reg *regolamento.Regolamento, h Testa, atti []Registrato) error {
	if !DeiMembri(h.Registro) || !chi.Apre(h.Registro) {
		return nil
	}
	nuovo := atti[len(atti)-1].Atto.Affidamento
	if nuovo != nil {
		suo, _ := chi.Aperti.Recipient(h.Registro)
		nuovo.Versione = suo.Versione()
	}
	a, err := s.affidata(ctx, reg, h, atti)
	if err != nil || a == nil {
		return err
	}
	per, err := chi.Aperti.Person(h.Registro, a.Persona)
	if err != nil && nuovo != nil {
		const frase = "Questa persona non è nell'albo dell'ufficio: prima ammettila come assistente, in «Chiavi dell'ufficio»."
		return fault.New(fault.Invalid, frase).Campo(reg.Atto(atti[len(atti)-1].Atto.Kind).Affida, frase)
	}
	if err == nil {
		m.assistente = &per
	}
	return nil
}

// anchePer wraps for a reader the parts of a case that he has not: those made by who
// cannot know him, the citizen and the structures, too. One that he had with a key
// before is wrapped again for the one he has.
func (m *mazzo) anchePer(r vault.Recipient, atti []Registrato) {
	for parte, pk := range m.parti {
		if slices.ContainsFunc(m.nuovi, func(i vault.Involucro) bool { return i.Nome == parte }) {
			continue
		}
		ha := lettori(atti, parte)
		w := vault.Parte{Ente: m.ente, Pratica: m.id, Nome: parte}
		switch {
		case slices.ContainsFunc(ha, func(i ImprontaInvolucro) bool { return r.Reads(i.Destinatario, i.Versione) }):
		case slices.ContainsFunc(ha, func(i ImprontaInvolucro) bool { return r.Is(i.Destinatario) }):
			m.riavvolti = append(m.riavvolti, w.Wrap(pk, r))
		default:
			m.nuovi = append(m.nuovi, w.Wrap(pk, r))
		}
	}
}

// Affidata is a case that is given to an assistant to read.
type Affidata struct {
	Testa Testa
	Fino  day.Date
}

// Affidate are the cases that who asks is given to read today. It opens none.
func (s *Servizio) Affidate(ctx context.Context, chi access.Chi) ([]Affidata, error) {
	if !chi.Personale() {
		return nil, nil
	}
	var out []Affidata
	id, err := s.Arch.Affidate(ctx, chi.Ente, RegistroUPT, lettorePersona(chi.Persona))
	for _, x := range id {
		h, a, _, e := s.affidataA(ctx, chi, x)
		switch {
		case fault.Is(e, fault.NotFound):
		case e != nil:
			return nil, e
		default:
			out = append(out, Affidata{h, a.Fino})
		}
	}
	return out, err
}

// AffidateA counts the cases that somebody is given to read today, for a member.
func (s *Servizio) AffidateA(ctx context.Context, chi access.Chi, persona string) (int, error) {
	amb, err := s.ambiente(chi.Ente)
	if err != nil || !chi.Apre(RegistroUPT) {
		return 0, err
	}
	id, err := s.Arch.Affidate(ctx, chi.Ente, RegistroUPT, lettorePersona(persona))
	n := 0
	for _, x := range id {
		h, atti, err := s.Arch.Leggi(ctx, x)
		if err != nil {
			return n, err
		}
		reg, _, _, err := amb.piega(h, atti)
		if err != nil {
			return n, err
		}
		if a, err := s.affidata(ctx, reg, h, atti); err != nil {
			return n, err
		} else if a != nil && a.Persona == persona {
			n++
		}
	}
	return n, err
}

// lettorePersona is how wraps call somebody for himself.
func lettorePersona(persona string) string { return "persona." + persona }

// affidataA is a case for the assistant to whom it is given today; absent for any other.
func (s *Servizio) affidataA(ctx context.Context, chi access.Chi, id vault.ID) (Testa, *Affidamento, []Registrato, error) {
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return Testa{}, nil, nil, err
	}
	h, atti, err := s.Arch.Leggi(ctx, id)
	if err != nil {
		return h, nil, nil, err
	}
	if h.Ente != chi.Ente || !DeiMembri(h.Registro) || !h.Eliminata.IsZero() || !chi.Ha(access.UPT, access.UPTOperatore) {
		return h, nil, nil, errAssente
	}
	reg, _, _, err := amb.piega(h, atti)
	if err != nil {
		return h, nil, nil, err
	}
	a, err := s.affidata(ctx, reg, h, atti)
	if err != nil {
		return h, nil, nil, err
	}
	if a == nil || a.Persona != chi.Persona {
		return h, nil, nil, errAssente
	}
	return h, a, atti, nil
}

// ApriAffidata reads a case that an act gave to who asks, with his own key: as much of
// it as was wrapped for him. The reading is on record.
//
// ref: lr33-2009 art. 23-bis
func (s *Servizio) ApriAffidata(ctx context.Context, chi access.Chi, id vault.ID, come string) (*Fascicolo, day.Date, error) {
	h, a, atti, err := s.affidataA(ctx, chi, id)
	if err != nil {
		return nil, 0, err
	}
	if chi.Aperti == nil {
		return nil, 0, errAssente
	}
	apre, ok := chi.Aperti.Own()
	if !ok {
		return nil, 0, errAssente
	}
	caso, err := s.Slots.Key(ctx, h.Slot)
	if err != nil {
		return nil, 0, err
	}
	avvolte, err := s.Arch.Involucri(ctx, []int64{h.N}, lettorePersona(chi.Persona), "")
	if err != nil {
		return nil, 0, err
	}
	m, parti := nuovoMazzo(h.Ente, h.ID, caso), []string{}
	for _, i := range avvolte[h.N] {
		i.Ente, i.Pratica = h.Ente, h.ID
		if pk, err := apre.Unwrap(i); err == nil { // else it is for a key that he had before
			m.parti[i.Nome], parti = pk, append(parti, i.Nome)
		}
	}
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return nil, 0, err
	}
	f, err := s.fascicolo(ctx, amb, h, atti, m, parti)
	if err != nil {
		return nil, 0, err
	}
	return f, a.Fino, s.annota(ctx, chi, h.N, come, ParteNucleo, access.Ufficio(access.UPTOperatore, ""))
}
