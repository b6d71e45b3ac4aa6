package pratica

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/vault"
)

// parteN is the n-th part of a name: nucleo, nucleo-2, …
func parteN(nome string, n int) string {
	if n == 1 {
		return nome
	}
	return nome + "-" + strconv.Itoa(n)
}

// tutteLeParti are the parts of a name that the acts of a case made, in order.
func tutteLeParti(atti []Registrato, nome string) []string {
	var out []string
	for n := 1; ; n++ {
		parte := parteN(nome, n)
		if len(lettori(atti, parte)) == 0 {
			return out
		}
		out = append(out, parte)
	}
}

// lettori are those for whom a part was wrapped when it was made.
func lettori(atti []Registrato, parte string) []ImprontaInvolucro {
	var out []ImprontaInvolucro
	for _, x := range atti {
		for _, i := range x.Atto.Involucri {
			if i.Parte == parte {
				out = append(out, i)
			}
		}
	}
	return out
}

// apriParte gives the part of that name to write in, and makes sure that there is
// one. A part that is there, and was not wrapped for who writes, stays shut. It takes
// new content only while its readers are those it was wrapped to: then the next
// begins. The citizen's part of a case of the URP is one for ever: nobody else can wrap
// another for his key.
func (s *Servizio) apriParte(ctx context.Context, m *mazzo, chi access.Chi, h Testa, nome string, atti []Registrato) (string, error) {
	parti := tutteLeParti(atti, nome)
	if n := len(parti); n > 0 && nome == ParteCittadino && !DeiMembri(h.Registro) {
		return parti[n-1], nil
	}
	per, err := s.lettoriDi(ctx, m, chi, h, nome, atti)
	if err != nil {
		return "", err
	}
	if n := len(parti); n > 0 && stessiLettori(lettori(atti, parti[n-1]), per) {
		return parti[n-1], nil
	}
	parte := parteN(nome, len(parti)+1)
	m.crea(parte, per...)
	return parte, nil
}

func stessiLettori(ha []ImprontaInvolucro, per []vault.Recipient) bool {
	return len(ha) == len(per) && !slices.ContainsFunc(per, func(r vault.Recipient) bool {
		return !slices.ContainsFunc(ha, func(i ImprontaInvolucro) bool { return r.Reads(i.Destinatario, i.Versione) })
	})
}

// lettoriDi are the readers of a new part of a case. They are chosen here, and never
// copied from rows that may be forged.
func (s *Servizio) lettoriDi(ctx context.Context, m *mazzo, chi access.Chi, h Testa, nome string, atti []Registrato) ([]vault.Recipient, error) {
	suo, err := s.ricevente(ctx, chi, h)
	if err != nil {
		return nil, err
	}
	out := []vault.Recipient{suo}
	switch {
	case nome == ParteNucleo:
	case nome == ParteCittadino && DeiMembri(h.Registro):
		c, err := s.lettoreCittadino(ctx, m, chi, h, atti)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	case nome != ParteCittadino:
		amb, err := s.ambiente(h.Ente)
		if err != nil {
			return nil, err
		}
		l, err := s.lettore(ctx, h.Ente, amb.comparto(unitaDi(atti, nome)))
		if err != nil {
			return nil, err
		}
		out = append(out, l.per)
	}
	if m.assistente != nil {
		out = append(out, *m.assistente)
	}
	return out, nil
}

// ricevente is the compartment of a case for who writes to it: by the key that a
// member has just proved, or by the one that the log's key signed.
func (s *Servizio) ricevente(ctx context.Context, chi access.Chi, h Testa) (vault.Recipient, error) {
	comparto := compartoDi(h.Registro)
	if !DeiMembri(comparto) {
		l, err := s.lettore(ctx, h.Ente, comparto)
		if err != nil {
			return vault.Recipient{}, err
		}
		return l.per, nil
	}
	if chi.Personale() && chi.Apre(comparto) {
		r, _ := chi.Aperti.Recipient(comparto)
		return r, nil
	}
	return s.Comparti.Ricevente(ctx, h.Ente, comparto)
}

// numeroCittadino is where the act that gives a chiave, in a case of members, keeps the
// citizen's public key: in the nucleo, where nobody else can have put another.
const numeroCittadino = 2

type chiaveCittadino struct {
	Pubblica []byte `json:"pubblica"`
}

// cittadina reports whether a content is the citizen's public key.
func (i Impronta) cittadina() bool {
	return i.N == numeroCittadino && strings.HasPrefix(i.Parte, ParteNucleo)
}

// pubblicaDi is what the act that gives a chiave keeps of it.
func pubblicaDi(h Testa, chiave vault.Riservato) chiaveCittadino {
	pubblica, _ := vault.Holder(lettoreChiave, 1, chiave, contestoCittadino(h))
	return chiaveCittadino{pubblica.Bytes()}
}

// errLettori says that the readers of a compartment changed while an act was sealed
// for them.
var errLettori = fault.New(fault.Conflict, "Intanto sono cambiate le chiavi dell'ufficio. Riprova.")

// segnaLettori remembers for which key of its members an act was sealed: the
// transaction checks that it is still the newest.
func (s *Servizio) segnaLettori(ctx context.Context, p *pronto, chi access.Chi) error {
	if !DeiMembri(p.testa.Registro) {
		return nil
	}
	per, err := s.ricevente(ctx, chi, p.testa)
	p.per = &per
	return err
}

// ancoraLettori reports, in the transaction, whether what was sealed to a compartment
// of members is still for its newest key.
func (s *Servizio) ancoraLettori(ctx context.Context, h Testa, per vault.Recipient) error {
	if !DeiMembri(h.Registro) {
		return nil
	}
	ora, err := s.Comparti.Ricevente(ctx, h.Ente, h.Registro)
	if err == nil && !ora.Equal(per) {
		err = errLettori
	}
	return err
}

// lettoreCittadino is the citizen as reader of a new part: by his own chiave, or by
// the public key that lies in the nucleo.
func (s *Servizio) lettoreCittadino(ctx context.Context, m *mazzo, chi access.Chi, h Testa, atti []Registrato) (vault.Recipient, error) {
	versione := versioneChiave(atti)
	if !chi.Personale() {
		c, _ := cittadino(h, versione, chi.Segreto)
		return c, nil
	}
	for _, x := range slices.Backward(atti) {
		i := slices.IndexFunc(x.Atto.Contenuti, Impronta.cittadina)
		if i < 0 {
			continue
		}
		parte := x.Atto.Contenuti[i].Parte
		sigillati, err := s.Arch.Contenuti(ctx, h.N, []string{parte})
		if err != nil {
			return vault.Recipient{}, err
		}
		var k chiaveCittadino
		if err := apriJSON(m.chiave(parte), contestoContenuto(h.Ente, h.ID, parte, x.Atto.ID, numeroCittadino), sigillati[x.A*16+numeroCittadino], &k); err != nil {
			return vault.Recipient{}, err
		}
		pubblica, err := vault.ParsePublicKey(k.Pubblica)
		return vault.Keeper(lettoreChiave, versione, pubblica), err
	}
	return vault.Recipient{}, fmt.Errorf("case %s keeps no key of its citizen", h.ID)
}

// compartoDi is the compartment whose keys open a case for who handles it.
func compartoDi(registro string) string {
	if DeiMembri(registro) {
		return registro
	}
	return compartoURP
}
