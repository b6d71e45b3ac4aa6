package pratica

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Timbro is what the envelope of an act says of the stamp on the document that it
// sends: the log proves it. Its id is printed on the document and is no secret.
type Timbro struct {
	ID       string   `json:"id"`
	Parte    string   `json:"parte"`    // where the document is
	Impronta []byte   `json:"impronta"` // SHA-256 of the salt and of the document's SHA-256
	Scade    day.Date `json:"scade,omitzero"`
}

// di reports whether the stamp is of the document with that SHA-256.
func (t *Timbro) di(sale, impronta []byte) bool {
	return len(impronta) == sha256.Size && bytes.Equal(t.Impronta, improntaSalata(sale, impronta))
}

func improntaSalata(sale, impronta []byte) []byte {
	h := sha256.Sum256(slices.Concat(sale, impronta))
	return h[:]
}

// Contrassegno is a stamp as stored, to be found by its id. Impronta and Sale go when
// the case is eliminated; who has the password makes the salt again.
type Contrassegno struct {
	ID       string
	Pratica  vault.ID
	N        int64 // of the case
	Seq      int   // of the act
	Impronta []byte
	Sale     []byte
}

// ContrassegnoVisto is what is printed under a document, for who may read it.
type ContrassegnoVisto struct {
	ID, Password string
	Impronta     [32]byte
	Numero       string
	Data, Scade  day.Date // Scade zero: it may be verified for ever
}

// credenziali are what the citizen's part keeps of a stamp.
type credenziali struct {
	ID       string   `json:"id"`
	Password string   `json:"password"`
	Impronta [32]byte `json:"sha256"`
}

func (c credenziali) visto(h Testa, a Atto) ContrassegnoVisto {
	return ContrassegnoVisto{ID: c.ID, Password: c.Password, Impronta: c.Impronta, Numero: h.NumeroScritto(), Data: a.Giorno, Scade: a.Timbro.Scade}
}

// documento is what was sent, as its own part keeps it.
type documento struct {
	Tipo  string `json:"tipo"`
	Bytes []byte `json:"bytes"`
}

const (
	tipoTesto = "text/plain; charset=utf-8"

	numeroCredenziali = 1 // place in the act that sends
	numeroDocumento   = 2

	lettoreContrassegno = "contrassegno"
)

// ParteUscita is the part of the n-th document that a case sent.
func ParteUscita(n int) string { return "uscita-" + strconv.Itoa(n) }

// uscita reports whether a content is a document as it was sent: its text stands
// elsewhere in the act too.
func (i Impronta) uscita() bool { return strings.HasPrefix(i.Parte, "uscita-") }

// credenziali reports whether a content is what opens the stamped document.
func (a Atto) credenziali(i Impronta) bool {
	return a.Timbro != nil && i.N == numeroCredenziali && strings.HasPrefix(i.Parte, ParteCittadino)
}

// manda reports whether an act sends a document that gets a stamp.
func manda(def *regolamento.DefAtto) bool { return def.Lettera == "risposta" }

// timbra stamps the document that an act sends. The document gets a part of its own,
// for the office and for who has the password: that is kept in the citizen's part only.
//
// ref: cad art. 23
func (s *Servizio) timbra(ctx context.Context, p *pronto, m *mazzo, chi access.Chi, testo string, atti []Registrato, metti func(string, int, any) error) error {
	h := p.testa
	amb, err := s.ambiente(h.Ente)
	if err != nil {
		return err
	}
	suo, err := s.ricevente(ctx, chi, h)
	if err != nil {
		return err
	}
	id, password := vault.NewContrassegno()
	legge, _ := conPassword(h, id, password)
	per := []vault.Recipient{suo, legge}
	if m.assistente != nil {
		per = append(per, *m.assistente)
	}
	n := 1
	for len(lettori(atti, ParteUscita(n))) > 0 {
		n++
	}
	parte := ParteUscita(n)
	m.crea(parte, per...)
	x, err := contenuto(m.chiave(parte), &p.atto, parte, numeroDocumento, documento{tipoTesto, []byte(testo)})
	if err != nil {
		return err
	}
	p.contenuti = append(p.contenuti, x)
	sum, sale := sha256.Sum256([]byte(testo)), daPassword("contrassegno-sale", h, id, password)
	p.timbro = &Contrassegno{ID: id, Pratica: h.ID, N: h.N, Seq: p.atto.Seq, Impronta: sum[:], Sale: sale}
	p.atto.Timbro = &Timbro{ID: id, Parte: parte, Impronta: improntaSalata(sale, sum[:])}
	if amb.Timbri > 0 {
		anno, mese, giorno := s.Oggi().Date()
		p.atto.Timbro.Scade = day.Of(anno+amb.Timbri, mese, giorno)
	}
	return metti(ParteCittadino, numeroCredenziali, credenziali{id, password.Valore(), sum})
}

// conPassword is who holds the password of a stamp.
func conPassword(h Testa, id string, password vault.Riservato) (vault.Recipient, vault.Opener) {
	return vault.SharedKey(lettoreContrassegno, 1, daPassword("contrassegno", h, id, password))
}

// daPassword makes of a password a key for one purpose, case and stamp.
func daPassword(scopo string, h Testa, id string, password vault.Riservato) []byte {
	k, err := hkdf.Key(sha256.New, []byte(password.Valore()), nil, vault.Context(scopo, h.Ente, h.ID.String(), id), 32)
	if err != nil {
		panic("pratica: hkdf of 32 bytes: " + err.Error())
	}
	return k
}

// The states of a stamp.
const (
	TimbroAutentico  = "autentico"
	TimbroSostituito = "sostituito" // by a later document of the same case
	TimbroScaduto    = "scaduto"
	TimbroAnnullato  = "annullato" // with the number that is on it
)

// TimbroVerificato is what anybody who has the id of a stamp is told.
type TimbroVerificato struct {
	ID, Stato   string
	Registro    string
	Numero      string
	Data, Scade day.Date
	Impronta    []byte   // SHA-256 of the document; empty once the case was eliminated
	Sostituito  day.Date // when the one in its place was sent
	Annullato   day.Date // when its number was annulled
	Eliminato   bool
}

// TimbroAperto is a stamped document, for who has the password.
type TimbroAperto struct {
	Testo   Riservata[string]
	Ufficio string // who signed, as an office
	Persona string // opaque id
}

var (
	errContrassegno = fault.New(fault.NotFound, "Nessun documento di questo ente ha questo identificativo.")
	errPassword     = fault.New(fault.NotFound, "Questa password non apre il documento. Controlla le lettere: non usiamo 0, O, 1, I e L.")
)

// timbrato finds a stamp, and holds its row to the act that made it.
func (s *Servizio) timbrato(ctx context.Context, ente, id string) (Contrassegno, Testa, []Registrato, int, error) {
	x, err := s.Arch.Contrassegno(ctx, ente, id)
	if fault.Is(err, fault.NotFound) {
		err = errContrassegno
	}
	if err != nil {
		return x, Testa{}, nil, 0, err
	}
	h, atti, err := s.Arch.Leggi(ctx, x.Pratica)
	if err != nil {
		return x, h, nil, 0, err
	}
	i := slices.IndexFunc(atti, func(a Registrato) bool { return a.Atto.Seq == x.Seq && a.Atto.Timbro != nil && a.Atto.Timbro.ID == id })
	if i < 0 || h.Eliminata.IsZero() && !atti[i].Atto.Timbro.di(x.Sale, x.Impronta) {
		return x, h, nil, 0, fmt.Errorf("the stamp %s is not the one that its act made", id)
	}
	if !h.Eliminata.IsZero() {
		x.Impronta, x.Sale = nil, nil
	}
	return x, h, atti, i, nil
}

// VerificaContrassegno says what a stamp is worth today; fault.NotFound for one that no
// document has.
func (s *Servizio) VerificaContrassegno(ctx context.Context, ente, id string) (TimbroVerificato, error) {
	x, h, atti, i, err := s.timbrato(ctx, ente, id)
	if err != nil {
		return TimbroVerificato{}, err
	}
	a := atti[i].Atto
	v := TimbroVerificato{ID: id, Stato: TimbroAutentico, Registro: h.Registro, Numero: h.NumeroScritto(), Data: a.Giorno, Scade: a.Timbro.Scade,
		Impronta: x.Impronta, Eliminato: !h.Eliminata.IsZero()}
	amb, err := s.ambiente(ente)
	if err != nil {
		return TimbroVerificato{}, err
	}
	if reg := amb.Regolamenti[h.Regolamento]; reg != nil {
		if v.Annullato = annullata(reg, atti); !v.Annullato.IsZero() {
			v.Stato = TimbroAnnullato
			return v, nil
		}
	}
	for _, dopo := range atti[i+1:] {
		if dopo.Atto.Timbro != nil {
			v.Stato, v.Sostituito = TimbroSostituito, dopo.Atto.Giorno
			return v, nil
		}
	}
	if !v.Scade.IsZero() && v.Scade < s.Oggi() {
		v.Stato = TimbroScaduto
	}
	return v, nil
}

// ApriContrassegno gives the stamped document to who has its password: what opens is
// right. Of a case that was eliminated there is nothing to open.
func (s *Servizio) ApriContrassegno(ctx context.Context, ente, id string, password vault.Riservato) (TimbroAperto, error) {
	x, h, atti, i, err := s.timbrato(ctx, ente, id)
	if err != nil {
		return TimbroAperto{}, err
	}
	if !h.Eliminata.IsZero() {
		return TimbroAperto{}, errPassword
	}
	caso, err := s.Slots.Key(ctx, h.Slot)
	if err != nil {
		return TimbroAperto{}, err
	}
	a := atti[i].Atto
	avvolte, err := s.Arch.Involucri(ctx, []int64{x.N}, lettoreContrassegno, a.Timbro.Parte)
	if err != nil {
		return TimbroAperto{}, err
	}
	_, apre := conPassword(h, id, password)
	m := nuovoMazzo(h.Ente, h.ID, caso)
	err = m.apri(avvolte[x.N], apre)
	if errors.Is(err, vault.ErrSealed) {
		err = errPassword
	}
	if err != nil {
		return TimbroAperto{}, err
	}
	contenuti, err := s.Arch.Contenuti(ctx, x.N, []string{a.Timbro.Parte})
	if err != nil {
		return TimbroAperto{}, err
	}
	var doc documento
	if err := apriJSON(m.chiave(a.Timbro.Parte), contestoContenuto(h.Ente, h.ID, a.Timbro.Parte, a.ID, numeroDocumento), contenuti[atti[i].A*16+numeroDocumento], &doc); err != nil {
		return TimbroAperto{}, err
	}
	if sum := sha256.Sum256(doc.Bytes); !bytes.Equal(sum[:], x.Impronta) {
		return TimbroAperto{}, fmt.Errorf("the document under the stamp %s is another", id)
	}
	out := TimbroAperto{Testo: Chiudi(string(doc.Bytes))}
	amb, err := s.ambiente(ente)
	if err != nil {
		return TimbroAperto{}, err
	}
	out.Ufficio, out.Persona = firmato(amb.Regolamenti[h.Regolamento], atti[:i+1])
	return out, nil
}

// firmato is who signed what the last of these acts sends: as an office, and as a
// person.
func firmato(reg *regolamento.Regolamento, atti []Registrato) (ufficio, persona string) {
	chi := atti[len(atti)-1].Atto
	for _, x := range slices.Backward(atti) {
		if reg != nil && x.Atto.Kind == firma(reg) {
			chi = x.Atto
			break
		}
	}
	if reg == nil {
		return "", chi.Persona
	}
	a, _ := reg.Attore(attoreDi(reg, chi.Ufficio))
	return a.Etichetta, chi.Persona
}

// ConfrontaContrassegno reports whether a file, of which this is the SHA-256, is the
// stamped document. Of a case that was eliminated only who has the password is told.
func (s *Servizio) ConfrontaContrassegno(ctx context.Context, ente, id string, password vault.Riservato, sum [32]byte) (bool, error) {
	x, h, atti, i, err := s.timbrato(ctx, ente, id)
	if err != nil {
		return false, err
	}
	if h.Eliminata.IsZero() {
		return bytes.Equal(sum[:], x.Impronta), nil
	}
	return atti[i].Atto.Timbro.di(daPassword("contrassegno-sale", h, id, password), sum[:]), nil
}
