package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// Sito is what passkeys are bound to: the host of the pages, and their origin as
// the browser writes it ("https://host:port").
type Sito struct{ Host, Origine string }

// Sfida is a challenge for a passkey: Opzioni are for the browser, Sigillo comes
// back with its answer.
type Sfida struct {
	Opzioni []byte // JSON
	Sigillo string
}

const (
	durataSfida  = 5 * time.Minute
	maxRisposta  = 16 << 10 // bytes of an answer
	nomePerSfide = "Tutela" // how a browser calls us when it must
)

var (
	errPasskey      = fault.New(fault.Unauthenticated, "La passkey non è stata riconosciuta. Riprova, o accedi in un altro modo.")
	errSenzaPasskey = fault.New(fault.NotFound, "Non hai passkey.")
	errSenzaNome    = fault.New(fault.Invalid, "Le passkey non funzionano da questo indirizzo. Apri le pagine con il loro nome, non con un numero.")
)

// Accetta reports whether browsers make passkeys for such a host: never for a
// number.
func (s Sito) Accetta() bool {
	_, err := netip.ParseAddr(s.Host)
	return err != nil && s.Host != ""
}

// sfidaChiusa is a challenge until it is answered.
type sfidaChiusa struct {
	Dati  webauthn.SessionData
	Sale  []byte `json:",omitempty"` // for which the passkey's secret is asked
	Scade time.Time
}

// What a challenge was made for: its answer opens nothing else.
const (
	perEntrare    = "entrare"    // instead of name and password
	perFattore    = "fattore"    // after the password
	perConfermare = "confermare" // once more, or of a locked session
	perIscrivere  = "iscrivere"
	perAprire     = "aprire"    // to keep the person's own key
	perSbloccare  = "sbloccare" // and to open it
)

func contestoSfida(ente, scopo, persona string) string {
	if persona == "" {
		persona = "-"
	}
	return vault.Context("sfida", ente, scopo, persona)
}

// chiavi is a person as the library knows them.
type chiavi struct {
	persona, utente, nome string
	righe                 []Secondo
	chiavi                []webauthn.Credential
}

func (c *chiavi) WebAuthnID() []byte                         { return []byte(c.persona) }
func (c *chiavi) WebAuthnName() string                       { return c.utente }
func (c *chiavi) WebAuthnDisplayName() string                { return c.nome }
func (c *chiavi) WebAuthnCredentials() []webauthn.Credential { return c.chiavi }

// chiaviDi reads a person's passkeys. One that does not open is none.
func (a *Auth) chiaviDi(ctx context.Context, ente, persona, utente, nome string) (*chiavi, error) {
	tutti, err := a.archivio.Secondi(ctx, ente, persona)
	if err != nil {
		return nil, err
	}
	out := &chiavi{persona: persona, utente: utente, nome: nome}
	for _, f := range tutti {
		var c webauthn.Credential
		if f.Tipo != Passkey {
			continue
		}
		b, err := a.ring.Open(f.contesto(), f.Segreto)
		if err != nil || json.Unmarshal(b, &c) != nil {
			continue
		}
		out.righe, out.chiavi = append(out.righe, f), append(out.chiavi, c)
	}
	return out, nil
}

func motore(s Sito) (*webauthn.WebAuthn, error) {
	if !s.Accetta() {
		return nil, errSenzaNome
	}
	w, err := webauthn.New(&webauthn.Config{RPID: s.Host, RPDisplayName: nomePerSfide, RPOrigins: []string{s.Origine},
		AttestationPreference: protocol.PreferNoAttestation})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, errSenzaNome.Message)
	}
	return w, nil
}

func (a *Auth) chiudiSfida(ente, scopo, persona string, opzioni any, x sfidaChiusa) (Sfida, error) {
	o, err := json.Marshal(opzioni)
	if err != nil {
		return Sfida{}, err
	}
	x.Scade = a.now().Add(durataSfida)
	b, err := json.Marshal(x)
	if err != nil {
		return Sfida{}, err
	}
	return Sfida{Opzioni: o, Sigillo: base64.RawURLEncoding.EncodeToString(a.ring.Seal(contestoSfida(ente, scopo, persona), b))}, nil
}

// apriSfida opens one that was made for this and is not too old.
func (a *Auth) apriSfida(ente, scopo, persona, sigillo string) (s sfidaChiusa, err error) {
	b, err := base64.RawURLEncoding.DecodeString(sigillo)
	if err == nil && len(b) <= maxRisposta {
		b, err = a.ring.Open(contestoSfida(ente, scopo, persona), b)
	}
	if err != nil || json.Unmarshal(b, &s) != nil || !a.now().Before(s.Scade) {
		return s, errPasskey
	}
	return s, nil
}

// ChallengeEnter is for somebody who has not said who they are.
func (a *Auth) ChallengeEnter(ente string, sito Sito) (Sfida, error) {
	w, err := motore(sito)
	if err != nil {
		return Sfida{}, err
	}
	o, d, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Sfida{}, err
	}
	return a.chiudiSfida(ente, perEntrare, "", o, sfidaChiusa{Dati: *d})
}

// ChallengeWaiting is for who stopped half way: after the password, or at a lock,
// where the passkey stands for it and must know the person.
func (a *Auth) ChallengeWaiting(ctx context.Context, w Attesa, sito Sito) (Sfida, error) {
	if w.Bloccata {
		return a.sfidaDi(ctx, w.Ente, perConfermare, w.Persona, protocol.VerificationRequired, sito)
	}
	return a.sfidaDi(ctx, w.Ente, perFattore, w.Persona, protocol.VerificationPreferred, sito)
}

// ChallengeConfirm is for who has signed in and proves it once more.
func (a *Auth) ChallengeConfirm(ctx context.Context, s *Sessione, sito Sito) (Sfida, error) {
	return a.sfidaDi(ctx, s.Ente, perConfermare, s.Persona, protocol.VerificationRequired, sito)
}

// sfidaDi is a challenge to one of a person's passkeys; fault.NotFound when there
// are none.
func (a *Auth) sfidaDi(ctx context.Context, ente, scopo, persona string, uv protocol.UserVerificationRequirement, sito Sito) (Sfida, error) {
	w, err := motore(sito)
	if err != nil {
		return Sfida{}, err
	}
	k, err := a.chiaviDi(ctx, ente, persona, "", "")
	if err != nil {
		return Sfida{}, err
	}
	if len(k.chiavi) == 0 {
		return Sfida{}, errSenzaPasskey
	}
	o, d, err := w.BeginLogin(k, webauthn.WithUserVerification(uv))
	if err != nil {
		return Sfida{}, err
	}
	return a.chiudiSfida(ente, scopo, persona, o, sfidaChiusa{Dati: *d})
}

// ChallengeAdd is for a new passkey of who has signed in.
func (a *Auth) ChallengeAdd(ctx context.Context, s *Sessione, sito Sito) (Sfida, error) {
	w, err := motore(sito)
	if err != nil {
		return Sfida{}, err
	}
	k, err := a.chiaviDi(ctx, s.Ente, s.Persona, s.Utente, s.Nome)
	if err != nil {
		return Sfida{}, err
	}
	o, d, err := w.BeginRegistration(k, webauthn.WithExclusions(webauthn.Credentials(k.chiavi).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementPreferred,
			UserVerification: protocol.VerificationPreferred}),
		webauthn.WithExtensions(webauthn.WithExtensionPRFSupport())) // most devices give a secret only where it was said so here
	if err != nil {
		return Sfida{}, err
	}
	return a.chiudiSfida(s.Ente, perIscrivere, s.Persona, o, sfidaChiusa{Dati: *d})
}

// AddPasskey takes a new passkey by the browser's answer. With the first factor
// come the recovery codes, shown this once.
func (a *Auth) AddPasskey(ctx context.Context, s *Sessione, sito Sito, sigillo, risposta, nome string) ([]string, error) {
	no := fault.New(fault.Invalid, "La passkey non è stata aggiunta. Riprova da questa pagina.")
	w, err := motore(sito)
	if err != nil {
		return nil, err
	}
	d, err := a.apriSfida(s.Ente, perIscrivere, s.Persona, sigillo)
	if err != nil || len(risposta) > maxRisposta {
		return nil, no
	}
	x, err := protocol.ParseCredentialCreationResponseBytes([]byte(risposta))
	if err != nil {
		return nil, no
	}
	k, err := a.chiaviDi(ctx, s.Ente, s.Persona, s.Utente, s.Nome)
	if err != nil {
		return nil, err
	}
	c, err := w.CreateCredential(k, d.Dati, x)
	if err != nil {
		return nil, no
	}
	c.Attestation = webauthn.CredentialAttestation{} // nobody vouches for it: what was asked is none
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	f := a.nuovoSecondo(s, Passkey, nome)
	copy(f.ID, digest([]byte(d.Dati.Challenge), "passkey")) // the same answer sent twice is one passkey
	a.sigillaSecondo(&f, b)
	return a.aggiungi(ctx, s, f, PasskeyAggiunta)
}

// WithPasskey signs in with a passkey: instead of name and password when cookie is
// empty, else as the second factor of half a session or at a lock. It gives the
// session's cookie.
func (a *Auth) WithPasskey(ctx context.Context, ente, cookie string, sito Sito, sigillo, risposta string, da Da) (string, error) {
	if cookie == "" {
		return a.entraPasskey(ctx, ente, sito, sigillo, risposta, da)
	}
	w, err := a.Waiting(ctx, ente, cookie)
	if err != nil {
		return "", err
	}
	scopo := perFattore
	if w.Bloccata {
		scopo = perConfermare
	}
	if _, err := a.risponde(ctx, ente, scopo, w.Persona, sito, sigillo, risposta); err != nil {
		return "", err
	}
	return a.rinnova(ctx, ente, w.riga, Passkey, nil)
}

// ConfirmPasskey is Confirm with a passkey.
func (a *Auth) ConfirmPasskey(ctx context.Context, s *Sessione, sito Sito, sigillo, risposta string) (cookie string, err error) {
	if _, err := a.risponde(ctx, s.Ente, perConfermare, s.Persona, sito, sigillo, risposta); err != nil {
		return "", err
	}
	return a.provato(ctx, s, Passkey)
}

func (a *Auth) entraPasskey(ctx context.Context, ente string, sito Sito, sigillo, risposta string, da Da) (string, error) {
	freni := conRete(a.chiaveFreni(), da.Rete)
	if len(freni) > 0 {
		if _, err := a.conta(ctx, freni); err != nil {
			return "", err
		}
	}
	p, err := a.risponde(ctx, ente, perEntrare, "", sito, sigillo, risposta)
	if err != nil {
		return "", err
	}
	return a.apri(ctx, p.Persona, string(Passkey), false, da)
}

// prova is what an answer to a challenge has shown.
type prova struct {
	Persona
	riga    Secondo // the passkey
	sale    []byte  // for which its secret was asked
	segreto []byte  // nil: it was not asked, or the authenticator gives none
}

// risponde checks the answer to a challenge and uses it, once: it says whose the
// passkey is.
func (a *Auth) risponde(ctx context.Context, ente, scopo, persona string, sito Sito, sigillo, risposta string) (p prova, err error) {
	w, err := motore(sito)
	if err != nil {
		return p, err
	}
	d, err := a.apriSfida(ente, scopo, persona, sigillo)
	if err != nil {
		return p, err
	}
	if len(risposta) > maxRisposta {
		return p, errPasskey
	}
	x, err := protocol.ParseCredentialRequestResponseBytes([]byte(risposta))
	if err != nil {
		return p, errPasskey
	}
	var k *chiavi
	var guasto error // of ours, which the library would hide
	trova := func(id string) (webauthn.User, error) {
		if p.Persona, guasto = a.archivio.Persona(ctx, ente, id); guasto == nil {
			k, guasto = a.chiaviDi(ctx, ente, p.ID, p.Utente, p.Nome)
		}
		if guasto == nil && !p.Attiva {
			return nil, errPasskey
		}
		return k, guasto
	}
	var c *webauthn.Credential
	if persona == "" {
		_, c, err = w.ValidatePasskeyLogin(func(_, chi []byte) (webauthn.User, error) { return trova(string(chi)) }, d.Dati, x)
	} else if u, e := trova(persona); e != nil {
		err = e
	} else {
		c, err = w.ValidateLogin(u, d.Dati, x)
	}
	if guasto != nil && !assente(guasto) {
		return p, guasto
	}
	if err != nil {
		return p, errPasskey
	}
	p.sale = d.Sale
	if r := x.ClientExtensionResults.PRF; r != nil && r.Results != nil {
		p.segreto = r.Results.First
	}
	p.riga, err = a.usaPasskey(ctx, k, c, d.Dati.Challenge)
	return p, err
}

// usaPasskey uses an answer, once, and stores what the passkey counts. One whose
// counter goes back was copied: it opens nothing, and the person is told.
func (a *Auth) usaPasskey(ctx context.Context, k *chiavi, c *webauthn.Credential, sfida string) (Secondo, error) {
	i := slices.IndexFunc(k.chiavi, func(x webauthn.Credential) bool { return slices.Equal(x.ID, c.ID) })
	if i < 0 {
		return Secondo{}, errPasskey
	}
	f, copiata := k.righe[i], c.Authenticator.CloneWarning
	var u Uso
	if !copiata {
		b, err := json.Marshal(c)
		if err != nil {
			return f, err
		}
		a.sigillaSecondo(&f, b)
		f.Usato, u.Aggiorna = a.now(), &f
	}
	err := a.usa(ctx, f, u, "sfida", sfida)
	if errors.Is(err, errCodice) {
		return f, errPasskey
	}
	if err == nil && copiata {
		err = errPasskey
		if e := a.annota(ctx, *a.notizia(access.Chi{Ente: f.Ente}, f.Persona, PasskeyCopiata, f.Nome, true)); e != nil {
			err = e
		}
	}
	return f, err
}
