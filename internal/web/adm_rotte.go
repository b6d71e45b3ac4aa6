package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

// rotteAmministrazione are the pages of an administrator: people, chart, offices,
// rules. The tokens are everybody's own, so every member of staff has that page.
func (s *Server) rotteAmministrazione() []rotta {
	if s.Auth == nil {
		return nil
	}
	chi := []string{access.Amministratore}
	leggi := func(percorso string, fa func(http.ResponseWriter, *http.Request) error) rotta {
		return rotta{http.MethodGet, percorso, chi, fa}
	}
	cambia := func(percorso string, fa modifica) rotta {
		return rotta{http.MethodPost, percorso, chi, conModulo(fa)}
	}
	rotte := []rotta{
		{http.MethodGet, "/amministrazione/token", tutti, s.admToken},
		{http.MethodPost, "/amministrazione/token", tutti, conModulo(s.admTokenNuovo)},
		{http.MethodPost, "/amministrazione/token/togli", tutti, conModulo(s.admTokenTogli)},
	}
	if s.Ambienti == nil {
		return rotte
	}
	if s.Custody != nil {
		rotte = append(rotte, leggi("/amministrazione/chiavi", s.admChiavi), cambia("/amministrazione/riservate", s.admRiserva), cambia("/amministrazione/riservate/togli", s.admRiservaTogli),
			cambia("/amministrazione/persone/{id}/chiave", s.admPersonaChiave))
	}
	return append(rotte,
		leggi("/amministrazione", s.admInizio),
		leggi("/amministrazione/persone", s.admPersone),
		cambia("/amministrazione/persone", s.admPersoneCerca),
		leggi("/amministrazione/persone/nuova", s.admPersonaNuova),
		cambia("/amministrazione/persone/nuova", s.admPersonaAggiungi),
		leggi("/amministrazione/persone/{id}", s.admPersona),
		cambia("/amministrazione/persone/{id}/nome", s.admPersonaNome),
		cambia("/amministrazione/persone/{id}/password", s.admPersonaPassword),
		cambia("/amministrazione/persone/{id}/fattori", s.admPersonaFattori),
		cambia("/amministrazione/persone/{id}/disattiva", s.admPersonaDisattiva),
		cambia("/amministrazione/persone/{id}/riattiva", s.admPersonaRiattiva),
		cambia("/amministrazione/persone/{id}/incarico", s.admIncarico),
		cambia("/amministrazione/persone/{id}/termina", s.admTermina),
		leggi("/amministrazione/organigramma", s.admOrganigramma),
		leggi("/amministrazione/organigramma/importa", s.admImporta),
		rotta{http.MethodPost, "/amministrazione/organigramma/importa", chi, s.admImportaFile},
		leggi("/amministrazione/organigramma/prova", s.admProvaOrganigramma),
		cambia("/amministrazione/organigramma/pubblica", s.admPubblicaOrganigramma),
		leggi("/amministrazione/organigramma/file/{nome}", s.admEsporta),
		leggi("/amministrazione/uffici", s.admUffici),
		leggi("/amministrazione/uffici/nuovo", s.admUfficioNuovo),
		leggi("/amministrazione/uffici/{unita}", s.admUfficio),
		rotta{http.MethodPost, "/amministrazione/uffici", chi, s.admUfficioSalva},
		rotta{http.MethodPost, "/amministrazione/uffici/togli", chi, s.admUfficioTogli},
		leggi("/amministrazione/accesso", s.admAccesso),
		cambia("/amministrazione/accesso", s.admAccessoSalva),
		leggi("/amministrazione/ente", s.admEnte),
		cambia("/amministrazione/ente", s.admEnteSalva),
		leggi("/amministrazione/regolamento", s.admRegolamento),
		leggi("/amministrazione/regolamento/carica", s.admCaricaRegolamento),
		rotta{http.MethodPost, "/amministrazione/regolamento/carica", chi, s.admCaricaFile},
		leggi("/amministrazione/regolamento/prova", s.admProvaRegolamento),
		cambia("/amministrazione/regolamento/pubblica", s.admPubblicaRegolamento),
	)
}

// amministrazione is what the pages keep between a request and the next: what an
// administrator tries before publishing it, and secrets to be shown once.
type amministrazione struct {
	mu      sync.Mutex // one change at a time, so that each is decided on what it saw
	memoria sync.Mutex
	prove   map[string]admProva
	segreti map[string]admSegreto
	giudizi map[string]*giudizio // by the hash of the regolamento
	turno   sync.Mutex           // one large reading or check at a time: it takes seconds and memory
}

// admProva is a chart or a regolamento that an administrator loaded and has not
// published. It lives in memory: after a restart it is loaded again.
type admProva struct {
	Organigramma *organigramma.Versione
	Regolamento  *regolamento.Regolamento
	Il           time.Time
}

// admSegreto is a password or a token that was made by a form, kept a while so that
// the same form sent twice shows the same one.
type admSegreto struct {
	testo, chi string
	il         time.Time
}

const (
	durataProva   = 2 * time.Hour
	durataSegreto = 5 * time.Minute
	maxProve      = 16
	maxSegreti    = 256
)

func chiaveProva(persona, cosa string) string { return cosa + "\x00" + persona }

// metti keeps what a person tries; their former trial of that sort goes.
func (a *amministrazione) metti(persona, cosa string, p admProva) {
	a.memoria.Lock()
	defer a.memoria.Unlock()
	if a.prove == nil {
		a.prove = map[string]admProva{}
	}
	piuVecchia := ""
	for k, v := range a.prove {
		if p.Il.Sub(v.Il) > durataProva {
			delete(a.prove, k)
		} else if piuVecchia == "" || v.Il.Before(a.prove[piuVecchia].Il) {
			piuVecchia = k
		}
	}
	if len(a.prove) >= maxProve {
		delete(a.prove, piuVecchia)
	}
	a.prove[chiaveProva(persona, cosa)] = p
}

// prova gives what a person was trying, if it is still there.
func (a *amministrazione) prova(persona, cosa string, now time.Time) (admProva, bool) {
	a.memoria.Lock()
	defer a.memoria.Unlock()
	p, ok := a.prove[chiaveProva(persona, cosa)]
	return p, ok && now.Sub(p.Il) <= durataProva
}

func (a *amministrazione) scorda(persona, cosa string) {
	a.memoria.Lock()
	defer a.memoria.Unlock()
	delete(a.prove, chiaveProva(persona, cosa))
}

// unaVolta gives the secret that this form made already, or makes it. The caller
// holds mu.
func (a *amministrazione) unaVolta(persona, modulo string, now time.Time, fa func() (admSegreto, error)) (admSegreto, error) {
	k := persona + "\x00" + modulo
	a.memoria.Lock()
	for x, v := range a.segreti {
		if now.Sub(v.il) > durataSegreto {
			delete(a.segreti, x)
		}
	}
	gia, ok := a.segreti[k]
	a.memoria.Unlock()
	if ok && modulo != "" {
		return gia, nil
	}
	nuovo, err := fa()
	if err != nil {
		return admSegreto{}, err
	}
	nuovo.il = now
	a.memoria.Lock()
	defer a.memoria.Unlock()
	if a.segreti == nil || len(a.segreti) >= maxSegreti {
		a.segreti = map[string]admSegreto{}
	}
	a.segreti[k] = nuovo
	return nuovo, nil
}

// giudizio is what Check found, once fatto is closed.
type giudizio struct {
	fatto chan struct{}
	regolamento.Report
}

// attesaGiudizio is how long a page waits for a check before it says that it goes
// on.
const attesaGiudizio = 3 * time.Second

// giudica checks a regolamento, once for each; false while the check goes on.
// Those shipped with the program were checked before it was.
func (a *amministrazione) giudica(r *regolamento.Regolamento) (regolamento.Report, bool) {
	if fornito(r) {
		return regolamento.Report{Regolamento: r.Nome(), Hash: r.Hash()}, true
	}
	a.memoria.Lock()
	g := a.giudizi[r.Hash()]
	if g == nil {
		if a.giudizi == nil || len(a.giudizi) >= maxProve {
			a.giudizi = map[string]*giudizio{}
		}
		g = &giudizio{fatto: make(chan struct{})}
		a.giudizi[r.Hash()] = g
		go a.controlla(r, g)
	}
	a.memoria.Unlock()
	select {
	case <-g.fatto:
		return g.Report, true
	case <-time.After(attesaGiudizio):
		return regolamento.Report{}, false
	}
}

// controlla does the check. Nothing that a file says may stop the program.
func (a *amministrazione) controlla(r *regolamento.Regolamento, g *giudizio) {
	a.turno.Lock()
	defer a.turno.Unlock()
	defer close(g.fatto)
	defer func() {
		if p := recover(); p != nil {
			g.Difetti = []regolamento.Difetto{{Cosa: "Il controllo non è riuscito: questo regolamento non si può usare."}}
		}
	}()
	g.Report = regolamento.Check(r)
}

// fornito reports whether it comes with the program.
func fornito(r *regolamento.Regolamento) bool {
	x, err := regolamento.Shipped(r.Nome())
	return err == nil && x.Hash() == r.Hash()
}

// modifica is an action with the fields of its form.
type modifica func(http.ResponseWriter, *http.Request, url.Values) error

// conModulo reads the form of an action and does it; that the person has proved who
// he is, the door has seen to.
func conModulo(fa modifica) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := leggiModulo(w, r, nil)
		if err != nil {
			return err
		}
		return fa(w, r, v)
	}
}

// admTesta is the frame of an administrator's page.
func (s *Server) admTesta(r *http.Request, titolo, voce string) (Scrivania, error) {
	base, _, err := s.scrivania(r, titolo, voce)
	return base, err
}

// admAmbito is what an administrator's page works on.
type admAmbito struct {
	se      *auth.Sessione
	ente    pratica.Ente // a copy
	amb     *pratica.Ambiente
	oggi    day.Date
	persone []auth.Persona
}

// ambitoDi reads what is in force; with persone, who works there too.
func (s *Server) ambitoDi(r *http.Request, persone bool) (admAmbito, error) {
	a := admAmbito{se: sessioneDi(r), oggi: day.In(s.Now()), amb: s.Ambienti.Di(s.EnteID)}
	e := s.Ambienti.Ente(s.EnteID)
	if e == nil || a.amb == nil {
		return a, fault.New(fault.Unavailable, "Il servizio non è ancora pronto. Riprova tra poco.")
	}
	a.ente = *e
	a.ente.Uffici = slices.Clone(e.Uffici)
	if persone {
		var err error
		if a.persone, err = s.Auth.People(r.Context(), a.se.Chi); err != nil {
			return a, err
		}
	}
	return a, nil
}

// admFatto are the sentences of an action that went well, by the word in the address.
var admFatto = map[string]string{
	"nome":         "Il nome è cambiato.",
	"disattivata":  "La persona non può più entrare. Quello che ha fatto resta suo.",
	"riattivata":   "La persona può entrare di nuovo.",
	"incarico":     "Il ruolo è salvato.",
	"termine":      "L'ultimo giorno del ruolo è salvato.",
	"fattori":      "I fattori e i codici di recupero sono tolti, le sessioni chiuse. Al prossimo accesso ne collega di nuovi.",
	"chiave":       "La chiave è azzerata, le sessioni chiuse. Al prossimo accesso ne crea un'altra: un membro dell'ufficio deve ammetterla.",
	"accesso":      "La regola è salvata.",
	"ente":         "I dati dell'ente sono salvati.",
	"ufficio":      "L'ufficio è salvato. Vale da subito per le segnalazioni nuove.",
	"tolto":        "L'ufficio è tolto. Vale da subito per le segnalazioni nuove.",
	"organigramma": "L'organigramma è pubblicato.",
	"regolamento":  "Il regolamento è pubblicato.",
	"riservata":    "Da adesso quello che si chiede a questa struttura ha una chiave sua.",
	"comune":       "Da adesso quello che si chiede a questa struttura ha la chiave di tutte. Le richieste già fatte restano sotto la sua.",
	"token":        "Il token non vale più.",
}

func vaiA(w http.ResponseWriter, r *http.Request, dove, cosa string) error {
	if cosa != "" {
		dove += "?fatto=" + cosa
	}
	http.Redirect(w, r, dove, http.StatusSeeOther)
	return nil
}

// erroriDi are the fields of a refusal in the order of the page's form; a refusal
// about no field of it is said at the top. False when err is no refusal of what
// was written: it then goes to the one door.
func erroriDi(err error, ordine ...string) ([]erroreCampo, int, bool) {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid && f.Kind != fault.Conflict || errors.Is(err, auth.ErrConferma) {
		return nil, 0, false
	}
	var out []erroreCampo
	for _, c := range ordine {
		if t := f.Campi[c]; t != "" {
			out = append(out, erroreCampo{c, t})
		}
	}
	if len(out) == 0 {
		testo := f.Message
		if len(f.Motivi) > 0 {
			testo += " " + strings.Join(f.Motivi, " ")
		}
		out = []erroreCampo{{"", testo}}
	}
	return out, f.Kind.Status(), true
}

// erroriAdm are what is wrong with a form.
type erroriAdm []erroreCampo

// Di is what is wrong with one field; empty when nothing is.
func (e erroriAdm) Di(campo string) string {
	for _, x := range e {
		if x.Campo == campo {
			return x.Frase
		}
	}
	return ""
}
