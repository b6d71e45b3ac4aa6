package pratica

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// The states of an elenco di scarto.
const (
	ScartoProposto  = "proposto"
	ScartoApprovato = "approvato"
	ScartoEseguito  = "eseguito"
	ScartoRitirato  = "ritirato"
)

// Scarto is a list of files whose years have passed, that one person proposes to
// eliminate and another approves. NullaOsta is how the archive authority's leave is
// found: a number and a date.
//
// ref: pga01 4.4.4; dlgs42-2004
type Scarto struct {
	Ente        string
	Registro    string
	N           int
	PropostoDa  string // opaque id
	PropostoIl  time.Time
	NullaOsta   string
	ApprovatoDa string
	ApprovatoIl time.Time
	Stato       string
	Pratiche    int // how many
	Fatte       int // of them, eliminated
}

// MaxScarto is how many files one list may hold.
const MaxScarto = 500

// ArchivioScarti is what the end of files needs of the store.
type ArchivioScarti interface {
	// Scartabili are the files of a register that nothing holds, closed by that day, on no list that
	// is still open; oldest first, without their summaries.
	Scartabili(ctx context.Context, ente, registro string, entro day.Date, limite int) ([]Testa, error)
	Scarti(ctx context.Context, ente, registro string) ([]Scarto, error) // newest first
	DaScartare(ctx context.Context, ente string, n int) ([]Testa, error)
	// Approvate says who approved the list by which each of some files ended.
	Approvate(ctx context.Context, ente string, pratiche []int64) (map[int64]string, error)
	// ProponiScarto makes a list, and gives its number; fault.Conflict when a file is on
	// another one that is still open.
	ProponiScarto(ctx context.Context, s Scarto, pratiche []int64) (int, error)
	// CambiaScarto brings a list from one state to another; fault.Conflict when it was
	// in a third.
	CambiaScarto(ctx context.Context, s Scarto, da string) error
	// ScartiAperti are the lists approved and not done, of every ente.
	ScartiAperti(ctx context.Context) ([]Scarto, error)
	// Dimentica takes the searchable words of a case on a list out of the index: once,
	// however often it is asked.
	Dimentica(ctx context.Context, scarto int, h Testa, gettoni []byte) error
	// Riscritture gives, or begins, the writing again of the years of the cases of a
	// list; nuova says which key a year not begun is to have.
	Riscritture(ctx context.Context, ente string, scarto int, nuova func(anno int) int) ([]Riscrittura, error)
	// DelAnno are cases of a year with content, after n, by n.
	DelAnno(ctx context.Context, ente string, anno int, dopo int64, limite int) ([]Testa, error)
	// Riscrivi replaces the words of some cases, and says how far it is; fault.Conflict
	// when one of them has gone on since it was read.
	Riscrivi(ctx context.Context, r Riscrittura, casi []Riscritto) error
	// Eliminate are the files of an ente that are eliminated, all done; NonEliminate, of
	// some slots, the files that are not.
	Eliminate(ctx context.Context, ente string) ([]Eliminata, error)
	NonEliminate(ctx context.Context, ente string, slot []int64) ([]Testa, error)
	// SenzaAtto are the files of a list that are eliminated and have no act of that kind.
	SenzaAtto(ctx context.Context, ente string, n int, kind string) ([]Testa, error)
	// Svuota deletes what a case's content left in the database: contents, wraps, files,
	// summary; and marks it as done on its list. One not eliminated is only taken off.
	Svuota(ctx context.Context, scarto int, h Testa) error
}

// CaseKeys ends the keys of cases: once it returns, no copy made from now on has
// them.
type CaseKeys interface {
	Elimina(ctx context.Context, ente string, il time.Time, quali ...Eliminata) error
	// Ended are all those that it ended for an ente.
	Ended(ctx context.Context, ente string) ([]Eliminata, error)
	// Concludi says when the last key of a list had ended, once; Concluse, when each had.
	Concludi(ctx context.Context, ente string, scarto int, il time.Time) error
	Concluse(ctx context.Context, ente string) (map[int]time.Time, error)
	// Vive is how many days a key that was ended may live in a copy, and the instant of
	// the oldest copy there is; detto is false where nobody said.
	Vive(ctx context.Context) (giorni int, prima time.Time, detto bool, err error)
	// NewIndexKey and EndIndexKeys put a new key of searchable words beside the others
	// of a year, and end those older than number n.
	NewIndexKey(comparto string, anno, n int) error
	EndIndexKeys(ctx context.Context, comparto string, anno, n int) error
}

// Riscrittura is the writing again of the searchable words of a year.
type Riscrittura struct {
	Ente         string
	Scarto, Anno int
	Versione     int   // of the new key
	Fino         int64 // last case done
}

// Riscritto is a case, as it was when it was read, with its words under the old key and
// under the new one.
type Riscritto struct {
	N           int64
	Seq         int
	Prima, Dopo []byte
}

var errScarto = fault.New(fault.Forbidden, "La fine delle pratiche la decide l'ufficio che le tiene, con l'approvazione di un'altra persona.")

var errProva = fault.New(fault.Forbidden, "Per decidere la fine delle pratiche dimostra di nuovo che sei tu, dalle pagine.")

// proponeScarto and approvaScarto are who may, by register: never the same person.
var (
	proponeScarto = map[string][]string{RegistroURP: {access.URPAziendale}, RegistroUPT: {access.UPT}}
	approvaScarto = map[string][]string{RegistroURP: {access.URPAziendale, access.DirettoreAmministrativo}, RegistroUPT: {access.UPT, access.UPTOperatore}}
)

// MayScarto reports whether who asks has a part in the end of the files of a
// register. In that of members, only with their key.
func MayScarto(chi access.Chi, registro string) bool {
	return chi.Ha(approvaScarto[registro]...) && (!DeiMembri(registro) || chi.Apre(registro))
}

// MayProposeScarto reports whether who asks may propose it.
func MayProposeScarto(chi access.Chi, registro string) bool {
	return MayScarto(chi, registro) && chi.Ha(proponeScarto[registro]...)
}

// Scarti are the lists of a register, newest first.
func (s *Servizio) Scarti(ctx context.Context, chi access.Chi, registro string) ([]Scarto, error) {
	if !MayScarto(chi, registro) {
		return nil, errScarto
	}
	return s.Arch.Scarti(ctx, chi.Ente, registro)
}

// InScarto are the files of a list still to be eliminated.
func (s *Servizio) InScarto(ctx context.Context, chi access.Chi, registro string, n int) ([]Testa, error) {
	if _, err := s.scarto(ctx, chi, registro, n); err != nil {
		return nil, err
	}
	return s.Arch.DaScartare(ctx, chi.Ente, n)
}

// Scartabili are the files whose years have passed, by the rules of each, which
// nothing holds.
//
// ref: pga01 4.4.4
func (s *Servizio) Scartabili(ctx context.Context, chi access.Chi, registro string) ([]Testa, error) {
	if !MayScarto(chi, registro) {
		return nil, errScarto
	}
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return nil, err
	}
	oggi := s.Oggi()
	tutte, err := s.Arch.Scartabili(ctx, chi.Ente, registro, oggi, MaxScarto)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(tutte, func(h Testa) bool { return !scaduta(amb, h, oggi) }), nil
}

// scaduta reports whether the years of a closed file have passed.
func scaduta(amb *Ambiente, h Testa, oggi day.Date) bool {
	r := amb.Regolamenti[h.Regolamento]
	if r == nil || h.ChiusaIl.IsZero() || h.Vincolo || !h.Eliminata.IsZero() {
		return false
	}
	fine := fineConservazione(r, h)
	return !fine.IsZero() && fine < oggi
}

// fineConservazione is the last day on which a closed file must be kept; zero where its
// rules set none.
func fineConservazione(r *regolamento.Regolamento, h Testa) day.Date {
	anni := r.Conservazione().Anni
	if anni == 0 || h.ChiusaIl.IsZero() {
		return 0
	}
	y, m, d := h.ChiusaIl.Date()
	return day.Of(y+anni, m, d)
}

// ProponiScarto proposes files to be eliminated, with the leave of the archive
// authority: those whose years have not passed are fault.Invalid.
func (s *Servizio) ProponiScarto(ctx context.Context, chi access.Chi, registro, nullaOsta string, quali []vault.ID) (int, error) {
	if !MayProposeScarto(chi, registro) {
		return 0, errScarto
	}
	if !access.Confermato(chi, access.Eliminare, s.Now()) {
		return 0, errProva
	}
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return 0, err
	}
	e := fault.New(fault.Invalid, "Controlla i campi indicati.")
	nullaOsta = strings.TrimSpace(Pulisci(nullaOsta))
	switch {
	case nullaOsta == "":
		e.Campo("nulla_osta", "Scrivi numero e data del nulla osta della Soprintendenza archivistica.")
	case len([]rune(nullaOsta)) > MaxRiga:
		e.Campo("nulla_osta", "Scrivi al massimo 200 caratteri.")
	}
	if len(quali) == 0 || len(quali) > MaxScarto {
		e.Campo("pratica", "Scegli le pratiche: almeno una, al massimo 500.")
	}
	if len(e.Campi) > 0 {
		return 0, e
	}
	var n []int64
	for _, id := range quali {
		h, _, err := s.Arch.Leggi(ctx, id)
		if err != nil {
			return 0, err
		}
		if h.Ente != chi.Ente || h.Registro != registro {
			return 0, errAssente
		}
		if !scaduta(amb, h, s.Oggi()) {
			return 0, e.Campo("pratica", "La pratica "+h.NumeroScritto()+" non si può ancora eliminare. Ricarica la pagina.")
		}
		if !slices.Contains(n, h.N) {
			n = append(n, h.N)
		}
	}
	return s.Arch.ProponiScarto(ctx, Scarto{Ente: chi.Ente, Registro: registro, PropostoDa: chi.Persona, PropostoIl: s.Now(), NullaOsta: nullaOsta, Stato: ScartoProposto}, n)
}

// ApprovaScarto approves a list: another person than who proposed it. The program
// then eliminates, a file at a time.
func (s *Servizio) ApprovaScarto(ctx context.Context, chi access.Chi, registro string, n int) error {
	x, err := s.daDecidere(ctx, chi, registro, n)
	if err != nil {
		return err
	}
	if x.PropostoDa == chi.Persona {
		return fault.New(fault.Forbidden, "L'hai proposto tu: deve approvarlo un'altra persona.")
	}
	x.ApprovatoDa, x.ApprovatoIl, x.Stato = chi.Persona, s.Now(), ScartoApprovato
	return s.Arch.CambiaScarto(ctx, x, ScartoProposto)
}

// RitiraScarto withdraws a list that nobody has approved yet.
func (s *Servizio) RitiraScarto(ctx context.Context, chi access.Chi, registro string, n int) error {
	x, err := s.daDecidere(ctx, chi, registro, n)
	if err != nil {
		return err
	}
	x.Stato = ScartoRitirato
	return s.Arch.CambiaScarto(ctx, x, ScartoProposto)
}

// daDecidere is a list on which nobody has decided yet, for who just proved who he is.
func (s *Servizio) daDecidere(ctx context.Context, chi access.Chi, registro string, n int) (Scarto, error) {
	x, err := s.scarto(ctx, chi, registro, n)
	switch {
	case err != nil:
	case !access.Confermato(chi, access.Eliminare, s.Now()):
		err = errProva
	case x.Stato != ScartoProposto:
		err = fault.New(fault.Conflict, "Su questo elenco è già stato deciso. Ricarica la pagina.")
	}
	return x, err
}

// scarto is a list of a register, for who has a part in it.
func (s *Servizio) scarto(ctx context.Context, chi access.Chi, registro string, n int) (Scarto, error) {
	tutti, err := s.Scarti(ctx, chi, registro)
	if err != nil {
		return Scarto{}, err
	}
	i := slices.IndexFunc(tutti, func(x Scarto) bool { return x.N == n })
	if i < 0 {
		return Scarto{}, fault.New(fault.NotFound, "Questo elenco di scarto non c'è.")
	}
	return tutti[i], nil
}

// EseguiScarti eliminates what was approved. Each step may be done again: stopped
// anywhere, it goes on where it was.
func (s *Servizio) EseguiScarti(ctx context.Context, chiavi CaseKeys) error {
	aperti, err := s.Arch.ScartiAperti(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, x := range aperti {
		errs = append(errs, s.eseguiScarto(ctx, x, chiavi))
	}
	return errors.Join(errs...)
}

func (s *Servizio) eseguiScarto(ctx context.Context, x Scarto, chiavi CaseKeys) error {
	resta, err := s.Arch.DaScartare(ctx, x.Ente, x.N)
	if err != nil {
		return err
	}
	for _, h := range resta {
		if err := s.elimina(ctx, x, h, chiavi); err != nil {
			return err
		}
	}
	if !DeiMembri(x.Registro) { // of theirs no words are kept
		if err := s.riscrivi(ctx, x, chiavi); err != nil {
			return err
		}
	}
	if err := chiavi.Concludi(ctx, x.Ente, x.N, s.Now()); err != nil {
		return err
	}
	x.Stato = ScartoEseguito
	return s.Arch.CambiaScarto(ctx, x, ScartoApprovato)
}

// riscrivi gives new keys to the searchable words of the years that a list touched:
// tokens are invertible by who has the key, and old copies of the database hold those
// of the cases that are gone.
func (s *Servizio) riscrivi(ctx context.Context, x Scarto, chiavi CaseKeys) error {
	c := comparto(x.Ente)
	anni, err := s.Parole.Years(c)
	if err != nil {
		return err
	}
	rr, err := s.Arch.Riscritture(ctx, x.Ente, x.N, func(anno int) int {
		n := 1
		for _, y := range anni {
			if y.Anno == anno {
				n = y.N + 1
			}
		}
		return n
	})
	if err != nil {
		return err
	}
	for _, r := range rr {
		if err := chiavi.NewIndexKey(c, r.Anno, r.Versione); err != nil {
			return err
		}
		s.Parole.Forget(c, r.Anno)
		if err := s.riscriviAnno(ctx, r); err != nil {
			return err
		}
		if err := chiavi.EndIndexKeys(ctx, c, r.Anno, r.Versione); err != nil {
			return err
		}
		s.Parole.Forget(c, r.Anno)
	}
	return nil
}

// lottoRiscritti is how many cases are written again at a time, so that nobody waits
// for the writer.
const lottoRiscritti = 64

func (s *Servizio) riscriviAnno(ctx context.Context, r Riscrittura) error {
	anni, err := s.Parole.Years(comparto(r.Ente))
	if err != nil {
		return err
	}
	var prima, dopo *vault.Tokenizer
	for _, y := range anni {
		switch {
		case y.Anno == r.Anno && y.N < r.Versione:
			prima = y.Tokenizer
		case y.Anno == r.Anno && y.N == r.Versione:
			dopo = y.Tokenizer
		}
	}
	if prima == nil { // done: the old key is gone
		return nil
	}
	for {
		casi, err := s.Arch.DelAnno(ctx, r.Ente, r.Anno, r.Fino, lottoRiscritti)
		if err != nil || len(casi) == 0 {
			return err
		}
		var out []Riscritto
		if err := s.tuttiScritti(ctx, casi, func(h Testa, seg Segnalazione, bb []brano) error {
			p := paroleDi(&seg, bb)
			out = append(out, Riscritto{h.N, h.Seq, p.scrivi(prima), p.scrivi(dopo)})
			return nil
		}); err != nil {
			return err
		}
		fatte := r
		fatte.Fino = casi[len(casi)-1].N
		switch err := s.Arch.Riscrivi(ctx, fatte, out); {
		case fault.Is(err, fault.Conflict): // somebody wrote in one of them meanwhile
		case err != nil:
			return err
		default:
			r = fatte
		}
	}
}

// elimina ends one file: the act, which stays; its searchable words, which need the
// key to be named; the key, and with it every copy of the content; what is left of
// it here. A file that is held by now is left out, and said so by its act.
func (s *Servizio) elimina(ctx context.Context, x Scarto, h Testa, chiavi CaseKeys) error {
	amb, err := s.ambiente(x.Ente)
	if err != nil {
		return err
	}
	reg := amb.Regolamenti[h.Regolamento]
	if h.Eliminata.IsZero() {
		if !scaduta(amb, h, s.Oggi()) { // opened again, or held, since it was proposed
			return s.Arch.Svuota(ctx, x.N, h)
		}
		if h, err = s.Esegui(ctx, access.Sistema(x.Ente), Comando{Pratica: h.ID, Atto: reg.Conservazione().Elimina, Dati: Dati{"scarto": x.N}}); err != nil {
			return err
		}
	}
	if !DeiMembri(h.Registro) {
		if err := s.dimentica(ctx, x, h); err != nil {
			return err
		}
	}
	if err := chiavi.Elimina(ctx, x.Ente, s.Now(), Eliminata{h.Slot, x.N}); err != nil {
		return err
	}
	s.schede.dimentica()
	return s.Arch.Svuota(ctx, x.N, h)
}

// dimentica takes the words of a file out of the index.
func (s *Servizio) dimentica(ctx context.Context, x Scarto, h Testa) error {
	err := s.tuttiScritti(ctx, []Testa{h}, func(h Testa, seg Segnalazione, bb []brano) error {
		p := paroleDi(&seg, bb)
		g, err := s.gettoni(h.Ente, h.Anno, &p)
		if err != nil {
			return err
		}
		return s.Arch.Dimentica(ctx, x.N, h, g)
	})
	if fault.Is(err, fault.NotFound) { // the key is gone: the words went before it
		return nil
	}
	return err
}
