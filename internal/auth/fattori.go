package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// TipoSecondo is a sort of second factor.
type TipoSecondo string

// An app makes codes, a passkey signs, a recovery code stands in for both, once.
const (
	App     TipoSecondo = "app"
	Passkey TipoSecondo = "passkey"
	Codice  TipoSecondo = "codice"
)

// Secondo is the stored side of a second factor.
type Secondo struct {
	Ente, Persona string
	ID            []byte
	Tipo          TipoSecondo
	Nome          string // how the person calls it
	Segreto       []byte // sealed under the server's key, in its place
	Ultimo        int64  // of an app: the last step that was accepted
	Creato, Usato time.Time
}

const (
	maxFattori      = 10 // apps and passkeys of one person
	quantiCodici    = 10
	maxNomeFattore  = 40             // characters
	durataIscrivi   = time.Hour      // from the page of an app's seed to its first code: one may have to find the app
	durataConsumati = 24 * time.Hour // of what was used once; what it opened ends long before
)

var (
	errCodice = fault.New(fault.Unauthenticated, "Il codice non è giusto, o è già stato usato. Aspetta che l'app ne mostri un altro e scrivi quello.")
	errTanti  = fault.New(fault.Invalid, "Hai già 10 tra app e passkey. Togline una che non usi e riprova.")
)

// contesto is the place that a factor's secret is sealed for.
func (f Secondo) contesto() string {
	return vault.Context("fattore", f.Ente, f.Persona, hex.EncodeToString(f.ID), string(f.Tipo))
}

func (a *Auth) sigillaSecondo(f *Secondo, segreto []byte) {
	f.Segreto = a.ring.Seal(f.contesto(), segreto)
}

func (a *Auth) nuovoSecondo(s *Sessione, tipo TipoSecondo, nome string) Secondo {
	now := a.now()
	id := vault.NewID(now)
	return Secondo{Ente: s.Ente, Persona: s.Persona, ID: id[:], Tipo: tipo, Nome: nome, Creato: now}
}

// RigaSecondo is one of a person's factors, as their page lists it.
type RigaSecondo struct {
	ID            string
	Tipo          TipoSecondo
	Nome          string
	Creato, Usato time.Time
}

// Factors are the apps and passkeys of who has signed in, oldest first, and how
// many recovery codes are left.
func (a *Auth) Factors(ctx context.Context, s *Sessione) (righe []RigaSecondo, codici int, err error) {
	tutti, err := a.archivio.Secondi(ctx, s.Ente, s.Persona)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range tutti {
		if f.Tipo == Codice {
			codici++
			continue
		}
		righe = append(righe, RigaSecondo{ID: hex.EncodeToString(f.ID), Tipo: f.Tipo, Nome: f.Nome, Creato: f.Creato, Usato: f.Usato})
	}
	slices.SortFunc(righe, func(x, y RigaSecondo) int { return x.Creato.Compare(y.Creato) })
	return righe, codici, nil
}

// Iscrizione is an app's seed that waits for its first code: nothing is stored.
type Iscrizione struct {
	Sigillo   string // comes back with the code
	Seme      string // as people copy it
	Indirizzo string // as the QR code says it
}

type semeInAttesa struct {
	ID    []byte
	Seme  []byte
	Scade time.Time
}

func (s *Sessione) contestoIscrivi() string { return vault.Context("iscrivi", s.Ente, s.Persona) }

// NewApp makes a seed for an app of who has signed in; emittente is how the app
// calls us.
func (a *Auth) NewApp(s *Sessione, emittente string) Iscrizione {
	x := semeInAttesa{ID: a.nuovoSecondo(s, App, "").ID, Seme: make([]byte, lungoSeme), Scade: a.now().Add(durataIscrivi)}
	rand.Read(x.Seme)
	return a.iscrizione(s, x, emittente)
}

func (a *Auth) iscrizione(s *Sessione, x semeInAttesa, emittente string) Iscrizione {
	b, err := json.Marshal(x)
	if err != nil {
		panic("auth: a seed that does not encode: " + err.Error())
	}
	return Iscrizione{Sigillo: base64.RawURLEncoding.EncodeToString(a.ring.Seal(s.contestoIscrivi(), b)),
		Seme: scriviSeme(x.Seme), Indirizzo: indirizzoSeme(emittente, s.Utente, x.Seme)}
}

func (a *Auth) leggiIscrizione(s *Sessione, sigillo string) (x semeInAttesa, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(sigillo)
	if err != nil || len(b) > 1024 {
		return x, false
	}
	if b, err = a.ring.Open(s.contestoIscrivi(), b); err != nil || json.Unmarshal(b, &x) != nil {
		return x, false
	}
	return x, a.now().Before(x.Scade)
}

// SameApp shows again the seed of a page that is still good; else a new one.
func (a *Auth) SameApp(s *Sessione, sigillo, emittente string) Iscrizione {
	if x, ok := a.leggiIscrizione(s, sigillo); ok {
		return a.iscrizione(s, x, emittente)
	}
	return a.NewApp(s, emittente)
}

// AddApp takes an app whose first code is right. With the first factor come the
// recovery codes, shown this once. What is wrong is fault.Invalid, in the field
// "codice" or "nome".
func (a *Auth) AddApp(ctx context.Context, s *Sessione, sigillo, codice, nome string) (codici []string, err error) {
	no := fault.New(fault.Invalid, "L'app non è stata aggiunta.")
	x, ok := a.leggiIscrizione(s, sigillo)
	if !ok {
		return nil, no.Campo("codice", "È passato troppo tempo: leggi di nuovo il QR con l'app e scrivi il codice.")
	}
	scritto, ok := sembraApp(codice)
	if !ok {
		return nil, no.Campo("codice", "Scrivi le 6 cifre che l'app mostra adesso.")
	}
	passo, ok := passoDi(x.Seme, scritto, a.now(), 0)
	if !ok {
		return nil, no.Campo("codice", "Il codice non è quello di adesso. Controlla l'ora del telefono e scrivi il codice nuovo.")
	}
	f := a.nuovoSecondo(s, App, nome)
	f.ID, f.Ultimo = x.ID, passo // the same page sent twice is one app
	a.sigillaSecondo(&f, x.Seme)
	return a.aggiungi(ctx, s, f, AppAggiunta)
}

// aggiungi stores a factor, with recovery codes if it is the first.
func (a *Auth) aggiungi(ctx context.Context, s *Sessione, f Secondo, cosa Cosa) ([]string, error) {
	if err := a.confermato(s.Chi, access.Fattori); err != nil {
		return nil, err
	}
	nome, ok := testoBreve(f.Nome, maxNomeFattore)
	if !ok {
		return nil, fault.New(fault.Invalid, "Non è stato aggiunto niente.").Campo("nome", "Dai un nome, in 40 caratteri al massimo: per esempio «telefono».")
	}
	f.Nome = nome
	tutti, err := a.archivio.Secondi(ctx, s.Ente, s.Persona)
	if err != nil {
		return nil, err
	}
	altri := slices.DeleteFunc(slices.Clone(tutti), func(x Secondo) bool { return x.Tipo == Codice || slices.Equal(x.ID, f.ID) })
	if len(altri) >= maxFattori {
		return nil, errTanti
	}
	c := Cambio{Metti: []Secondo{f}, Notizia: a.notizia(s.Chi, s.Persona, cosa, nome, len(altri) > 0)}
	var codici []string
	if len(altri) == 0 {
		var righe []Secondo
		codici, righe = a.codici(s)
		c.Metti = append(c.Metti, righe...)
		c.Togli = []TipoSecondo{Codice}
	}
	return codici, a.cambia(ctx, s.Ente, s.Persona, c)
}

// NewCodes makes ten recovery codes in place of those there were; they are shown
// this once.
func (a *Auth) NewCodes(ctx context.Context, s *Sessione) ([]string, error) {
	if err := a.confermato(s.Chi, access.Fattori); err != nil {
		return nil, err
	}
	v, err := a.voce(ctx, s.Ente, s.Persona)
	if err != nil {
		return nil, err
	}
	if v.persona.Secondi == 0 {
		return nil, fault.New(fault.Invalid, "I codici di recupero servono con un secondo fattore. Aggiungi prima l'app o una passkey.")
	}
	codici, righe := a.codici(s)
	return codici, a.cambia(ctx, s.Ente, s.Persona, Cambio{Togli: []TipoSecondo{Codice}, Metti: righe,
		Notizia: a.notizia(s.Chi, s.Persona, CodiciNuovi, "", true)})
}

// codici makes recovery codes with their rows. They are random, 59 bits: a plain
// digest, sealed, is enough.
func (a *Auth) codici(s *Sessione) (codici []string, righe []Secondo) {
	for range quantiCodici {
		c := vault.NewCodice()
		f := a.nuovoSecondo(s, Codice, "")
		h := sha256.Sum256([]byte(c))
		a.sigillaSecondo(&f, h[:])
		codici, righe = append(codici, vault.Gruppi(c)), append(righe, f)
	}
	return codici, righe
}

// RemoveFactor takes away an app or passkey of who has signed in; the last one
// only where none must be had.
func (a *Auth) RemoveFactor(ctx context.Context, s *Sessione, id string) error {
	if err := a.confermato(s.Chi, access.Fattori); err != nil {
		return err
	}
	tutti, err := a.archivio.Secondi(ctx, s.Ente, s.Persona)
	if err != nil {
		return err
	}
	var tolto *Secondo
	restano := 0
	for i, f := range tutti {
		switch {
		case f.Tipo == Codice:
		case hex.EncodeToString(f.ID) == id:
			tolto = &tutti[i]
		default:
			restano++
		}
	}
	if tolto == nil {
		return nil
	}
	c := Cambio{TogliSecondo: tolto.ID, Notizia: a.notizia(s.Chi, s.Persona, FattoreTolto, tolto.Nome, true)}
	if restano == 0 {
		r, err := a.Regola(ctx, s.Ente)
		if err != nil {
			return err
		}
		if r.Obbliga(day.In(a.now())) {
			return fault.New(fault.Invalid, "È l'unico che hai, e uno ci vuole. Aggiungine prima un altro.")
		}
		c.Togli = []TipoSecondo{Codice}
	}
	if err := a.senzaPasskey(ctx, s.Ente, s.Persona, tolto.ID); err != nil {
		return err
	}
	return a.cambia(ctx, s.Ente, s.Persona, c)
}

// ResetFactors takes every second factor and recovery code away from a person who
// lost them, and ends their sessions. It is recorded, and the person is told.
func (a *Auth) ResetFactors(ctx context.Context, chi access.Chi, persona string) error {
	if _, err := a.daAmministrare(ctx, chi, persona); err != nil {
		return err
	}
	if err := a.senzaPasskey(ctx, chi.Ente, persona, nil); err != nil {
		return err
	}
	return a.cambia(ctx, chi.Ente, persona, Cambio{Togli: []TipoSecondo{App, Passkey, Codice}, FineSessioni: true,
		Notizia: a.notizia(chi, persona, FattoriAzzerati, "", true)})
}

// Attesa is a sign-in that stopped half way: the second factor is awaited, or the
// session rested for twenty minutes and is locked.
type Attesa struct {
	Ente, Persona string
	Utente, Nome  string
	Bloccata      bool
	HaApp         bool
	HaPasskey     bool
	HaCodici      bool
	creata        time.Time
	riga          []byte
}

// Waiting says who stopped half way with this cookie: fault.Unauthenticated when
// nobody did, or too long ago.
func (a *Auth) Waiting(ctx context.Context, ente, cookie string) (Attesa, error) {
	c, err := a.riga(ctx, ente, cookie)
	if err != nil {
		return Attesa{}, err
	}
	stato := a.viva(c)
	switch {
	case c.Mezza && a.now().Sub(c.Creata) < DurataMezza:
	case errors.Is(stato, ErrBloccata):
	default:
		return Attesa{}, errAccedi
	}
	v, err := a.voce(ctx, ente, c.Persona)
	if assente(err) || err == nil && !v.persona.Attiva {
		return Attesa{}, errAccedi
	}
	if err != nil {
		return Attesa{}, err
	}
	out := Attesa{Ente: ente, Persona: c.Persona, Utente: v.persona.Utente, Nome: v.persona.Nome, Bloccata: !c.Mezza, creata: c.Creata, riga: c.ID}
	tutti, err := a.archivio.Secondi(ctx, ente, c.Persona)
	for _, f := range tutti {
		out.HaApp = out.HaApp || f.Tipo == App
		out.HaPasskey = out.HaPasskey || f.Tipo == Passkey
		out.HaCodici = out.HaCodici || f.Tipo == Codice
	}
	return out, err
}

// WithCode completes a sign-in with the code of an app or a recovery code, and
// gives the session's new cookie. Wrong codes slow down whoever tries for that
// person, from wherever and in however many sessions.
func (a *Auth) WithCode(ctx context.Context, ente, cookie, codice string, da Da) (string, error) {
	w, err := a.Waiting(ctx, ente, cookie)
	if err != nil {
		return "", err
	}
	if w.Bloccata {
		return "", ErrBloccata
	}
	freni := a.freniFattore(ente, w.Persona, da.Rete)
	if _, err := a.leggiFreni(ctx, freni); err != nil {
		return "", err
	}
	fine, err := a.attendiTurno(ctx)
	if err != nil {
		return "", err
	}
	defer fine()
	scritti, err := a.conta(ctx, freni)
	if err != nil {
		return "", err
	}
	con, err := a.provaCodice(ctx, ente, w, codice)
	if errors.Is(err, errCodice) && freni[0].volte(scritti[0]) == liberiFattore {
		if err := a.annota(ctx, *a.notizia(access.Chi{Ente: ente}, w.Persona, CodiciSbagliati, "", true)); err != nil {
			return "", err
		}
	}
	if err != nil {
		return "", err
	}
	if err := a.sconta(ctx, freni); err != nil {
		return "", err
	}
	return a.rinnova(ctx, ente, w.riga, con, nil)
}

// annota records something that changes nothing else.
func (a *Auth) annota(ctx context.Context, n Notizia) error {
	return a.archivio.AggiornaPersona(ctx, n.Ente, n.Persona, Cambio{Notizia: &n})
}

// provaCodice uses a code, once; errCodice when it opens nothing.
func (a *Auth) provaCodice(ctx context.Context, ente string, w Attesa, scritto string) (con TipoSecondo, err error) {
	tutti, err := a.archivio.Secondi(ctx, ente, w.Persona)
	if err != nil {
		return "", err
	}
	if c, ok := sembraApp(scritto); ok {
		return App, a.provaApp(ctx, tutti, c)
	}
	if c, err := vault.ParseCodice(scritto); err == nil {
		return Codice, a.provaRecupero(ctx, tutti, c)
	}
	return "", errCodice
}

func (a *Auth) provaApp(ctx context.Context, tutti []Secondo, codice string) error {
	for _, f := range tutti {
		if f.Tipo != App {
			continue
		}
		seme, err := a.ring.Open(f.contesto(), f.Segreto)
		if err != nil {
			return fault.Wrap(err, fault.Internal, "Il secondo fattore non si apre. Chiedi a chi amministra il programma.")
		}
		passo, ok := passoDi(seme, codice, a.now(), f.Ultimo)
		if !ok {
			continue
		}
		f.Ultimo, f.Usato = passo, a.now()
		return a.usa(ctx, f, Uso{Aggiorna: &f}, "passo", strconv.FormatInt(passo, 10))
	}
	return errCodice
}

func (a *Auth) provaRecupero(ctx context.Context, tutti []Secondo, codice string) error {
	h := sha256.Sum256([]byte(codice))
	for _, f := range tutti {
		if f.Tipo != Codice {
			continue
		}
		d, err := a.ring.Open(f.contesto(), f.Segreto)
		if err != nil || subtle.ConstantTimeCompare(d, h[:]) != 1 {
			continue
		}
		if err := a.usa(ctx, f, Uso{Elimina: &f}, "codice"); err != nil {
			return err
		}
		return a.annota(ctx, *a.notizia(access.Chi{Ente: f.Ente, Persona: f.Persona}, f.Persona, CodiceUsato, "", true))
	}
	return errCodice
}

// usa puts our mark on what may be used once; errCodice when somebody was quicker.
func (a *Auth) usa(ctx context.Context, f Secondo, u Uso, che ...string) error {
	nome := vault.Context("usato", append([]string{f.Ente, f.Persona, hex.EncodeToString(f.ID)}, che...)...)
	u.Chiave, u.Segno, u.Fino = digest(a.ring.Derive("usati"), nome), make([]byte, 16), a.now().Add(durataConsumati)
	rand.Read(u.Segno)
	nostro, err := a.archivio.Usa(ctx, u)
	if err == nil && !nostro {
		err = errCodice
	}
	return err
}
