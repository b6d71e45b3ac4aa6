package vault

import (
	"crypto/sha256"
	"strconv"
)

// Parte is one part of a case, the unit of encryption: its key PK is 32 random
// bytes (NewKey), wrapped once for each reader. It takes new content only while
// its readers are those it was wrapped to.
type Parte struct {
	Ente    string
	Pratica ID
	Nome    string // nucleo, cittadino, richiesta-1, uscita-1, …
}

// ContentKey is the key under which contents and files of a part are sealed:
// PK‖Kc, the part's key and the case's. Without either there is none, and nothing
// opens.
func ContentKey(pk, caso []byte) []byte {
	if len(pk) != 32 || len(caso) != 32 {
		return nil
	}
	return append(pk[:32:32], caso...)
}

// Involucro is the key of a part wrapped for one reader: a row of the main
// database, written in the transaction of the act that gives the part to read. Rows
// can be forged: the readers of a new part are chosen by who writes it, and never
// copied from the rows of another.
type Involucro struct {
	Parte
	Destinatario string // compartimento.<nome>, persona.<id>, chiave, …
	Versione     int    // of the reader's key
	Chiusa       []byte // Seal of PK (61 bytes), or HPKE (81)
}

// Impronta is what the act's envelope keeps of the row: a row that changed is
// named without opening it.
func (i Involucro) Impronta() [32]byte {
	if !i.plain() {
		return [32]byte{}
	}
	return sha256.Sum256(append([]byte(i.context()+"\n"), i.Chiusa...))
}

func (i Involucro) context() string {
	return Context("involucro", i.Ente, i.Pratica.String(), i.Nome, i.Destinatario, strconv.Itoa(i.Versione))
}

// plain reports whether the row can have been ours: rows can be forged.
func (i Involucro) plain() bool {
	return plainField(i.Ente) && plainField(i.Nome) && plainField(i.Destinatario)
}

// Recipient is a reader as who writes sees it: what to call the wraps, and a key
// that seals. The key of a member-held compartment seals and does not open.
type Recipient struct {
	nome     string
	versione int
	seal     func(context string, plain []byte) []byte
}

// Wrap seals the key of the part for a reader.
func (p Parte) Wrap(pk []byte, r Recipient) Involucro {
	i := Involucro{Parte: p, Destinatario: r.nome, Versione: r.versione}
	i.Chiusa = r.seal(i.context(), pk)
	return i
}

// Seal encrypts to the reader's key itself what belongs to no case's key, such as
// the card that statistics are counted from. It gives the version that opens it.
func (r Recipient) Seal(context string, plain []byte) (versione int, sealed []byte) {
	return r.versione, r.seal(context, plain)
}

// Versione is that of the reader's key.
func (r Recipient) Versione() int { return r.versione }

// Reads reports whether a wrap is this reader's, in this version of its key.
func (r Recipient) Reads(destinatario string, versione int) bool {
	return r.nome == destinatario && r.versione == versione
}

// Is reports whether a wrap is this reader's, in any version of its key.
func (r Recipient) Is(destinatario string) bool { return r.nome == destinatario }

// Equal reports whether two are one reader, in one version of its key.
func (r Recipient) Equal(o Recipient) bool { return o.Reads(r.nome, r.versione) }

// Opener is a reader who holds the key, in every version that still opens.
type Opener struct {
	nome string
	open func(versione int, context string, sealed []byte) ([]byte, error)
}

// Unwrap gives the key of a part that was wrapped for this reader, or ErrSealed.
func (o Opener) Unwrap(i Involucro) ([]byte, error) {
	if i.Destinatario != o.nome || !i.plain() {
		return nil, ErrSealed
	}
	pk, err := o.open(i.Versione, i.context(), i.Chiusa)
	if err == nil && len(pk) != 32 {
		return nil, ErrSealed
	}
	return pk, err
}

// Open gives back what Recipient.Seal sealed, or ErrSealed.
func (o Opener) Open(versione int, context string, sealed []byte) ([]byte, error) {
	return o.open(versione, context, sealed)
}

// SharedKey is a reader whose one key seals and opens: the citizen with the
// symbols of a chiave, who is given the name "chiave" and a version that grows
// with each re-issue; a contrassegno with its password.
func SharedKey(nome string, versione int, key []byte) (Recipient, Opener) {
	return shared(nome, versione, map[int][]byte{versione: key})
}

// Holder is a reader who holds a secret that nobody stores, such as the symbols of a
// chiave: a key pair is made of it for this place. Who keeps the public half seals to
// the reader without the secret, by Keeper.
func Holder(nome string, versione int, secret Riservato, context string) (PublicKey, Opener) {
	k, err := parsePrivateKey(append([]byte{suite}, derive([]byte(secret.Valore()), context)...))
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	return k.public(), opener(nome, map[int]privateKey{versione: k})
}

// Keeper is a reader for who keeps the public half of its key, where only those who
// may write could have put it.
func Keeper(nome string, versione int, key PublicKey) Recipient { return sealer(nome, versione, key) }

// shared seals with one version and opens with all.
func shared(nome string, versione int, keys map[int][]byte) (Recipient, Opener) {
	return Recipient{nome, versione, func(context string, plain []byte) []byte { return Seal(keys[versione], context, plain) }},
		Opener{nome, func(v int, context string, sealed []byte) ([]byte, error) { return Open(keys[v], context, sealed) }}
}

// sealer is a reader known by the public key of one version.
func sealer(nome string, versione int, key PublicKey) Recipient {
	return Recipient{nome, versione, key.Seal}
}

// opener is a reader with the private keys of all versions.
func opener(nome string, keys map[int]privateKey) Opener {
	return Opener{nome, func(v int, context string, sealed []byte) ([]byte, error) {
		if k, ok := keys[v]; ok {
			return k.open(context, sealed)
		}
		return nil, ErrSealed
	}}
}
