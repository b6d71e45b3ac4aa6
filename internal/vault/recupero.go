package vault

import (
	"bytes"
	"crypto"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/fault"
)

// A quorum of k among n holders, each with a sheet of 128 random bits, opens the
// recovery key: with a pin of the compartment as it was when the sheets were
// printed, it is sealed once for every subset of k, under HKDF of their bits in the
// holders' order. With k-1 sheets and every store nothing opens.
const maxCustodi = 9

// Recupero is the recovery key in the key store: it goes with the newest version.
type Recupero struct {
	Serie    int // of the sheets
	Pubblica []byte
	Chiuse   []Sottoinsieme // one for each subset of k holders
}

// Sottoinsieme is the recovery key sealed to k sheets together.
type Sottoinsieme struct {
	Custodi string // their numbers in growing order: "1-3"
	Chiusa  []byte
}

// Foglio is one holder's sheet: to print at once, with no-store, and forget.
type Foglio struct {
	Serie, Custode int // the holder's number, from 1
	Nome           Riservato
	Prima          string    // id of the founding key, to compare with the public page
	Codice         Riservato // 28 symbols ungrouped
}

// quorumFault says what is wrong with a quorum.
func quorumFault(k int, custodi []Custode) error {
	interni := 0
	for i, c := range custodi {
		if !c.written() {
			return fault.New(fault.Invalid, fmt.Sprintf("Il custode %d non ha un nome che si possa stampare.", i+1))
		}
		if c.Interno {
			interni++
		}
	}
	switch n := len(custodi); {
	case k < 2 || k > n || n > maxCustodi:
		return fault.New(fault.Invalid, "Servono almeno due fogli per aprire, e al massimo nove custodi.")
	case interni >= k:
		return fault.New(fault.Invalid, "I custodi dell'ente devono essere meno dei fogli che servono ad aprire.")
	}
	return nil
}

// subsets are the subsets of k of the numbers 1 to n, in order.
func subsets(k, n int) [][]int {
	var out [][]int
	var add func(from int, some []int)
	add = func(from int, some []int) {
		if len(some) == k {
			out = append(out, slices.Clone(some))
			return
		}
		for i := from; i <= n; i++ {
			add(i+1, append(some, i))
		}
	}
	add(1, nil)
	return out
}

// subsetName is how a row and its context call a subset.
func subsetName(some []int) string {
	s := make([]string, len(some))
	for i, n := range some {
		s[i] = strconv.Itoa(n)
	}
	return strings.Join(s, "-")
}

func recoveryContext(ente, compartimento string, serie int, subset string) string {
	return Context("recupero", ente, compartimento, strconv.Itoa(serie), subset)
}

// recoveryRows seals a recovery key to every subset of k of the shares.
func recoveryRows(ente, compartimento string, serie int, key privateKey, known pin, k int, shares [][]byte) Recupero {
	r := Recupero{Serie: serie, Pubblica: key.public().Bytes()}
	plain := append(key.bytes(), known.bytes()...)
	for _, some := range subsets(k, len(shares)) {
		var together []byte
		for _, i := range some {
			together = append(together, shares[i-1]...)
		}
		name := subsetName(some)
		r.Chiuse = append(r.Chiuse, Sottoinsieme{name, Seal(together, recoveryContext(ente, compartimento, serie, name), plain)})
	}
	return r
}

// newRecovery draws the recovery key of a version and its sheets.
func newRecovery(v Versione, q NewQuorum, serie int, da string, known pin) (*Recupero, []Foglio, Quorum) {
	key := newPrivateKey()
	var fogli []Foglio
	var shares [][]byte
	for i, c := range q.Custodi {
		code, share := newFoglio()
		fogli, shares = append(fogli, Foglio{serie, i + 1, c.Nome, known.prima, code}), append(shares, share)
	}
	rows := recoveryRows(v.Ente, v.Compartimento, serie, key, known, q.K, shares)
	return &rows, fogli, Quorum{Serie: serie, K: q.K, Custodi: q.Custodi, Pubblica: rows.Pubblica, Stampata: da}
}

// recoverable reports whether the rows of recovery are those of the roll's quorum,
// and none is missing. What they hold only the sheets can tell.
func (c *Compartimento) recoverable(q Quorum) bool {
	ok := c.Recupero.Serie == q.Serie && bytes.Equal(c.Recupero.Pubblica, q.Pubblica)
	for _, some := range subsets(q.K, len(q.Custodi)) {
		ok = ok && slices.ContainsFunc(c.Recupero.Chiuse, func(s Sottoinsieme) bool { return s.Custodi == subsetName(some) })
	}
	n := c.Versioni[len(c.Versioni)-1].N
	return ok && slices.ContainsFunc(c.Consegne, func(g Consegna) bool {
		return g.Destinatario == destRecupero && g.Numero == q.Serie && g.N == n
	})
}

// Recover opens a compartment with the sheets of k holders, by their numbers. It
// admits the one person that r names, in whose session this is, and ends with a new
// version and new sheets for all, since the server saw the old key. A sheet copied
// wrongly is told by its number; what does not fit the sheets is an Allarme.
func (c *Compartimento) Recover(fogli map[int]Riservato, k Outside, r Renewal, log crypto.Signer) (*Change, error) {
	if r.Entra == nil || r.Entra.Assistente || r.Quorum == nil {
		return nil, fault.New(fault.Invalid, "Il recupero ammette una persona, e finisce con fogli nuovi per tutti.")
	}
	newest, err := c.latest(k)
	if err != nil {
		return nil, err
	}
	rec, seen, err := c.openRecovery(fogli)
	if err != nil {
		return nil, err
	}
	key, err := c.handed(rec, destRecupero, c.Recupero.Serie)
	if err != nil {
		return nil, allarme(motivoRecupero)
	}
	w, err := c.walk(key)
	if err != nil {
		return nil, err
	}
	if err := seen.check(w); err != nil {
		return nil, err
	}
	if !bytes.Equal(w.albo.Quorum.Pubblica, rec.public().Bytes()) {
		return nil, allarme(motivoRecupero)
	}
	u := &Unlocked{Albo: w.albo, newest: newest, keys: w.keys, prima: w.prima}
	d, err := u.draft(r)
	if err != nil {
		return nil, err
	}
	return d.make(r.Quorum, r.Entra.Persona, log)
}

// openRecovery opens the recovery key, and the pin beside it, with some sheets.
func (c *Compartimento) openRecovery(fogli map[int]Riservato) (privateKey, pin, error) {
	var together []byte
	some := slices.Sorted(maps.Keys(fogli))
	wrong := fault.New(fault.Invalid, "Un foglio è stato copiato male. Ricontrollalo.")
	for _, n := range some {
		share, err := parseFoglio(fogli[n])
		if err != nil {
			wrong = wrong.Campo(strconv.Itoa(n), fault.Message(err))
		}
		together = append(together, share...)
	}
	if len(wrong.Campi) > 0 {
		return privateKey{}, pin{}, wrong
	}
	name := subsetName(some)
	i := slices.IndexFunc(c.Recupero.Chiuse, func(s Sottoinsieme) bool { return s.Custodi == name })
	if i < 0 {
		return privateKey{}, pin{}, fault.New(fault.Invalid, "Non sono i fogli che servono. Controlla quanti sono e il numero di ognuno.")
	}
	b, err := Open(together, recoveryContext(c.Ente, c.Nome, c.Recupero.Serie, name), c.Recupero.Chiuse[i].Chiusa)
	if err != nil || len(b) != keyLen+pinLen {
		return privateKey{}, pin{}, fault.New(fault.Invalid,
			fmt.Sprintf("Questi fogli non aprono. Controlla che siano tutti della serie %d, ognuno col suo numero.", c.Recupero.Serie))
	}
	key, err := parsePrivateKey(b[:keyLen])
	if err != nil {
		return privateKey{}, pin{}, err
	}
	known, err := parsePin(b[keyLen:])
	return key, known, err
}
