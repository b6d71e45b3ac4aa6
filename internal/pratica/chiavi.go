package pratica

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// The parts of a case: each is sealed under a random key of its own, together with
// the case's, and the key is wrapped for each reader.
const (
	ParteNucleo    = "nucleo"    // all the office knows
	ParteCittadino = "cittadino" // what the citizen sent and may read
)

// ParteRichiesta is the part of one structure that was asked.
func ParteRichiesta(n int) string { return "richiesta-" + strconv.Itoa(n) }

// The compartments of an ente: the URP reads every part of its cases, the structures
// what they were asked and what they write, the UPT its own cases, the Commissione what
// a session was given, as long as it lasts. A unit of which the ente wants it has one of
// its own beside that of the structures.
const (
	compartoURP              = "urp"
	compartoStrutture        = "strutture"
	CompartimentoUPT         = "upt"
	CompartimentoCommissione = "commissione"

	lettoreChiave      = "chiave" // the citizen, with the key of the receipt
	LettoreCommissione = "compartimento." + CompartimentoCommissione
)

// Comparto is a set of readers with a key of its own.
type Comparto struct {
	Nome, Etichetta string
	DeiMembri       bool // its key is its members': neither the ente nor who runs the server has it
}

// Comparti are those that every ente has: the key of one is made when it is first
// written to, and changed with the others.
var Comparti = []Comparto{
	{CompartimentoUPT, "Ufficio di Pubblica Tutela", true},
	{compartoURP, "Ufficio Relazioni con il Pubblico", false},
	{compartoStrutture, "Strutture", false},
	{CompartimentoCommissione, "Commissione Mista Conciliativa", false},
}

// DiStruttura is the name of the compartment of a unit that has one of its own.
func DiStruttura(unita string) string { return compartoStrutture + "." + inNome(unita) }

// comparto is the compartment for what a unit is asked and writes: of its own, or of the
// nearest unit above it that has one, or that of all structures.
func (a *Ambiente) comparto(unita string) string {
	for _, u := range append([]string{unita}, a.Organigramma.Sopra(unita)...) {
		if slices.Contains(a.Riservate, u) {
			return DiStruttura(u)
		}
	}
	return compartoStrutture
}

// DeiMembri reports whether a compartment's key is its members' own.
func DeiMembri(nome string) bool {
	return slices.ContainsFunc(Comparti, func(c Comparto) bool { return c.Nome == nome && c.DeiMembri })
}

// ErrFondazione says that a compartment of members has no key yet: nothing can be
// written to it.
var ErrFondazione = fault.New(fault.Unavailable, "Il modulo per l'UPT non è ancora aperto. Telefona: ti diciamo come scrivere all'ufficio.")

// Compartimenti is the store of the keys of compartments.
type Compartimenti interface {
	// Versioni are the keys of a compartment, oldest first; one that has none yet
	// gets its first, held by the server, unless it is its members'.
	Versioni(ctx context.Context, ente, nome string) ([]vault.Versione, error)
	// Ricevente is a compartment for who writes to it, whoever holds its key; before
	// its members founded it, ErrFondazione. It is asked each time: a version may
	// follow at any moment.
	Ricevente(ctx context.Context, ente, nome string) (vault.Recipient, error)
}

// lettore is a compartment that the server holds, both ways: to wrap and to open.
type lettore struct {
	per  vault.Recipient
	apre vault.Opener
}

// lettore opens a compartment that the server holds, once.
func (s *Servizio) lettore(ctx context.Context, ente, nome string) (*lettore, error) {
	if l, ok := s.comparti.Load(ente + "|" + nome); ok {
		return l.(*lettore), nil
	}
	vv, err := s.Comparti.Versioni(ctx, ente, nome)
	if err != nil {
		return nil, err
	}
	l := &lettore{}
	if l.per, err = vv[len(vv)-1].Recipient(s.Anello, nil); err != nil {
		return nil, err
	}
	if l.apre, err = s.Anello.Opener(vv); err != nil {
		return nil, err
	}
	s.comparti.Store(ente+"|"+nome, l)
	return l, nil
}

// nomeLettore is how wraps call a compartment.
func nomeLettore(comparto string) string { return "compartimento." + comparto }

// mazzo is what one reader holds of a case's keys: the case's own, and those of the
// parts that were wrapped for him. What he writes in a part that is not there yet
// gives it a key, wrapped for those who are to read it.
type mazzo struct {
	ente  string
	id    vault.ID
	caso  []byte
	parti map[string][]byte
	nuovi []vault.Involucro

	riavvolti  []vault.Involucro // in the place of those for a reader's key before
	assistente *vault.Recipient  // who writes gives the case to read to them too
}

// mazzo opens the keys that who handles a case has of it: those of its compartment.
// What its members hold opens with their key or with the citizen's, and the program
// itself opens nothing of it.
func (s *Servizio) mazzo(ctx context.Context, chi access.Chi, h Testa) (*mazzo, error) {
	comparto := compartoDi(h.Registro)
	switch {
	case !DeiMembri(comparto) || chi.Personale():
		apre, err := s.opener(ctx, chi, h.Ente, comparto)
		if err != nil {
			return nil, err
		}
		return s.mazzoDi(ctx, h, nomeLettore(comparto), apre)
	case chi.Persona == "":
		return s.mazzoCittadino(ctx, h, chi.Segreto)
	}
	return nuovoMazzo(h.Ente, h.ID, nil), nil
}

// mazzoChiesto opens, for who was only asked something, the parts that were addressed to
// him, each with the compartment that it was wrapped for; the acts say which.
func (s *Servizio) mazzoChiesto(ctx context.Context, h Testa, atti []Registrato, parti []string) (*mazzo, error) {
	caso, err := s.Slots.Key(ctx, h.Slot)
	if err != nil {
		return nil, err
	}
	m := nuovoMazzo(h.Ente, h.ID, caso)
	letti := map[string]bool{}
	for _, parte := range parti {
		for _, i := range lettori(atti, parte) {
			comparto, di := strings.CutPrefix(i.Destinatario, "compartimento.")
			if letti[comparto] || !di || comparto != compartoStrutture && !strings.HasPrefix(comparto, DiStruttura("")) {
				continue
			}
			letti[comparto] = true
			l, err := s.lettore(ctx, h.Ente, comparto)
			if err != nil {
				return nil, err
			}
			avvolte, err := s.Arch.Involucri(ctx, []int64{h.N}, i.Destinatario, "")
			if err != nil {
				return nil, err
			}
			sue := slices.DeleteFunc(avvolte[h.N], func(i vault.Involucro) bool { return !slices.Contains(parti, i.Nome) })
			if err := m.apri(sue, l.apre); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// mazzoPer opens what an act needs: all of the case, or the parts of who was only asked.
func (s *Servizio) mazzoPer(ctx context.Context, amb *Ambiente, chi access.Chi, h Testa, intero bool, atti []Registrato, per string) (*mazzo, error) {
	if intero {
		return s.mazzo(ctx, chi, h)
	}
	return s.mazzoChiesto(ctx, h, atti, append(s.mieParti(amb, chi, atti), tutteLeParti(atti, parteDi(atti, per))...))
}

// opener opens what is wrapped for a compartment: the server's own, or one that who
// asks has open.
func (s *Servizio) opener(ctx context.Context, chi access.Chi, ente, comparto string) (vault.Opener, error) {
	if DeiMembri(comparto) {
		if !chi.Apre(comparto) {
			return vault.Opener{}, errAssente
		}
		apre, _ := chi.Aperti.Opener(comparto)
		return apre, nil
	}
	l, err := s.lettore(ctx, ente, comparto)
	if err != nil {
		return vault.Opener{}, err
	}
	return l.apre, nil
}

// mazzoDi opens what is wrapped for a reader; who has nothing has an empty bunch.
func (s *Servizio) mazzoDi(ctx context.Context, h Testa, destinatario string, apre vault.Opener) (*mazzo, error) {
	caso, err := s.Slots.Key(ctx, h.Slot)
	if err != nil {
		return nil, err
	}
	avvolte, err := s.Arch.Involucri(ctx, []int64{h.N}, destinatario, "")
	if err != nil {
		return nil, err
	}
	m := nuovoMazzo(h.Ente, h.ID, caso)
	return m, m.apri(avvolte[h.N], apre)
}

// mazzoCittadino opens what is wrapped for who holds the chiave; errCodice when it is
// none, or was replaced.
func (s *Servizio) mazzoCittadino(ctx context.Context, h Testa, chiave vault.Riservato) (*mazzo, error) {
	caso, err := s.Slots.Key(ctx, h.Slot)
	if err != nil {
		return nil, err
	}
	avvolte, err := s.Arch.Involucri(ctx, []int64{h.N}, lettoreChiave, "")
	if err != nil {
		return nil, err
	}
	versione := 1
	for _, i := range avvolte[h.N] {
		versione = max(versione, i.Versione)
	}
	_, apre := cittadino(h, versione, chiave)
	m := nuovoMazzo(h.Ente, h.ID, caso)
	err = m.apri(avvolte[h.N], apre)
	if errors.Is(err, vault.ErrSealed) || err == nil && m.parti[ParteCittadino] == nil {
		err = errCodice
	}
	return m, err
}

// apri takes in the wraps of this case that apre opens. They are read by the number
// of the row: whose they are is what they must open as.
func (m *mazzo) apri(avvolte []vault.Involucro, apre vault.Opener) error {
	for _, i := range avvolte {
		i.Ente, i.Pratica = m.ente, m.id
		pk, err := apre.Unwrap(i)
		if err != nil {
			return err
		}
		m.parti[i.Nome] = pk
	}
	return nil
}

// chiave is the key under which a part is sealed: nil, which opens nothing, for who
// does not hold it.
func (m *mazzo) chiave(parte string) []byte { return vault.ContentKey(m.parti[parte], m.caso) }

// cittadino is who holds the key of the receipt. In a compartment of members others
// seal to him by a public key, since they cannot know the chiave and what he is sent
// may need a new part. The version grows with each chiave that takes another's place.
func cittadino(h Testa, versione int, chiave vault.Riservato) (vault.Recipient, vault.Opener) {
	if !DeiMembri(h.Registro) {
		return vault.SharedKey(lettoreChiave, versione, []byte(chiave.Valore()))
	}
	pubblica, apre := vault.Holder(lettoreChiave, versione, chiave, contestoCittadino(h))
	return vault.Keeper(lettoreChiave, versione, pubblica), apre
}

// versioneChiave is the version of the chiave that opens the case now; 0 before there
// is any.
func versioneChiave(atti []Registrato) int {
	n := 0
	for _, x := range atti {
		for _, i := range x.Atto.Involucri {
			if i.Destinatario == lettoreChiave {
				n = max(n, i.Versione)
			}
		}
	}
	return n
}

func nuovoMazzo(ente string, id vault.ID, caso []byte) *mazzo {
	return &mazzo{ente: ente, id: id, caso: caso, parti: map[string][]byte{}}
}

// crea makes the key of a part that is not there yet, wrapped for its readers.
func (m *mazzo) crea(parte string, lettori ...vault.Recipient) {
	if m.parti[parte] != nil {
		return
	}
	pk := vault.NewKey()
	m.parti[parte] = pk
	for _, r := range lettori {
		m.nuovi = append(m.nuovi, vault.Parte{Ente: m.ente, Pratica: m.id, Nome: parte}.Wrap(pk, r))
	}
}

// impronte is what the envelope keeps of the wraps that an act adds.
func impronte(involucri []vault.Involucro) []ImprontaInvolucro {
	out := make([]ImprontaInvolucro, len(involucri))
	for i, x := range involucri {
		h := x.Impronta()
		out[i] = ImprontaInvolucro{x.Nome, x.Destinatario, x.Versione, h[:]}
	}
	return out
}

func contestoContenuto(ente string, id vault.ID, parte string, atto vault.ID, n int) string {
	return vault.Context("contenuto", ente, id.String(), parte, atto.String(), strconv.Itoa(n))
}

func contestoCittadino(h Testa) string {
	return vault.Context("cittadino", h.Ente, h.ID.String())
}

func contestoScheda(ente string, id vault.ID) string {
	return vault.Context("scheda", ente, id.String())
}

// ContestoFile binds an attachment's ciphertext to its case.
func ContestoFile(ente string, pratica, file vault.ID) string {
	return vault.Context("blob", ente, pratica.String(), file.String())
}

func contestoSchedaFile(ente string, pratica, file vault.ID) string {
	return vault.Context("allegato", ente, pratica.String(), file.String())
}

// BaseFile is half of the key of every file of a part of a case. The other half is
// random, made with the file and kept in its card, which the part's key seals: so a
// file is encrypted while it arrives, before anybody knows what will hold it.
func BaseFile(caso []byte, ente string, id vault.ID, parte string) []byte {
	k, err := hkdf.Key(sha256.New, caso, nil, vault.Context("file", ente, id.String(), parte), 32)
	if err != nil {
		panic("pratica: hkdf of 32 bytes: " + err.Error())
	}
	return k
}

// ChiaveFile is the key of a file: its own half and that of its part.
func ChiaveFile(sua, base []byte) []byte { return vault.ContentKey(sua, base) }
