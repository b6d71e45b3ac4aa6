package auth

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// A person's own key has more than one way in: the passphrase, always; a code printed
// for the day when that is forgotten; and a passkey, where the authenticator gives a
// secret with its answer (WebAuthn's prf). The ways are equal, and each opens the same
// key: who takes one away leaves the others as they are. Where one was stolen, the key
// itself is to be changed.

var (
	errSenzaPRF    = fault.New(fault.Invalid, "Questa passkey non può aprire la tua chiave: il dispositivo non dà il segreto che serve. Non è cambiato niente: continua con la frase.")
	errSenzaFoglio = fault.New(fault.NotFound, "Non hai un foglio personale, o l'hai tolto. Usa la frase.")
	errSlotTolto   = fault.New(fault.Invalid, "Questo modo di aprire la chiave non c'è, o l'hai già tolto. Guarda l'elenco.")
	errFraseResta  = fault.New(fault.Invalid, "La frase non si toglie: si cambia.")
)

// RigaSlot is a way into a person's own key, as their page lists it.
type RigaSlot struct {
	ID   string
	Tipo string    // of vault.MemberSlot
	Nome string    // of a passkey
	Dal  time.Time // zero: not known
}

// di is the first slot of a kind.
func (k MiaChiave) di(tipo string) (vault.MemberSlot, bool) {
	i := slices.IndexFunc(k.slot, func(x vault.MemberSlot) bool { return x.Tipo == tipo })
	if i < 0 {
		return vault.MemberSlot{}, false
	}
	return k.slot[i], true
}

// Slots are the ways into the key of who has signed in, oldest first.
func (a *Auth) Slots(ctx context.Context, s *Sessione) ([]RigaSlot, error) {
	k, err := a.Key(ctx, s)
	if err != nil {
		return nil, err
	}
	tutti, err := a.archivio.Secondi(ctx, s.Ente, s.Persona)
	if err != nil {
		return nil, err
	}
	out := make([]RigaSlot, len(k.slot))
	for i, x := range k.slot {
		out[i] = RigaSlot{ID: x.ID, Tipo: x.Tipo}
		if id, err := vault.ParseID(x.ID); err == nil {
			out[i].Dal = id.Time()
		}
		for _, f := range tutti {
			if x.Tipo == vault.SlotPRF && bytes.Equal(f.ID, x.Verifica) {
				out[i].Nome = f.Nome
			}
		}
	}
	slices.SortStableFunc(out, func(x, y RigaSlot) int { return x.Dal.Compare(y.Dal) })
	return out, nil
}

// sua is the key of who has signed in, unlocked and their newest, with a proof just
// given: what changes the ways into it.
func (a *Auth) sua(ctx context.Context, s *Sessione) (MiaChiave, error) {
	if err := a.confermato(s.Chi, access.Chiavi); err != nil {
		return MiaChiave{}, err
	}
	k, err := a.Key(ctx, s)
	if err == nil && (s.membro == nil || s.membro.Numero != k.Numero) {
		err = errAperta
	}
	return k, err
}

// salvaSlot puts on record that a person's key has another way in, and stores it.
func (a *Auth) salvaSlot(ctx context.Context, s *Sessione, m *vault.MemberKey, slot vault.MemberSlot, cosa Cosa, nota string) error {
	if err := a.cambia(ctx, s.Ente, s.Persona, Cambio{Notizia: a.notizia(s.Chi, s.Persona, cosa, nota, true)}); err != nil {
		return err
	}
	return a.chiavi.SalvaMembro(ctx, m.Membro, slot)
}

func (a *Auth) idSlot() string { return vault.NewID(a.now()).String() }

// NewSheet makes a printed code that opens the unlocked key too; the one before opens
// nothing more. It is shown this once.
func (a *Auth) NewSheet(ctx context.Context, s *Sessione) (vault.Riservato, error) {
	if _, err := a.sua(ctx, s); err != nil {
		return vault.Riservato{}, err
	}
	slot, codice := s.membro.FoglioSlot(a.idSlot())
	return codice, a.salvaSlot(ctx, s, s.membro, slot, FoglioNuovo, "")
}

// WithSheet checks the printed code of who forgot the passphrase, and gives a new
// passphrase to be typed back: the key is unlocked when it is. The code goes on with
// the page, sealed. What is wrong is fault.Invalid.
func (a *Auth) WithSheet(ctx context.Context, s *Sessione, scritto vault.Riservato, da Da) (f FraseNuova, err error) {
	k, err := a.Key(ctx, s)
	if err != nil {
		return f, err
	}
	slot, ok := k.di(vault.SlotFoglio)
	if !ok {
		return f, errSenzaFoglio
	}
	err = a.tenta(ctx, s, da, func() error {
		_, err := slot.OpenFoglio(scritto)
		if err == nil {
			f = a.nuovaFrase(s, scritto.Valore())
		}
		return err
	})
	return f, err
}

// RemoveSlot takes a way in away from the unlocked key of who has signed in; never the
// passphrase.
func (a *Auth) RemoveSlot(ctx context.Context, s *Sessione, id string) error {
	k, err := a.sua(ctx, s)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(k.slot, func(x vault.MemberSlot) bool { return x.ID == id })
	if i < 0 {
		return errSlotTolto
	}
	if k.slot[i].Tipo == vault.SlotPassphrase {
		return errFraseResta
	}
	cosa := FoglioTolto
	if k.slot[i].Tipo == vault.SlotPRF {
		cosa = SlotTolto
	}
	if err := a.cambia(ctx, s.Ente, s.Persona, Cambio{Notizia: a.notizia(s.Chi, s.Persona, cosa, "", true)}); err != nil {
		return err
	}
	return a.chiavi.TogliSlot(ctx, s.Ente, s.Persona, id)
}

// senzaPasskey takes away the slots of a passkey that goes; of all where none is named.
func (a *Auth) senzaPasskey(ctx context.Context, ente, persona string, riga []byte) error {
	slot, err := a.chiavi.Slot(ctx, ente, persona)
	for _, x := range slot {
		if err == nil && x.Tipo == vault.SlotPRF && (riga == nil || bytes.Equal(x.Verifica, riga)) {
			err = a.chiavi.TogliSlot(ctx, ente, persona, x.ID)
		}
	}
	return err
}

// ChallengeSlot asks a passkey of who has signed in for the secret under which it
// shall keep their key; fault.NotFound when they have none.
func (a *Auth) ChallengeSlot(ctx context.Context, s *Sessione, sito Sito) (Sfida, error) {
	k, err := a.Key(ctx, s)
	if err != nil {
		return Sfida{}, err
	}
	sale := vault.NewKey()
	if x, ok := k.di(vault.SlotPRF); ok { // one for a key, whichever passkey answers
		sale = x.Sale
	}
	return a.sfidaSegreto(ctx, s, sito, perAprire, sale, func([]byte) bool { return true })
}

// ChallengeUnlock asks a passkey that opens the key of who has signed in for its
// secret; fault.NotFound when none does.
func (a *Auth) ChallengeUnlock(ctx context.Context, s *Sessione, sito Sito) (Sfida, error) {
	k, err := a.Key(ctx, s)
	if err != nil {
		return Sfida{}, err
	}
	x, ok := k.di(vault.SlotPRF)
	if !ok {
		return Sfida{}, errSenzaPasskey
	}
	return a.sfidaSegreto(ctx, s, sito, perSbloccare, x.Sale, func(riga []byte) bool {
		return slices.ContainsFunc(k.slot, func(x vault.MemberSlot) bool { return x.Tipo == vault.SlotPRF && bytes.Equal(x.Verifica, riga) })
	})
}

// sfidaSegreto is a challenge to those of a person's passkeys that va accepts, which
// also asks for their secret.
func (a *Auth) sfidaSegreto(ctx context.Context, s *Sessione, sito Sito, scopo string, sale []byte, va func(riga []byte) bool) (Sfida, error) {
	w, err := motore(sito)
	if err != nil {
		return Sfida{}, err
	}
	k, err := a.chiaviDi(ctx, s.Ente, s.Persona, "", "")
	if err != nil {
		return Sfida{}, err
	}
	var ammesse []protocol.CredentialDescriptor
	for i, c := range k.chiavi {
		if va(k.righe[i].ID) {
			ammesse = append(ammesse, c.Descriptor())
		}
	}
	if len(ammesse) == 0 {
		return Sfida{}, errSenzaPasskey
	}
	o, d, err := w.BeginLogin(k, webauthn.WithUserVerification(protocol.VerificationRequired), webauthn.WithAllowedCredentials(ammesse),
		webauthn.WithAssertionExtensions(webauthn.WithExtensionPRF(protocol.PRFValues{First: sale})))
	if err != nil {
		return Sfida{}, err
	}
	return a.chiudiSfida(s.Ente, scopo, s.Persona, o, sfidaChiusa{Dati: *d, Sale: sale})
}

// AddPasskeySlot makes a passkey open the unlocked key too, by the browser's answer.
// One whose authenticator gives no secret is fault.Invalid, and nothing changes.
func (a *Auth) AddPasskeySlot(ctx context.Context, s *Sessione, sito Sito, sigillo, risposta string) error {
	if _, err := a.sua(ctx, s); err != nil {
		return err
	}
	p, err := a.risponde(ctx, s.Ente, perAprire, s.Persona, sito, sigillo, risposta)
	if err != nil {
		return err
	}
	if len(p.segreto) != 32 {
		return errSenzaPRF
	}
	slot, err := s.membro.PRFSlot(a.idSlot(), p.riga.ID, p.sale, p.segreto)
	if err != nil {
		return err
	}
	return a.salvaSlot(ctx, s, s.membro, slot, PasskeyApre, p.riga.Nome)
}

// UnlockPasskey is UnlockKey with a passkey.
func (a *Auth) UnlockPasskey(ctx context.Context, s *Sessione, sito Sito, sigillo, risposta string) error {
	p, err := a.risponde(ctx, s.Ente, perSbloccare, s.Persona, sito, sigillo, risposta)
	if err != nil {
		return err
	}
	k, err := a.Key(ctx, s)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(k.slot, func(x vault.MemberSlot) bool { return x.Tipo == vault.SlotPRF && bytes.Equal(x.Verifica, p.riga.ID) })
	if i < 0 {
		return errPasskey
	}
	m, err := k.slot[i].OpenPRF(p.segreto)
	if err != nil {
		return err
	}
	return a.tieni(ctx, s, m)
}

// NextKey makes the key that shall follow the unlocked one of who has signed in, with
// the passphrase that was typed back: nothing is stored before TakeKey. What is wrong
// is fault.Invalid, in the field "frase".
func (a *Auth) NextKey(ctx context.Context, s *Sessione, sigillo string, scritta vault.Riservato) (*vault.MemberKey, vault.MemberSlot, error) {
	k, err := a.sua(ctx, s)
	if err != nil {
		return nil, vault.MemberSlot{}, err
	}
	x, err := a.scritta(s, sigillo, scritta)
	if err != nil {
		return nil, vault.MemberSlot{}, err
	}
	m := vault.NewMemberKey(s.Ente, s.Persona, k.Numero+1)
	slot, err := a.slot(ctx, s, m, vault.NewRiservato(x.Frase))
	return m, slot, err
}

// TakeKey goes on with the next key, which scrivi stores; nil: it is only the person's.
// Every way into the key before is gone, and so are the person's other sessions, one
// of which may be the thief's.
func (a *Auth) TakeKey(ctx context.Context, s *Sessione, m *vault.MemberKey, slot vault.MemberSlot, scrivi func() error) error {
	questa, _ := leggiSegreto(s.ID)
	if err := a.cambia(ctx, s.Ente, s.Persona, Cambio{FineSessioni: true, TranneQuesta: questa,
		Notizia: a.notizia(s.Chi, s.Persona, ChiaveCambiata, vault.Gruppi(m.KeyID()), true)}); err != nil {
		return err
	}
	if scrivi == nil {
		scrivi = func() error { return a.chiavi.SalvaMembro(ctx, m.Membro, slot) }
	}
	if err := scrivi(); err != nil {
		return err
	}
	return a.tieni(ctx, s, m)
}

// HasPasskey reports whether who has signed in has a passkey that could open their key.
func (a *Auth) HasPasskey(ctx context.Context, s *Sessione) (bool, error) {
	tutti, err := a.archivio.Secondi(ctx, s.Ente, s.Persona)
	return slices.ContainsFunc(tutti, func(f Secondo) bool { return f.Tipo == Passkey }), err
}
