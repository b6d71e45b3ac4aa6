package pratica

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Limits of a segnalazione, in Unicode characters.
const (
	MaxTesto   = 10_000
	MaxOggetto = 200
	MaxRiga    = 200
	MaxFile    = 10
)

// Canali are the ways in which a segnalazione may arrive.
//
// ref: pga01 4.1
var Canali = []string{"web", "api", "telefono", "sportello", "lettera", "fax", "email", "pec", "cassetta", "social", "direzione"}

// orali are the channels by which a person speaks instead of writing.
var orali = []string{"telefono", "sportello"}

// Nuova is a segnalazione to be registered.
type Nuova struct {
	Registro     string     // empty: the URP's
	ID           vault.ID   // made before; zero: made here
	Slot         vault.Slot // taken with the draft; zero: taken here
	Segnalazione Riservata[Segnalazione]
	Presidio     string   // code of the site, or words
	Unita        string   // id of the unit, or words
	Canale       string   // one of Canali
	RicevutaIl   day.Date // by staff: the day the paper arrived; zero: today
	Ricezione    string   // office key of who receives; empty: the web
	File         []File
	Chiave       []byte   // of the idempotent request; nil: none
	Corpo        [32]byte // digest of what was sent with it
}

// Riceve reports whether a register takes in cases now: it has rules in force, and
// somebody's key to seal to. Before that, ErrFondazione.
func (s *Servizio) Riceve(ctx context.Context, ente, registro string) error {
	amb, err := s.ambiente(ente)
	if err != nil {
		return err
	}
	if amb.Del(registro) == nil {
		return ErrFondazione
	}
	_, err = s.ricevente(ctx, access.Cittadino(ente, ""), Testa{Ente: ente, Registro: registro})
	return err
}

// TermineVisto is a term as people see it, with its reasons.
type TermineVisto struct {
	ID, Etichetta, Per string
	Legge              bool
	Dal, Scadenza      day.Date
	Fine               string // corre, sospeso, adempiuto, decaduto
	FineIl             day.Date
	Ufficio            string // office key that owes it
	Attore             string // as people call it
	Fonte              string
	Passi              []day.Passo
}

// Ricevuta is what the person gets at once: the number, the codes, the terms.
// Chiave opens the case's answer and is not stored anywhere.
type Ricevuta struct {
	ID           vault.ID
	Registro     string
	Anno, Numero int
	Codice       string
	Chiave       vault.Riservato
	Ricevuta     time.Time
	Giorno       day.Date
	Tipo         string
	Anonima      bool
	Termini      []TermineVisto
	Ripetuta     bool // the same request had been stored before
}

type rispostaSalvata struct {
	ID             vault.ID
	Codice, Chiave string
}

// Registra registers a segnalazione: number, date, codes and terms, in one
// transaction with the opening act. Once it returns without error it is on disk.
// The same idempotent request gives the same answer; with another body it is
// fault.Invalid.
//
// ref: pga01 4.2, 4.4.1
func (s *Servizio) Registra(ctx context.Context, chi access.Chi, nu Nuova) (Ricevuta, error) {
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return Ricevuta{}, err
	}
	if amb = amb.Del(nu.Registro); amb == nil {
		return Ricevuta{}, ErrFondazione
	}
	if err := ricezione(&nu, chi, amb, s.Oggi()); err != nil {
		return Ricevuta{}, err
	}
	seg := nu.Segnalazione.Apri()
	if err := controlla(&seg, &nu, s.Oggi()); err != nil {
		return Ricevuta{}, err
	}
	if nu.ID.IsZero() {
		nu.ID = vault.NewID(s.Now())
	}
	if nu.Slot.ID == 0 {
		if nu.Slot, err = s.Pool.Take(ctx); err != nil {
			return Ricevuta{}, fault.Wrap(err, fault.Unavailable, "Non riusciamo a salvare in questo momento. Non è stato registrato nulla.")
		}
	}
	var out Ricevuta
	for range 2 { // once more when the readers changed meanwhile
		if out, err = s.registra(ctx, chi, amb, nu, seg); !errors.Is(err, errLettori) {
			break
		}
	}
	return out, err
}

func (s *Servizio) registra(ctx context.Context, chi access.Chi, amb *Ambiente, nu Nuova, seg Segnalazione) (Ricevuta, error) {
	per := amb.Organigramma.Route(nonVuoto(nu.Presidio, seg.Presidio), nonVuoto(nu.Unita, seg.Unita), s.Oggi(), amb.Uffici)
	h := Testa{ID: nu.ID, Ente: chi.Ente, Registro: amb.Regolamento.Registro(), Codice: vault.NewCodice(), Slot: nu.Slot.ID,
		Regolamento: amb.Regolamento.Hash(), Calendario: amb.Calendario.Hash(), Ricezione: nu.Ricezione}
	atto := Atto{ID: vault.NewID(s.Now()), Pratica: nu.ID, Ente: chi.Ente, Seq: 1, Kind: apre(amb.Regolamento),
		Persona: chi.Persona, Ufficio: nu.Ricezione, Mezzo: chi.Mezzo, Date: map[string]day.Date{}}
	deiMembri := DeiMembri(h.Registro)
	if !deiMembri { // else what it is about is on the card
		h.Canale, h.Presidio, h.Struttura, h.Macro, h.URP = nu.Canale, per.Presidio, per.Struttura, per.Macro, per.Urp
		atto.Pone = apertura(amb.Regolamento, seg, nu.Canale)
		if !seg.ConosciutoIl.IsZero() {
			atto.Date["conoscenza"] = seg.ConosciutoIl
		}
	}
	if s.protocollazione(amb.Regolamento) != nil {
		atto.Protocollare = VersoIngresso
	}
	mittente := seg.pseudonimo()
	chiave := vault.NewChiave()
	m := nuovoMazzo(chi.Ente, nu.ID, nu.Slot.Key)
	suo, err := s.ricevente(ctx, chi, h)
	if err != nil {
		return Ricevuta{}, err
	}
	lui, _ := cittadino(h, 1, chiave)
	m.crea(ParteNucleo, suo)
	m.crea(ParteCittadino, suo, lui)
	atto.Involucri = impronte(m.nuovi)
	h.Scheda, err = sigillaJSON(m.chiave(ParteNucleo), contestoScheda(chi.Ente, nu.ID), riassumi(seg))
	if err != nil {
		return Ricevuta{}, err
	}
	c, err := contenuto(m.chiave(ParteCittadino), &atto, ParteCittadino, 1, seg)
	if err != nil {
		return Ricevuta{}, err
	}
	contenuti := []Contenuto{c}
	var cartellino *CartellinoChiuso
	if deiMembri {
		if c, err = contenuto(m.chiave(ParteNucleo), &atto, ParteNucleo, numeroCittadino, pubblicaDi(h, chiave)); err != nil {
			return Ricevuta{}, err
		}
		contenuti = append(contenuti, c)
		cartellino, err = Cartellino{Tipo: seg.Tipo, Canale: nu.Canale, Presidio: per.Presidio, Struttura: per.Struttura}.chiudi(h, &atto, suo)
		if err != nil {
			return Ricevuta{}, err
		}
	}
	allegati, err := allega(m, &atto, nu.File, ParteCittadino, ParteCittadino)
	if err != nil {
		return Ricevuta{}, err
	}
	parole := detto{seg: &seg, file: nomi(nu.File)}.parole(amb.Regolamento.Atto(atto.Kind))
	if !deiMembri {
		if _, err := s.gettoni(chi.Ente, s.Oggi().Year(), &parole); err != nil {
			return Ricevuta{}, err
		}
	}
	op := Op{Ente: chi.Ente, Registro: h.Registro, Background: chi.Mezzo == "import"}
	var salvata []byte
	if nu.Chiave != nil {
		op.Chiave = s.idRichiesta(chi.Ente, nu.Chiave)
		salvata, err = sigillaJSON(s.chiaveRichiesta(chi.Ente, nu.Chiave, nu.Corpo), vault.Context("risposta", chi.Ente),
			rispostaSalvata{nu.ID, h.Codice, chiave.Valore()})
		if err != nil {
			return Ricevuta{}, err
		}
	}
	n := nascita{amb: amb, testa: h, scheda: sha256.Sum256(h.Scheda), mittente: mittente, atto: atto, dichiarata: nu.RicevutaIl}
	if err := n.calcola(s.Now()); err != nil {
		return Ricevuta{}, err
	}
	var ripetuta []byte
	err = s.Arch.Update(ctx, op, func(tx Tx) error {
		if ripetuta, _ = tx.Richiesta(); ripetuta != nil {
			return nil
		}
		if err := s.ancoraLettori(ctx, h, suo); err != nil {
			return err
		}
		reg, righe, err := n.registra(tx)
		if err != nil {
			return err
		}
		tx.Append(reg, contenuti)
		accoda(tx, reg.Atto)
		tx.Avvolgi(righe.Testa.N, m.nuovi)
		for _, x := range allegati {
			tx.Allega(x)
		}
		tx.Project(righe)
		if cartellino != nil {
			tx.Cartellino(righe.Testa.N, *cartellino)
		} else if err := s.indicizza(tx, righe.Testa, &parole); err != nil {
			return err
		}
		if nu.Chiave != nil {
			tx.Ricorda(salvata, righe.Testa.N)
		}
		return nil
	})
	if err != nil {
		return Ricevuta{}, err
	}
	if ripetuta != nil {
		return s.ripeti(ctx, chi.Ente, nu, ripetuta)
	}
	n.ricevuta.Chiave = chiave
	return n.ricevuta, nil
}

// Ricezioni are the office keys in which a person may take in a segnalazione, in
// the order in which the rules name who opens a case.
//
// ref: pga01 4.1, 4.4.1
func (a *Ambiente) Ricezioni(chi access.Chi) []string {
	if a == nil || a.Regolamento == nil {
		return nil
	}
	var out []string
	for _, nome := range a.Regolamento.Atto(apre(a.Regolamento)).Chi.Tutti() {
		attore, _ := a.Regolamento.Attore(nome)
		for _, u := range chi.Attivi() {
			if attore.Ruolo != "" && access.Ruolo(u) == attore.Ruolo && !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	return out
}

// ricezione checks what only an office may say: that it received the paper, and
// on which earlier day.
//
// ref: pga01 4.2
func ricezione(nu *Nuova, chi access.Chi, amb *Ambiente, oggi day.Date) error {
	if !chi.Personale() {
		nu.RicevutaIl, nu.Ricezione = 0, ""
		return nil
	}
	uffici := amb.Ricezioni(chi)
	if len(uffici) == 0 {
		return fault.New(fault.Forbidden, "Registrare una segnalazione non spetta al tuo ufficio.")
	}
	if nu.Ricezione == "" {
		nu.Ricezione = uffici[0]
	}
	if !slices.Contains(uffici, nu.Ricezione) {
		return fault.New(fault.Forbidden, "Puoi registrare solo per un tuo ufficio.")
	}
	massimo := amb.Regolamento.Retroattivo()
	if d := int(oggi - nu.RicevutaIl); !nu.RicevutaIl.IsZero() && d > massimo {
		return fault.New(fault.Invalid, "Controlla i campi indicati.").Campo("ricevutaIl", fmt.Sprintf("Il giorno di arrivo può essere al massimo %d giorni fa.", massimo))
	}
	return nil
}

// ripeti gives the answer stored for the same request, whole.
func (s *Servizio) ripeti(ctx context.Context, ente string, nu Nuova, salvata []byte) (Ricevuta, error) {
	if bytes.Equal(salvata, Superata) {
		return Ricevuta{}, fault.New(fault.Conflict, "Questa segnalazione è già registrata. Intanto è stata data una chiave nuova: vale quella.")
	}
	var r rispostaSalvata
	if err := apriJSON(s.chiaveRichiesta(ente, nu.Chiave, nu.Corpo), vault.Context("risposta", ente), salvata, &r); err != nil {
		return Ricevuta{}, fault.New(fault.Invalid, "Questa richiesta è già stata inviata con un contenuto diverso. Usa una chiave nuova.")
	}
	h, atti, err := s.Arch.Leggi(ctx, r.ID)
	if err != nil {
		return Ricevuta{}, err
	}
	out, err := s.rifaiRicevuta(h, atti)
	out.Chiave, out.Ripetuta = vault.NewRiservato(r.Chiave), true
	return out, err
}

// rifaiRicevuta reads the receipt from the opening act alone: what came later
// does not change it.
func (s *Servizio) rifaiRicevuta(h Testa, atti []Registrato) (Ricevuta, error) {
	amb, err := s.ambiente(h.Ente)
	if err != nil {
		return Ricevuta{}, err
	}
	reg, cal, st, err := amb.piega(h, atti[:1])
	if err != nil {
		return Ricevuta{}, err
	}
	return ricevuta(amb, reg, cal, h, st), nil
}

func ricevuta(amb *Ambiente, reg *regolamento.Regolamento, cal *day.Calendario, h Testa, st regolamento.Stato) Ricevuta {
	return Ricevuta{ID: h.ID, Registro: h.Registro, Anno: h.Anno, Numero: h.Numero, Codice: h.Codice, Ricevuta: h.RicevutaIl,
		Giorno: h.Giorno, Tipo: st.Attr["tipo"], Anonima: st.Attr["autore"] == "anonimo", Termini: terminiVisti(amb, reg, cal, h, st, true)}
}

// apre is the act that opens a case.
func apre(r *regolamento.Regolamento) string {
	for _, a := range r.Atti() {
		if a.Apre {
			return a.Nome
		}
	}
	return ""
}

// apertura are the attributes of a new case: the kind asked for, or, where the
// rules forbid it to who gives no name, the first kind they allow.
//
// ref: pga01 3.2, 4.3.1, 4.3.2
func apertura(r *regolamento.Regolamento, seg Segnalazione, canale string) regolamento.Attr {
	a := regolamento.Attr{"tipo": seg.Tipo, "autore": "nominativo", "forma": "scritta"}
	if slices.Contains(orali, canale) {
		a["forma"] = "verbale"
	}
	if seg.Segnalante == nil {
		a["autore"] = "anonimo"
	}
	tipi := r.Tipi()
	if a["tipo"] == "" {
		a["tipo"] = tipi[0].Nome // in doubt, the kind that protects most
	}
	for i := 0; i < len(tipi) && r.Vietato(a); i++ {
		a["tipo"] = tipi[i].Nome
	}
	return a
}

func riassumi(seg Segnalazione) Riepilogo {
	r := Riepilogo{Oggetto: seg.Oggetto, Chi: seg.Segnalante.Breve()}
	if r.Oggetto == "" {
		r.Oggetto = primeParole(seg.Testo, 70)
	}
	if seg.Assistito != nil {
		r.Perch = seg.Assistito.Breve()
	}
	return r
}

func primeParole(t string, n int) string {
	t = strings.Join(strings.Fields(t), " ")
	if utf8.RuneCountInString(t) <= n {
		return t
	}
	r := []rune(t)[:n]
	if i := strings.LastIndexByte(string(r), ' '); i > n/2 {
		return string(r)[:i] + "…"
	}
	return string(r) + "…"
}

func nonVuoto(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// contenuto seals one part of an act's content, under that part's key, and binds
// it to the envelope.
func contenuto(chiave []byte, a *Atto, parte string, n int, v any) (Contenuto, error) {
	if chiave == nil {
		return Contenuto{}, fmt.Errorf("nobody here holds the key of part %s", parte)
	}
	contesto := contestoContenuto(a.Ente, a.Pratica, parte, a.ID, n)
	b, err := sigillaJSON(chiave, contesto, v)
	if err != nil {
		return Contenuto{}, err
	}
	if len(b) > 64<<10 {
		return Contenuto{}, fault.New(fault.TooLarge, "Il testo è troppo lungo. Puoi allegarlo come documento.")
	}
	h, k := sha256.Sum256(b), vault.Commit(chiave, contesto)
	a.Contenuti = append(a.Contenuti, Impronta{n, parte, h[:], k[:]})
	return Contenuto{Parte: parte, N: n, Bytes: b}, nil
}

// provaFile binds the clear bytes of a file to the act that brings it. Without its own
// half of the key, which is random and goes with the content, nobody guesses them.
func provaFile(sua []byte, impronta [32]byte) []byte {
	h := sha256.Sum256(slices.Concat(sua, impronta[:]))
	return h[:]
}

type schedaFile struct {
	Nome     string   `json:"nome"`
	Tipo     string   `json:"tipo"`
	Impronta [32]byte `json:"sha256"`
	Chiave   []byte   `json:"chiave"`        // its own half
	Per      string   `json:"per,omitempty"` // the part of whose name the other half is made, where it is another
}

// allega makes the rows of the files an act brings, their cards sealed in a part;
// nome is the part for which they were encrypted.
func allega(m *mazzo, a *Atto, file []File, parte, nome string) ([]Allegato, error) {
	out := make([]Allegato, 0, len(file))
	for _, x := range file {
		sc, err := sigillaJSON(m.chiave(parte), contestoSchedaFile(a.Ente, a.Pratica, x.ID),
			schedaFile{x.Nome.Valore(), x.Tipo, x.Impronta, []byte(x.Chiave.Valore()), altraParte(parte, nome)})
		if err != nil {
			return nil, err
		}
		a.Allegati = append(a.Allegati, FileBusta{x.ID, x.Dimensione, x.Dove, parte, provaFile([]byte(x.Chiave.Valore()), x.Impronta)})
		out = append(out, Allegato{ID: x.ID, Pratica: a.Pratica, Ente: a.Ente, Parte: parte, Dove: x.Dove, Dimensione: x.Dimensione, Scheda: sc})
	}
	return out, nil
}

func altraParte(parte, nome string) string {
	if parte == nome {
		return ""
	}
	return nome
}
