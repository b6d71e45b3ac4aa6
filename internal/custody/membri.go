package custody

import (
	"context"
	"slices"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// Ufficio is a compartment that a member has open, for one request.
type Ufficio struct {
	*vault.Unlocked
	Aspetto
	Membri []vault.Membro // the table of people's keys: only to be compared by voice
}

// Sbloccati is what a session can open: the compartments of which it is a member, and
// what was sealed to the person alone. A nil one opens nothing.
type Sbloccati struct {
	sua    vault.Opener
	aperti map[string]*vault.Unlocked
}

// Opener opens what was wrapped for a compartment.
func (x *Sbloccati) Opener(nome string) (vault.Opener, bool) {
	if x == nil || x.aperti[nome] == nil {
		return vault.Opener{}, false
	}
	return x.aperti[nome].Opener(), true
}

// Recipient is a compartment for a member who writes to it, by the key just proved.
func (x *Sbloccati) Recipient(nome string) (vault.Recipient, bool) {
	if x == nil || x.aperti[nome] == nil {
		return vault.Recipient{}, false
	}
	return x.aperti[nome].Recipient(), true
}

// Person is somebody of a compartment's roll, to wrap single parts for.
func (x *Sbloccati) Person(nome, persona string) (vault.Recipient, error) {
	if x == nil || x.aperti[nome] == nil {
		return vault.Recipient{}, ErrChiuso
	}
	return x.aperti[nome].Person(persona)
}

// Own opens what was wrapped for the person alone.
func (x *Sbloccati) Own() (vault.Opener, bool) {
	if x == nil {
		return vault.Opener{}, false
	}
	return x.sua, true
}

// puo lets pass who has a key unlocked and one of the roles today.
func puo(s *auth.Sessione, ruoli ...string) error {
	switch {
	case !s.Ha(ruoli...) && len(ruoli) == 1:
		return errCapo
	case !s.Ha(ruoli...):
		return errRuolo
	case s.Membro() == nil:
		return ErrChiuso
	}
	return nil
}

// agisce is puo for what changes keys: the person has just proved who they are.
func (c *Custody) agisce(s *auth.Sessione, ruoli ...string) error {
	if err := puo(s, ruoli...); err != nil {
		return err
	}
	if !access.Confermato(s.Chi, access.Chiavi, c.Now()) {
		return auth.ErrConferma
	}
	return nil
}

// Sbloccati opens, for one request, what the session can. ErrChiuso when its key is
// locked, a *vault.Allarme when something does not fit. Who was not admitted, or only
// as an assistant, opens what was sealed to them alone.
func (c *Custody) Sbloccati(ctx context.Context, s *auth.Sessione, nome string) (*Sbloccati, error) {
	if err := puo(s, membri...); err != nil {
		return nil, err
	}
	x := &Sbloccati{sua: s.Membro().Opener(), aperti: map[string]*vault.Unlocked{}}
	k, err := c.Chiavi.Compartimento(ctx, s.Ente, nome)
	if err != nil {
		return nil, err
	}
	if !ammessa(k, s.Membro()) {
		return x, nil
	}
	if err := c.ricorda(ctx, s, nome); err != nil {
		return nil, err
	}
	x.aperti[nome], err = c.apri(ctx, s, k, false)
	if err != nil {
		return nil, err
	}
	return x, nil
}

// ammessa reports whether the newest version was handed to a member's key.
func ammessa(k *vault.Compartimento, m *vault.MemberKey) bool {
	return slices.ContainsFunc(k.Consegne, func(g vault.Consegna) bool {
		return g.Destinatario == "persona."+m.Persona && g.Numero == m.Numero
	})
}

// ricorda is ErrRicordo for a member who has not pinned the founding key with the key
// they have now. Who has, and whose pin is gone, is for Unlock.
func (c *Custody) ricorda(ctx context.Context, s *auth.Sessione, nome string) error {
	si, err := c.Registro.Ricordato(ctx, s.Ente, nome, s.Persona, s.Membro().KeyID())
	if err == nil && !si {
		err = ErrRicordo
	}
	return err
}

// apri is Unlock with what is known outside the key store, and the pin as it was left.
func (c *Custody) apri(ctx context.Context, s *auth.Sessione, k *vault.Compartimento, recenti bool) (*vault.Unlocked, error) {
	o, err := c.fuori(ctx, k)
	if err != nil {
		return nil, err
	}
	if recenti {
		if o.Recenti, err = c.Registro.Recenti(ctx, k.Ente, k.Nome, k.Versioni[len(k.Versioni)-1].N); err != nil {
			return nil, err
		}
	}
	pin, err := c.Chiavi.Ricordo(ctx, k.Ente, k.Nome, s.Persona)
	if err != nil {
		return nil, err
	}
	u, err := k.Unlock(s.Membro(), pin, o)
	if err != nil {
		return nil, err
	}
	if u.Pin != nil {
		err = c.Chiavi.SalvaRicordo(ctx, k.Ente, k.Nome, s.Persona, u.Pin)
	}
	return u, err
}

// Open opens a compartment and checks all of it, the newest wraps too: at the unlock,
// and before anything is done to its keys. What does not fit is on record.
func (c *Custody) Open(ctx context.Context, s *auth.Sessione, nome string) (*Ufficio, error) {
	if err := puo(s, membri...); err != nil {
		return nil, err
	}
	k, err := c.Chiavi.Compartimento(ctx, s.Ente, nome)
	if err != nil {
		return nil, err
	}
	a, err := aspetto(k)
	if err != nil {
		return nil, err
	}
	if !a.Fondata {
		return nil, errPrima
	}
	if ammessa(k, s.Membro()) {
		if err := c.ricorda(ctx, s, nome); err != nil {
			return nil, err
		}
	}
	u, err := c.apri(ctx, s, k, true)
	if err != nil {
		return nil, c.allarme(ctx, s, nome, err)
	}
	return &Ufficio{Unlocked: u, Aspetto: a, Membri: k.Membri}, nil
}

// Where says how far a person is: their key is admitted, and they pinned the founding
// key with it.
func (c *Custody) Where(ctx context.Context, s *auth.Sessione, nome string) (ammesso, ricorda bool, err error) {
	m := s.Membro()
	if m == nil {
		return false, false, ErrChiuso
	}
	k, err := c.Chiavi.Compartimento(ctx, s.Ente, nome)
	if err != nil {
		return false, false, err
	}
	ricorda, err = c.Registro.Ricordato(ctx, s.Ente, nome, s.Persona, m.KeyID())
	return ammessa(k, m), ricorda, err
}

// Pin takes the id of the founding key as a newcomer typed it from the founding sheet
// or heard it from a member: once for each key of theirs.
func (c *Custody) Pin(ctx context.Context, s *auth.Sessione, nome, prima string) error {
	if err := puo(s, membri...); err != nil {
		return err
	}
	_, gia, err := c.Where(ctx, s, nome)
	if err != nil {
		return err
	}
	if gia {
		return errRicordata
	}
	no := fault.New(fault.Invalid, "L'impronta non è stata salvata.")
	pin, err := s.Membro().Pin(nome, prima)
	if err != nil {
		return no.Campo("prima", fault.Message(err))
	}
	k, err := c.Chiavi.Compartimento(ctx, s.Ente, nome)
	if err != nil {
		return err
	}
	a, err := aspetto(k)
	if err != nil {
		return err
	}
	if scritta, _ := vault.ParseKeyID(prima); scritta != a.Prima {
		return no.Campo("prima", "Non è quella dell'ufficio. Ricontrolla il foglio. Se è proprio così, qualcuno ha cambiato le chiavi: chiama gli altri membri.")
	}
	o, err := c.fuori(ctx, k)
	if err != nil {
		return err
	}
	u, err := k.Unlock(s.Membro(), pin, o) // an impostor's key is not kept
	if err != nil {
		return c.allarme(ctx, s, nome, err)
	}
	if u.Pin != nil {
		pin = u.Pin
	}
	if err := c.Chiavi.SalvaRicordo(ctx, s.Ente, nome, s.Persona, pin); err != nil {
		return err
	}
	return c.ricordata(ctx, s, nome)
}

// ricordata puts on record that the person pinned the founding key with this key.
func (c *Custody) ricordata(ctx context.Context, s *auth.Sessione, nome string) error {
	return c.Registro.AnnotaChiave(ctx, Atto{Ente: s.Ente, Compartimento: nome, Il: c.Now(), Chi: s.Persona, Cosa: Ricordo, Chiave: s.Membro().KeyID()})
}

// Found founds a compartment in the session of who heads the office, and gives the
// sheets to print at once. Nothing can be written to it before.
func (c *Custody) Found(ctx context.Context, s *auth.Sessione, nome string, q vault.NewQuorum) ([]vault.Foglio, error) {
	if err := c.agisce(s, membri[0]); err != nil {
		return nil, err
	}
	k, err := c.Chiavi.Compartimento(ctx, s.Ente, nome)
	if err != nil {
		return nil, err
	}
	var ultima vault.Versione
	for _, v := range k.Versioni {
		if ultima = v; v.Tipo == vault.TipoMembri {
			return nil, errFondata
		}
	}
	if o, err := c.fuori(ctx, k); err != nil {
		return nil, err
	} else if o.Ultima != ([32]byte{}) {
		return nil, c.allarme(ctx, s, nome, &vault.Allarme{Motivo: "Le chiavi di questo ufficio c'erano e non ci sono più."})
	}
	firma, err := c.Chiavi.Firma(ctx, s.Ente)
	if err != nil {
		return nil, err
	}
	ch, err := vault.Found(s.Ente, nome, ultima, s.Membro(), q, firma)
	if err != nil {
		return nil, err
	}
	if err := c.scrivi(ctx, s, ch, Atto{Cosa: Fondazione}); err != nil {
		return nil, err
	}
	return ch.Fogli, c.ricordata(ctx, s, nome)
}

// Admit lets a person in whose key the table has: id is that key's as the person read
// it out.
func (c *Custody) Admit(ctx context.Context, s *auth.Sessione, nome, persona, id string, assistente bool) error {
	if err := c.agisce(s, membri...); err != nil {
		return err
	}
	u, err := c.Open(ctx, s, nome)
	if err != nil {
		return err
	}
	a, err := c.ammissione(ctx, s, u, persona, id, assistente)
	if err != nil {
		return err
	}
	ch, err := u.Join(*a)
	if err != nil {
		return err
	}
	return c.scrivi(ctx, s, ch, Atto{Cosa: Ingresso, Persona: persona})
}

// ammissione is a person's key from the table, if they may be a member today.
func (c *Custody) ammissione(ctx context.Context, s *auth.Sessione, u *Ufficio, persona, id string, assistente bool) (*vault.Admission, error) {
	tutte, err := c.Auth.Holders(ctx, s.Ente, membri...)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(tutte, func(p auth.Persona) bool { return p.ID == persona }) {
		return nil, fault.New(fault.Forbidden, "Questa persona oggi non ha un incarico in questo ufficio.")
	}
	for _, m := range u.Membri {
		if m.Persona == persona {
			return &vault.Admission{Membro: m, ID: id, Assistente: assistente}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "Questa persona non ha ancora una chiave: la crea lei, dalla sua sessione.")
}

// Cambio is what changes with a new version.
type Cambio struct {
	Tolti      []string
	Entra      string // the one who comes back with another key, or in another place
	ID         string // of that key, as the person read it out
	Assistente bool
	Quorum     *vault.NewQuorum // new sheets for all; nil: the old ones go on
}

var errNonInAlbo = fault.New(fault.NotFound, "Questa persona non è nell'albo: forse è già stata tolta. Non è cambiato niente.")

// cambia refuses to let in again who is in with the key they have: a member is put out
// by leaving, with new sheets, and an assistant would lose what was given to him.
func (u *Ufficio) cambia(persona string, assistente bool) error {
	sua := func(m vault.Membro) bool { return m.Persona == persona }
	switch {
	case slices.Contains(u.Nuove, persona):
	case slices.ContainsFunc(u.Albo.Lettori, sua):
		return fault.New(fault.Conflict, "Questa persona è già nell'ufficio, con questa chiave: per toglierla c'è «Togli». Non è cambiato niente.")
	case assistente && slices.ContainsFunc(u.Albo.Assistenti, sua):
		return fault.New(fault.Conflict, "Questa persona è già assistente, con questa chiave. Non è cambiato niente.")
	}
	return nil
}

// Renew makes a new version of a compartment's key: for who leaves, who comes back
// with another key, or new sheets, which are to be printed at once.
func (c *Custody) Renew(ctx context.Context, s *auth.Sessione, nome string, x Cambio) ([]vault.Foglio, error) {
	if err := c.agisce(s, membri...); err != nil {
		return nil, err
	}
	u, err := c.Open(ctx, s, nome)
	if err != nil {
		return nil, err
	}
	firma, err := c.Chiavi.Firma(ctx, s.Ente)
	if err != nil {
		return nil, err
	}
	for _, persona := range x.Tolti { // else who left already would leave again at each click
		if _, dentro := u.Albo.Di(persona); !dentro {
			return nil, errNonInAlbo
		}
	}
	r := vault.Renewal{Tolti: x.Tolti, Quorum: x.Quorum}
	a := Atto{Cosa: Fogli}
	if len(x.Tolti) > 0 {
		a.Cosa, a.Persona = Uscita, x.Tolti[0]
	}
	if x.Entra != "" {
		if r.Entra, err = c.ammissione(ctx, s, u, x.Entra, x.ID, x.Assistente); err != nil {
			return nil, err
		}
		if err := u.cambia(x.Entra, x.Assistente); err != nil {
			return nil, err
		}
		r.Tolti, a.Cosa, a.Persona = append(slices.Clone(x.Tolti), x.Entra), Rientro, x.Entra
	}
	ch, err := u.Renew(r, firma)
	if err != nil {
		return nil, err
	}
	return ch.Fogli, c.scrivi(ctx, s, ch, a)
}

// Replace gives who has signed in another key of their own, with the passphrase that
// was typed back: what was stolen opens nothing that is written from now on. Of a
// member it is leaving and joining in one act, with a new version; the old key itself
// proves who they are, so that it takes no colleague, and is done where there is none.
// Who is not in is admitted by a member afterwards, as with a first key.
func (c *Custody) Replace(ctx context.Context, s *auth.Sessione, nome, sigillo string, scritta vault.Riservato) error {
	if err := c.agisce(s, membri...); err != nil {
		return err
	}
	k, err := c.Chiavi.Compartimento(ctx, s.Ente, nome)
	if err != nil {
		return err
	}
	if !ammessa(k, s.Membro()) {
		m, slot, err := c.Auth.NextKey(ctx, s, sigillo, scritta)
		if err != nil {
			return err
		}
		return c.Auth.TakeKey(ctx, s, m, slot, nil)
	}
	u, err := c.Open(ctx, s, nome)
	if err != nil {
		return err
	}
	firma, err := c.Chiavi.Firma(ctx, s.Ente)
	if err != nil {
		return err
	}
	m, slot, err := c.Auth.NextKey(ctx, s, sigillo, scritta)
	if err != nil {
		return err
	}
	ch, err := u.Renew(vault.Renewal{Mia: m}, firma)
	if err != nil {
		return err
	}
	ch.Membro, ch.Slot = m.Membro, &slot
	if err := c.Auth.TakeKey(ctx, s, m, slot, func() error { return c.scrivi(ctx, s, ch, Atto{Cosa: Furto}) }); err != nil {
		return err
	}
	return c.ricordata(ctx, s, nome)
}

// Recover opens a compartment with the sheets of as many holders as it takes, by their
// numbers, and admits who heads the office, in whose session this is, by the key that
// is unlocked here. It ends with new sheets for all.
func (c *Custody) Recover(ctx context.Context, s *auth.Sessione, nome string, fogli map[int]vault.Riservato, q vault.NewQuorum) ([]vault.Foglio, error) {
	if err := c.agisce(s, membri[0]); err != nil {
		return nil, err
	}
	k, err := c.Chiavi.Compartimento(ctx, s.Ente, nome)
	if err != nil {
		return nil, err
	}
	o, err := c.fuori(ctx, k)
	if err != nil {
		return nil, err
	}
	firma, err := c.Chiavi.Firma(ctx, s.Ente)
	if err != nil {
		return nil, err
	}
	m := s.Membro()
	ch, err := k.Recover(fogli, o, vault.Renewal{Tolti: []string{m.Persona}, Quorum: &q,
		Entra: &vault.Admission{Membro: m.Membro, ID: m.KeyID()}}, firma)
	if err != nil {
		return nil, c.allarme(ctx, s, nome, err)
	}
	if ch.Pin, err = m.Pin(nome, ch.Fogli[0].Prima); err != nil { // the sheets have proved it
		return nil, err
	}
	if err := c.scrivi(ctx, s, ch, Atto{Cosa: Recupero}); err != nil {
		return nil, err
	}
	return ch.Fogli, c.ricordata(ctx, s, nome)
}
