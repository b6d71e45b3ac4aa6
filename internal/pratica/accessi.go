package pratica

import (
	"context"
	"strconv"
	"sync"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
)

// Ways of reading personal data.
const (
	ReadPage   = "pagina"    // the file of a case, on screen or through the API
	ReadFile   = "documento" // an attachment, taken out
	ReadPrint  = "stampa"    // a letter or a sheet made to be printed
	ReadCopy   = "copia"     // the copy for the person concerned, taken out
	ReadBundle = "fascicolo" // the whole case with its proofs, taken out
	ReadList   = "elenco"    // a list with names and subjects; of no case
	ReadSearch = "ricerca"   // the same, found by words, which are not kept
	ReadLog    = "registro"  // this very log
	ReadExport = "esportato" // a register, taken out without names; of no case
)

// Window is how long one reading counts as the same.
const Window = 15 * time.Minute

// Accesso is a reading of personal data: who, in which office, what, when. It says
// nothing of what was read.
//
// ref: gdpr art. 5, 32
type Accesso struct {
	Ente         string
	Il           time.Time // beginning of the quarter of an hour (UTC)
	N            int64     // of the case; 0: a list
	Registro     string    // of the case, when it is read again
	Anno, Numero int       // likewise
	Persona      string
	Ufficio      string // office key
	Come         string
	Parte        string // nucleo, richiesta, fascicolo-urp, seduta, seduta-copia
}

// FiltroAccessi chooses what is shown of the log, newest first.
type FiltroAccessi struct {
	Registro     string // of the cases; empty: all, and lists too
	Persona      string
	Anno, Numero int
	Dal, Al      day.Date
	Limite       int
	Dopo         string
}

// PaginaAccessi is one page of the log; Dopo is the cursor of the next.
type PaginaAccessi struct {
	Righe []Accesso
	Dopo  string
}

// letti remembers what this process has stored already in the quarter under way.
type letti struct {
	mu     sync.Mutex
	quarto time.Time
	visti  map[string]bool
}

// visto reports whether an access is stored already.
func (l *letti) visto(a Accesso) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.quarto.Equal(a.Il) && l.visti[a.segno()]
}

func (l *letti) segna(a Accesso) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.quarto.Equal(a.Il) {
		l.quarto, l.visti = a.Il, map[string]bool{}
	}
	l.visti[a.segno()] = true
}

func (a Accesso) segno() string {
	return a.Ente + "|" + a.Persona + "|" + a.Come + "|" + a.Parte + "|" + strconv.FormatInt(a.N, 10)
}

// annota stores that a member of staff reads something, before it is shown. What
// cannot be stored is not shown.
func (s *Servizio) annota(ctx context.Context, chi access.Chi, n int64, come, parte, ufficio string) error {
	if !chi.Personale() {
		return nil
	}
	a := Accesso{Ente: chi.Ente, Il: s.Now().UTC().Truncate(Window), N: n, Persona: chi.Persona, Come: come, Parte: parte, Ufficio: ufficio}
	if ufficio == "" && len(chi.Attivi()) > 0 {
		a.Ufficio = chi.Attivi()[0]
	}
	if s.letti.visto(a) {
		return nil
	}
	if err := s.Arch.Accesso(ctx, a); err != nil {
		return err
	}
	s.letti.segna(a)
	return nil
}

// Accessi shows the log of readings to the DPO, and to the UPT that of its own cases.
// That they looked is in it too.
//
// ref: gdpr art. 39
func (s *Servizio) Accessi(ctx context.Context, chi access.Chi, f FiltroAccessi) (PaginaAccessi, error) {
	switch {
	case chi.Ha(access.DPO):
	case chi.Ha(access.UPT, access.UPTOperatore) && chi.Apre(RegistroUPT):
		f.Registro = RegistroUPT
	default:
		return PaginaAccessi{}, fault.New(fault.Forbidden, "Chi ha letto i dati lo vede solo il responsabile della protezione dei dati.")
	}
	if f.Limite < 1 || f.Limite > 200 {
		f.Limite = 100
	}
	if err := s.annota(ctx, chi, 0, ReadLog, "", ""); err != nil {
		return PaginaAccessi{}, err
	}
	return s.Arch.Accessi(ctx, chi.Ente, f)
}

// Lettura is an office that read a case on a day, as the person concerned sees it.
type Lettura struct {
	Giorno  day.Date
	Ufficio string // office key
	Parte   string // as that of Accesso
}

// letture are the offices that read a case, a line for each day.
func (s *Servizio) letture(ctx context.Context, n int64) ([]Lettura, error) {
	aa, err := s.Arch.Letture(ctx, n)
	if err != nil {
		return nil, err
	}
	var out []Lettura
	visti := map[Lettura]bool{}
	for _, a := range aa {
		l := Lettura{day.In(a.Il), a.Ufficio, a.Parte}
		if !visti[l] {
			visti[l] = true
			out = append(out, l)
		}
	}
	return out, nil
}
