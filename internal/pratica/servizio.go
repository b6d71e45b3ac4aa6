// Package pratica is the case and its acts. A case changes in one way only:
// somebody performs an act. This package holds the path of that change (read,
// fold, may see, is allowed, may do, seal, store), the derived rows that lists
// read, and the reading of a whole file for who may.
package pratica

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/organigramma"
	"tutela/internal/registro"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Ambiente is what holds for one ente now: the rules in force, the calendar, the
// chart, the URP offices. It is never changed, only replaced whole.
type Ambiente struct {
	Ente         string
	Regolamento  *regolamento.Regolamento            // in force for new cases
	Calendario   *day.Calendario                     // in force for new cases
	Regolamenti  map[string]*regolamento.Regolamento // by hash: those of the cases
	Calendari    map[string]*day.Calendario          // by hash
	Organigramma *organigramma.Versione
	Altri        map[string]Norme       // by register, beside the URP's
	Uffici       []organigramma.Ufficio // where a 2nd level URP sits, and what it serves
	Testimoni    []string               // published keys of who witnesses the log
	Timbri       int                    // for how many years a stamp may be verified; 0: for ever
	Riservate    []string               // ids of the units with a compartment of their own, each with all below it
}

// Norme are the rules in force for the new cases of a register.
type Norme struct {
	Regolamento *regolamento.Regolamento
	Calendario  *day.Calendario
}

// Del is what holds for the cases of a register; nil where it has no rules in force.
func (a *Ambiente) Del(registro string) *Ambiente {
	n, altro := a.Altri[registro]
	switch {
	case registro == "" || registro == RegistroURP:
		return a
	case !altro || n.Regolamento == nil:
		return nil
	}
	suo := *a
	suo.Regolamento, suo.Calendario = n.Regolamento, n.Calendario
	return &suo
}

// Servizio performs acts and reads files. Its fields are set once, at start.
type Servizio struct {
	Arch     Archivio
	Anello   *vault.KeyRing
	Pool     *vault.Pool
	Slots    vault.Slots
	Comparti Compartimenti
	Chiavi   CaseKeys // what is known of their end; nil: nothing
	Parole   *vault.Tokenizers
	Ambiente func(ente string) *Ambiente // nil for an ente that is not there
	// Persona fails for an opaque id that is no active member of staff. Nil: any is
	// believed.
	Persona func(ctx context.Context, ente, id string) error
	// Ricifra writes a stored file once more, under another key, and gives where it is.
	Ricifra    func(ctx context.Context, da, a Sealed) (dove string, err error)
	Log        *registro.Log // what proves the acts; nil: nothing is proved
	Protocollo Protocollo    // the ente's own; nil: ours is the only one
	Segnante   *Segnante     // as whom documents get a segnatura; nil: they get none
	Now        func() time.Time
	// Holding are the people who hold one of the roles today. Nil: nobody does.
	Holding func(ctx context.Context, ente string, ruoli ...string) ([]access.Chi, error)

	segreti  sync.Map // purpose → secret of the server, drawn once
	comparti sync.Map // ente|name → *lettore, opened once
	schede   schede
	letti    letti
}

// segreto is the server's secret for a purpose.
func (s *Servizio) segreto(scopo string) []byte {
	if k, ok := s.segreti.Load(scopo); ok {
		return k.([]byte)
	}
	k, _ := s.segreti.LoadOrStore(scopo, s.Anello.Derive(scopo))
	return k.([]byte)
}

// Oggi is the local day of the office's clock.
func (s *Servizio) Oggi() day.Date { return day.In(s.Now()) }

var errAssente = fault.New(fault.NotFound, "Non troviamo questa pratica, o non puoi vederla.")

func (s *Servizio) ambiente(ente string) (*Ambiente, error) {
	a := s.Ambiente(ente)
	if a == nil || a.Regolamento == nil {
		return nil, fault.New(fault.Unavailable, "Il servizio non è ancora pronto. Riprova tra poco.")
	}
	return a, nil
}

// piega folds the acts of a case under the rules and the calendar with which it
// began.
func (a *Ambiente) piega(h Testa, atti []Registrato) (*regolamento.Regolamento, *day.Calendario, regolamento.Stato, error) {
	r, c := a.Regolamenti[h.Regolamento], a.Calendari[h.Calendario]
	if r == nil || c == nil {
		return nil, nil, regolamento.Stato{}, fmt.Errorf("case under an unknown regolamento or calendar: %.8s, %.8s", h.Regolamento, h.Calendario)
	}
	in := make([]regolamento.Atto, len(atti))
	for i, x := range atti {
		in[i] = perFold(x.Atto)
	}
	st, err := r.Fold(c, in)
	return r, c, st, err
}

// perFold is an envelope as the rules read it.
func perFold(a Atto) regolamento.Atto {
	return regolamento.Atto{Seq: a.Seq, Kind: a.Kind, Giorno: a.Giorno, Il: a.Il, Pone: a.Pone,
		Destinatari: a.Destinatari, Per: a.Per, Giorni: a.Giorni, Date: a.Date}
}

// uffici are the office keys that play an actor in a case. Where the narrower
// office is not there, the wider one answers: no case is without somebody.
//
// ref: pga01 4.1
func uffici(r *regolamento.Regolamento, org *organigramma.Versione, h Testa, giorno day.Date, attore, per string) []string {
	a, ok := r.Attore(attore)
	if !ok || a.Ruolo == "" {
		return nil
	}
	aziendale := access.Ufficio(access.URPAziendale, "")
	territorio := aziendale
	if h.URP != "" {
		territorio = access.Ufficio(access.URP, h.URP)
	}
	switch a.Ambito {
	case regolamento.AmbitoEnte:
		return []string{access.Ufficio(a.Ruolo, "")}
	case regolamento.AmbitoRicezione:
		if access.Ruolo(h.Ricezione) == a.Ruolo {
			return []string{h.Ricezione}
		}
		return nil
	case regolamento.AmbitoTerritorio:
		return []string{territorio}
	case regolamento.AmbitoStruttura:
		if h.Struttura != "" {
			return []string{access.Ufficio(a.Ruolo, h.Struttura)}
		}
	case regolamento.AmbitoDestinatario:
		if per != "" {
			return []string{access.Ufficio(a.Ruolo, per)}
		}
	case regolamento.AmbitoMacrostruttura:
		macro := h.Macro
		if per != "" {
			macro = org.Macrostruttura(per, giorno)
		}
		if macro != "" {
			return []string{access.Ufficio(a.Ruolo, macro)}
		}
	}
	return nil
}

// deve is the office that owes a term: the actor's, or the URP that watches over
// the case when the actor has no office here.
func deve(r *regolamento.Regolamento, org *organigramma.Versione, h Testa, giorno day.Date, attore, per string) string {
	if u := uffici(r, org, h, giorno, attore, per); len(u) > 0 {
		return u[0]
	}
	switch {
	case DeiMembri(h.Registro):
		return access.Ufficio(access.UPT, "")
	case h.URP != "":
		return access.Ufficio(access.URP, h.URP)
	}
	return access.Ufficio(access.URPAziendale, "")
}

// idRichiesta is the row under which an idempotent request is found: nothing in
// the database leads back to the key.
func (s *Servizio) idRichiesta(ente string, chiave []byte) []byte {
	m := hmac.New(sha256.New, s.segreto("richieste"))
	m.Write([]byte(ente))
	m.Write([]byte{0})
	m.Write(chiave)
	return m.Sum(nil)[:16]
}

// chiaveRichiesta seals the answer: the key sent, what was sent with it and the
// server's secret are all needed to open it.
func (s *Servizio) chiaveRichiesta(ente string, chiave []byte, corpo [32]byte) []byte {
	m := hmac.New(sha256.New, s.segreto("risposte"))
	m.Write([]byte(ente))
	m.Write([]byte{0})
	m.Write(corpo[:])
	m.Write(chiave)
	return m.Sum(nil)
}

func sigillaJSON(chiave []byte, contesto string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode content: %w", err)
	}
	return vault.SealText(chiave, contesto, string(b)), nil
}

func apriJSON(chiave []byte, contesto string, sigillato []byte, v any) error {
	b, err := vault.OpenText(chiave, contesto, sigillato)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(b), v)
}

// operante is the office in which the person acts: the one of the wanted, else
// the first held.
func operante(chi access.Chi, voluti []string) string {
	for _, u := range chi.Attivi() {
		if slices.Contains(voluti, u) {
			return u
		}
	}
	return ""
}

// perChi is the addressee for whom the person answers: the one said, or the only
// one of his that was asked and has not answered.
func (s *Servizio) perChi(amb *Ambiente, reg *regolamento.Regolamento, chi access.Chi, h Testa, st regolamento.Stato, def *regolamento.DefAtto, detto string, oggi day.Date) string {
	for _, d := range st.Destinatari {
		if detto != "" && d.Unita != detto || !d.Risposto.IsZero() {
			continue
		}
		for _, attore := range def.Chi.Tutti() {
			if operante(chi, uffici(reg, amb.Organigramma, h, oggi, attore, d.Unita)) != "" {
				return d.Unita
			}
		}
	}
	return detto
}

// Elenco gives a page of the cases that who asks may list, summaries opened.
func (s *Servizio) Elenco(ctx context.Context, chi access.Chi, f Filtro) (Pagina, error) {
	if f.Incaricato == Io {
		f.Incaricato = chi.Persona
	}
	p, err := s.Arch.Elenco(ctx, chi, f)
	if err != nil || len(p.Righe) == 0 {
		return p, err
	}
	come := ReadList
	if len(f.Parole) > 0 {
		come = ReadSearch
	}
	if err := s.annota(ctx, chi, 0, come, "", ""); err != nil {
		return Pagina{}, err
	}
	parte := ParteNucleo
	if len(f.Parole) > 0 {
		parte = ""
	}
	if err := s.chiaviElenco(ctx, chi, p.Righe, parte); err != nil {
		return p, err
	}
	return p, s.cartelliniElenco(ctx, chi, p.Righe)
}

// chiaviElenco gives each row the key of a part, or of all: those of a compartment
// read together. Where only the summary is wanted, none to a row whose summary is known.
func (s *Servizio) chiaviElenco(ctx context.Context, chi access.Chi, righe []Riga, parte string) error {
	di := map[string][]*Riga{}
	for i := range righe {
		r := &righe[i]
		if parte == ParteNucleo && !DeiMembri(r.Registro) {
			r.riepilogo, _ = s.schede.nota(r.Testa, s.Now())
		}
		sunto := len(r.Scheda) > 0 && r.riepilogo == (Riservata[Riepilogo]{})
		if sunto && !r.Richiesta { // who was only asked has no summary to open, and his parts are said by the acts
			comparto := compartoDi(r.Registro)
			di[comparto] = append(di[comparto], r)
		}
	}
	for comparto, righe := range di {
		apre, err := s.opener(ctx, chi, chi.Ente, comparto)
		if err != nil {
			return err
		}
		var slot, n []int64
		for _, r := range righe {
			slot, n = append(slot, r.Slot), append(n, r.N)
		}
		casi, err := s.Slots.Keys(ctx, slot)
		if err != nil {
			return err
		}
		avvolte, err := s.Arch.Involucri(ctx, n, nomeLettore(comparto), parte)
		if err != nil {
			return err
		}
		for _, r := range righe {
			m := nuovoMazzo(r.Ente, r.ID, casi[r.Slot])
			if err := m.apri(avvolte[r.N], apre); err != nil {
				return err
			}
			r.parti = m
		}
	}
	return nil
}

// Riepilogo opens the summary of a row of a list; empty for who was only asked. Of a
// case of members, only as Elenco gave it.
func (s *Servizio) Riepilogo(ctx context.Context, r Riga) (Riservata[Riepilogo], error) {
	if r.riepilogo != (Riservata[Riepilogo]{}) || len(r.Scheda) == 0 || !r.Eliminata.IsZero() || r.parti == nil && DeiMembri(r.Registro) {
		return r.riepilogo, nil
	}
	if r.parti == nil {
		m, err := s.mazzo(ctx, access.Sistema(r.Ente), r.Testa)
		if err != nil {
			return Riservata[Riepilogo]{}, err
		}
		r.parti = m
	}
	var rp Riepilogo
	if err := apriJSON(r.parti.chiave(ParteNucleo), contestoScheda(r.Ente, r.ID), r.Scheda, &rp); err != nil {
		return Riservata[Riepilogo]{}, err
	}
	aperto := Chiudi(rp)
	if !DeiMembri(r.Registro) {
		s.schede.ricorda(r.Testa, aperto, s.Now())
	}
	return aperto, nil
}
