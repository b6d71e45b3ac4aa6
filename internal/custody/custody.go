// Package custody is what the members of a compartment do with its keys: found it,
// open it, admit and remove people, print sheets and recover with them. The
// cryptography is package vault's, the person's own key package auth's; here are who
// may, in which order it is written, and what is on record. It believes nothing that
// Unlock has not proved.
package custody

import (
	"context"
	"crypto"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// Chiavi is the key store.
type Chiavi interface {
	Compartimento(ctx context.Context, ente, nome string) (*vault.Compartimento, error)
	// Applica writes all of a change, if it rests on the newest version; else
	// fault.Conflict.
	Applica(ctx context.Context, ch *vault.Change, persona string) error
	// Ricordo is what a person remembers of a compartment, sealed; nil: nothing yet.
	Ricordo(ctx context.Context, ente, nome, persona string) ([]byte, error)
	SalvaRicordo(ctx context.Context, ente, nome, persona string, chiuso []byte) error
	Firma(ctx context.Context, ente string) (crypto.Signer, error)
	Verifica(ctx context.Context, ente string) (vault.Verify, error)
}

// Registro is what is known of the keys outside their store: a copy of the store that
// is put back no longer fits it.
type Registro interface {
	// AnnotaChiave adds an act on keys under the next number. One with an Impronta is
	// announced before the key store is written, and confirmed after.
	AnnotaChiave(ctx context.Context, a Atto) error
	ConfermaChiave(ctx context.Context, ente, comparto string, impronta [32]byte) error
	// AttiChiave are the last acts, newest first.
	AttiChiave(ctx context.Context, ente, comparto string, quanti int) ([]Atto, error)
	// Impronte are the versions that the store may have as its newest: the last that
	// was confirmed, zero if none ever was, and those announced since.
	Impronte(ctx context.Context, ente, comparto string) (confermata [32]byte, annunciate [][32]byte, err error)
	// Ricordato reports whether a person pinned the founding key under that key of
	// their own.
	Ricordato(ctx context.Context, ente, comparto, persona, chiave string) (bool, error)
	// Recenti are the newest wraps for a version.
	Recenti(ctx context.Context, ente, comparto string, versione int) ([]vault.Involucro, error)
}

// Atto is something done to the keys of a compartment. It is only added.
type Atto struct {
	Ente, Compartimento string
	N                   int
	Il                  time.Time
	Chi                 string // who did it
	Persona             string // whom it is about, if somebody else
	Cosa                Cosa
	Versione            int    // of the compartment's key, as it was left
	Chiave              string // the id of that key; of a person's, where it is about one
	Nota                string
	Impronta            [32]byte // of the version as it was left; zero: none was written
	Fatto               bool     // the key store has it
}

// Cosa is what was done.
type Cosa string

// What may be done to the keys of a compartment.
const (
	Fondazione Cosa = "fondazione"
	Ricordo    Cosa = "ricordo" // a member pinned the founding key
	Ingresso   Cosa = "ingresso"
	Uscita     Cosa = "uscita"
	Rientro    Cosa = "rientro" // with another key, or in another place
	Fogli      Cosa = "fogli"
	Recupero   Cosa = "recupero"
	Furto      Cosa = "furto" // a member's own key, changed by themselves
	Allarme    Cosa = "allarme"
)

// Custody is the door to the compartments of members. Its fields are set once.
type Custody struct {
	Chiavi   Chiavi
	Registro Registro
	Auth     *auth.Auth
	Now      func() time.Time
}

var (
	// ErrChiuso says that the session has no unlocked key.
	ErrChiuso = fault.New(fault.Forbidden, "Per questa pagina sblocca prima la tua chiave con la frase.")

	errRuolo   = fault.New(fault.Forbidden, "Le chiavi di questo ufficio sono di chi ci lavora, per i giorni del suo incarico.")
	errCapo    = fault.New(fault.Forbidden, "Lo fa chi dirige l'ufficio, nei giorni del suo incarico.")
	errFondata = fault.New(fault.Conflict, "L'ufficio ha già le sue chiavi. Se non lo sapevi, chiama subito gli altri: l'impronta è nella pagina pubblica.")
	errPrima   = fault.New(fault.NotFound, "L'ufficio non ha ancora le sue chiavi: prima chi lo dirige le crea.")
	// ErrRicordo says that a member has not typed the founding key's id yet.
	ErrRicordo = fault.New(fault.Forbidden, "Prima scrivi l'impronta della prima chiave dell'ufficio.")

	errRicordata = fault.New(fault.Conflict, "Hai già scritto l'impronta della prima chiave.")
)

// membri are the roles whose people may be members; who heads the office is the first.
var membri = []string{access.UPT, access.UPTOperatore}

// Ruoli are the roles whose people may be members of a compartment.
func Ruoli() []string { return slices.Clone(membri) }

// Aspetto is what anybody may know of a compartment.
type Aspetto struct {
	Fondata  bool
	Versione int
	Prima    string // id of the founding key: on the public page, and on every sheet
	Ultima   string // id of the key that intake uses now
	K, N     int    // sheets that recover, and sheets there are
}

// Look says what anybody may know of a compartment, as the key store tells it.
func (c *Custody) Look(ctx context.Context, ente, nome string) (Aspetto, error) {
	k, err := c.Chiavi.Compartimento(ctx, ente, nome)
	if err != nil {
		return Aspetto{}, err
	}
	return aspetto(k)
}

func aspetto(k *vault.Compartimento) (a Aspetto, err error) {
	for _, v := range k.Versioni {
		a.Versione = v.N
		if v.Tipo != vault.TipoMembri {
			continue
		}
		key, err := vault.ParsePublicKey(v.Pubblica)
		if err != nil {
			return a, err
		}
		if !a.Fondata {
			a.Fondata, a.Prima = true, key.ID()
		}
		a.Ultima = key.ID()
	}
	for _, s := range k.Recupero.Chiuse {
		fogli := strings.Split(s.Custodi, "-")
		a.K = len(fogli)
		n, _ := strconv.Atoi(fogli[len(fogli)-1])
		a.N = min(max(a.N, n), 9) // the row can be forged
	}
	return a, nil
}

// Acts are the last acts on the keys of a compartment, newest first.
func (c *Custody) Acts(ctx context.Context, ente, nome string) ([]Atto, error) {
	return c.Registro.AttiChiave(ctx, ente, nome, 100)
}

// fuori is what is known of a compartment outside the key store. A change that was
// announced and written, and whose confirmation was lost, is confirmed now.
func (c *Custody) fuori(ctx context.Context, k *vault.Compartimento) (vault.Outside, error) {
	var o vault.Outside
	var err error
	if o.Verify, err = c.Chiavi.Verifica(ctx, k.Ente); err != nil {
		return o, err
	}
	var annunciate [][32]byte
	o.Ultima, annunciate, err = c.Registro.Impronte(ctx, k.Ente, k.Nome)
	if err != nil || len(k.Versioni) == 0 {
		return o, err
	}
	ultima := k.Versioni[len(k.Versioni)-1].Impronta()
	if slices.Contains(annunciate, ultima) {
		o.Ultima = ultima
		err = c.Registro.ConfermaChiave(ctx, k.Ente, k.Nome, ultima)
	}
	return o, err
}

// scrivi announces a change, writes it and confirms it. Once it is written it is
// never said to have failed: sheets are shown only this once.
func (c *Custody) scrivi(ctx context.Context, s *auth.Sessione, ch *vault.Change, a Atto) error {
	key, err := vault.ParsePublicKey(ch.Versione.Pubblica)
	if err != nil {
		return err
	}
	a.Ente, a.Compartimento, a.Il, a.Chi = ch.Versione.Ente, ch.Versione.Compartimento, c.Now(), s.Persona
	a.Versione, a.Impronta = ch.Versione.N, ch.Versione.Impronta()
	if a.Chiave == "" {
		a.Chiave = key.ID()
	}
	if err := c.Registro.AnnotaChiave(ctx, a); err != nil {
		return err
	}
	if err := c.Chiavi.Applica(ctx, ch, s.Persona); err != nil {
		return err
	}
	if err := c.Registro.ConfermaChiave(context.WithoutCancel(ctx), a.Ente, a.Compartimento, a.Impronta); err != nil {
		slog.WarnContext(ctx, "an act on keys was done and is not confirmed yet", "err", err)
	}
	slog.InfoContext(ctx, "keys of a compartment changed", "act", string(a.Cosa), "compartment", a.Compartimento, "version", a.Versione)
	return nil
}

// allarme puts an alarm on record; other errors pass.
func (c *Custody) allarme(ctx context.Context, s *auth.Sessione, nome string, err error) error {
	var a *vault.Allarme
	if !errors.As(err, &a) {
		return err
	}
	slog.ErrorContext(ctx, "the keys of a compartment do not fit", "compartment", nome, "err", a.Error())
	return errors.Join(err, c.Registro.AnnotaChiave(ctx, Atto{Ente: s.Ente, Compartimento: nome, Il: c.Now(), Chi: s.Persona, Cosa: Allarme, Nota: a.Motivo}))
}
