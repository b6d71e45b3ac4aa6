package pratica

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Seguito is what the citizen sees with the key: the four words, dates, the
// history in plain words, and what was written for him.
type Seguito struct {
	Testa        Testa
	Stato        string
	Entro        day.Date
	Passi        []day.Passo
	Eventi       []Evento
	Segnalazione *Riservata[Segnalazione]
	Risposta     Riservata[string]
	RispostaIl   day.Date
	Firma        string // who signed, as an office
	Contrassegno Riservata[ContrassegnoVisto]
	Messaggi     []Messaggio
	File         []FileVisto
	Puo          []*regolamento.DefAtto // acts open to the citizen now
	Letture      []Lettura              // who read it
	Annullata    day.Date               // when its number was annulled; zero: it was not
	Perche       Riservata[string]      // why

	Protocollo         *NumeroEsterno // that the ente's own protocol gave to the report; nil: none
	ProtocolloRisposta *NumeroEsterno // and to the answer
	Protocollando      bool           // the report waits for it
}

// Evento is a line of the citizen's history.
type Evento struct {
	Data  day.Date
	Testo string
}

// Messaggio is something written by or for the citizen.
type Messaggio struct {
	Data   day.Date
	Mio    bool
	Titolo string
	Testo  Riservata[string]
}

var errCodice = fault.New(fault.NotFound, "Il codice o la chiave non corrispondono. Controlla le lettere: non usiamo 0, O, 1, I e L.")

// Segui opens a case for who holds its key: what opens is right, and nothing is
// kept with which the key could be guessed.
func (s *Servizio) Segui(ctx context.Context, ente, codice string, chiave vault.Riservato) (*Seguito, error) {
	h, atti, err := s.Arch.LeggiCodice(ctx, ente, codice)
	if fault.Is(err, fault.NotFound) {
		_, _ = s.mazzoCittadino(ctx, Testa{Ente: ente, Slot: 1}, chiave) // the same work as for a case that is there
		_, _ = vault.Open([]byte(chiave.Valore()), contestoScheda(ente, vault.ID{}), make([]byte, 61))
		return nil, errCodice
	}
	if err != nil {
		return nil, err
	}
	m, err := s.mazzoCittadino(ctx, h, chiave)
	if err != nil {
		return nil, err
	}
	return s.seguito(ctx, h, atti, m)
}

// CopiaPersona is what Segui gives, for the office to hand to the person who asks for
// a copy of his data: the key of the receipt may be lost, the right to it is not.
//
// ref: gdpr art. 15
func (s *Servizio) CopiaPersona(ctx context.Context, chi access.Chi, id vault.ID) (*Seguito, error) {
	h, atti, o, err := s.vista(ctx, chi, id)
	if err != nil {
		return nil, err
	}
	if !access.Can(chi, access.VedereNucleo, o) {
		return nil, fault.New(fault.Forbidden, "La copia dei dati la consegna l'ufficio che segue la pratica.")
	}
	if !h.Eliminata.IsZero() {
		return nil, fault.New(fault.NotFound, "Il contenuto di questa pratica è stato eliminato.")
	}
	m, err := s.mazzo(ctx, chi, h)
	if err != nil {
		return nil, err
	}
	g, err := s.seguito(ctx, h, atti, m)
	if err != nil {
		return nil, err
	}
	return g, s.annota(ctx, chi, h.N, ReadCopy, ParteNucleo, operante(chi, o.Nucleo))
}

// SeguiContatto opens the four words and the dates, nothing more, for who knows
// the code and the contact that was given.
func (s *Servizio) SeguiContatto(ctx context.Context, ente, codice string, contatto vault.Riservato) (*Seguito, error) {
	h, atti, err := s.Arch.LeggiCodice(ctx, ente, codice)
	if fault.Is(err, fault.NotFound) {
		return nil, errContatto
	}
	if err != nil {
		return nil, err
	}
	if DeiMembri(h.Registro) { // only who holds the key reads it
		return nil, errContatto
	}
	m, err := s.mazzo(ctx, access.Sistema(ente), h)
	if err != nil {
		return nil, err
	}
	pieno, err := s.seguito(ctx, h, atti, m)
	if err != nil {
		return nil, err
	}
	if pieno.Segnalazione == nil || !corrisponde(pieno.Segnalazione.Apri().Segnalante, contatto.Valore()) {
		return nil, errContatto
	}
	return &Seguito{Testa: pieno.Testa, Stato: pieno.Stato, Entro: pieno.Entro, Passi: pieno.Passi, Eventi: pieno.Eventi, Annullata: pieno.Annullata,
		Protocollo: pieno.Protocollo, Protocollando: pieno.Protocollando}, nil
}

var errContatto = fault.New(fault.NotFound, "Il codice e il recapito non corrispondono. Controlla le lettere, oppure chiama l'URP.")

// corrisponde compares an e-mail whole, a phone by its last four digits or more.
func corrisponde(p *Persona, detto string) bool {
	detto = strings.ToLower(strings.TrimSpace(detto))
	if p == nil || detto == "" {
		return false
	}
	if strings.Contains(detto, "@") {
		return detto == strings.ToLower(p.Email) || detto == strings.ToLower(p.PEC)
	}
	cifre := func(t string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, t)
	}
	d, tel := cifre(detto), cifre(p.Telefono)
	return len(d) >= 4 && len(tel) >= 6 && strings.HasSuffix(tel, d)
}

func (s *Servizio) seguito(ctx context.Context, h Testa, atti []Registrato, m *mazzo) (*Seguito, error) {
	amb, err := s.ambiente(h.Ente)
	if err != nil {
		return nil, err
	}
	reg, cal, st, err := amb.piega(h, atti)
	if err != nil {
		return nil, err
	}
	parti := tutteLeParti(atti, ParteCittadino)
	contenuti, err := s.Arch.Contenuti(ctx, h.N, parti)
	if err != nil {
		return nil, err
	}
	out := &Seguito{Testa: h, Stato: reg.Stato(st), Protocollo: numerato(atti, 1)}
	out.Protocollando = out.Protocollo == nil && atti[0].Atto.Protocollare != ""
	out.Entro, out.Passi = promessa(amb, reg, cal, h, st)
	out.Annullata = annullata(reg, atti)
	for _, x := range atti {
		def := reg.Atto(x.Atto.Kind)
		if def == nil {
			continue
		}
		if def.Cittadino != "" {
			out.Eventi = append(out.Eventi, Evento{x.Atto.Giorno, def.Cittadino})
		}
		if def.Nome == firma(reg) {
			if a, ok := reg.Attore(attoreDi(reg, x.Atto.Ufficio)); ok {
				out.Firma = a.Etichetta
			}
		}
		for _, im := range x.Atto.Contenuti {
			sig, ok := contenuti[x.A*16+int64(im.N)]
			if !ok || !slices.Contains(parti, im.Parte) {
				continue
			}
			b, err := vault.OpenText(m.chiave(im.Parte), contestoContenuto(h.Ente, h.ID, im.Parte, x.Atto.ID, im.N), sig)
			if err != nil {
				return nil, err
			}
			if x.Atto.credenziali(im) {
				var c credenziali
				if err := json.Unmarshal([]byte(b), &c); err != nil {
					return nil, err
				}
				out.Contrassegno = Chiudi(c.visto(h, x.Atto))
				continue
			}
			if x.Atto.Apertura != nil {
				var seg Segnalazione
				if err := json.Unmarshal([]byte(b), &seg); err != nil {
					return nil, err
				}
				seg.NoteURP = ""
				c := Chiudi(seg)
				out.Segnalazione = &c
				continue
			}
			var t map[string]string
			if err := json.Unmarshal([]byte(b), &t); err != nil {
				return nil, err
			}
			if def.Lettera == "risposta" {
				out.ProtocolloRisposta = numerato(atti, x.Atto.Seq)
				out.Risposta, out.RispostaIl = Chiudi(t["testo"]), x.Atto.Giorno
				continue
			}
			if def.Annota == regolamento.AnnotaAnnullamento {
				out.Perche = Chiudi(t[regolamento.CampoMotivo])
			}
			out.Messaggi = append(out.Messaggi, Messaggio{x.Atto.Giorno, x.Atto.Persona == "", def.Fatto, Chiudi(scritto(t))})
		}
	}
	file, err := s.Arch.Allegati(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	for _, x := range file {
		if !slices.Contains(parti, x.Parte) {
			continue
		}
		v, err := m.file(x)
		if err != nil {
			return nil, err
		}
		out.File = append(out.File, v)
	}
	for _, e := range reg.Allowed(cal, st, s.Oggi()) {
		if e.Ammesso() && slices.Contains(e.Attori, regolamento.AttoreCittadino) && !e.Def.Apre {
			out.Puo = append(out.Puo, e.Def)
		}
	}
	out.Letture, err = s.letture(ctx, h.N)
	return out, err
}

// scritto is what the person reads of an act's texts.
func scritto(t map[string]string) string {
	if t["giusto"] != "" && t["dato"] != "" {
		return t["dato"] + ": " + t["giusto"]
	}
	if t["giusto"] != "" {
		return t["giusto"] + "\n" + t["motivo"]
	}
	for _, k := range []string{"testo", "messaggio", "motivo"} {
		if t[k] != "" {
			return t[k]
		}
	}
	return ""
}

// firma is the act that signs what is sent: the one whose text is taken from a
// draft and goes to nobody yet.
func firma(reg *regolamento.Regolamento) string {
	for _, a := range reg.Atti() {
		if a.TestoDa != "" && a.Lettera == "" {
			return a.Nome
		}
	}
	return ""
}

func attoreDi(reg *regolamento.Regolamento, ufficio string) string {
	for _, a := range reg.Attori() {
		if a.Ruolo == access.Ruolo(ufficio) {
			return a.Nome
		}
	}
	return ""
}

// promessa is the date by which the citizen has an answer: the term that only
// the answer meets.
func promessa(amb *Ambiente, reg *regolamento.Regolamento, cal *day.Calendario, h Testa, st regolamento.Stato) (day.Date, []day.Passo) {
	var entro day.Date
	var passi []day.Passo
	for _, t := range terminiVisti(amb, reg, cal, h, st, true) {
		if !t.Legge && t.Per == "" && t.Scadenza > entro {
			entro, passi = t.Scadenza, t.Passi
		}
	}
	return entro, passi
}
