package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tutela/bench/grezzo"
	"tutela/internal/vault"
)

// cifratura measures what secrecy costs an intake: the processor time of everything
// that is sealed, wrapped and made a token in one, done again by itself, against that
// of the whole intake in the same run. The program cannot be told not to encrypt, so
// what is left is what it would take without.
func (b *banco) cifratura(ctx context.Context) error {
	righe, err := b.campionaRighe(ctx)
	if err != nil {
		return err
	}
	tutto, _, err := b.perServizio(ctx, 6000)
	if err != nil {
		return err
	}
	const volte = 20_000
	chiave, prima := vault.NewKey(), consumata()
	t := vault.NewTokenizer(chiave)
	for k := range volte {
		sigillaAncora(righe[k%len(righe)], chiave, t, k)
	}
	sua := (consumata() - prima) / volte
	resta := 1 - float64(sua)/float64(tutto.cpu)
	b.riga("intake with encryption, against without", fmt.Sprintf("%.2f: %d of %d µs of processor are sealing, wraps and tokens", resta, sua/time.Microsecond, tutto.cpu/time.Microsecond),
		"≥ 0.70", resta >= 0.7)
	return nil
}

// sigillaAncora does what one intake asks of the vault: the key of the case, its
// contents and their commitments, the summary, the wraps of its parts, the stored
// answer, and a token for every word, none of which was met before.
func sigillaAncora(r grezzo.Righe, chiave []byte, t *vault.Tokenizer, k int) {
	sigilla := func(n int) { vault.Seal(chiave, "bench|"+strconv.Itoa(n), make([]byte, max(n-29, 0))) }
	sigilla(61)
	for _, c := range r.Contenuti {
		vault.Commit(chiave, "bench")
		sigilla(len(c.Bytes))
	}
	sigilla(len(r.Righe.Testa.Scheda))
	for _, x := range r.Involucri {
		vault.NewKey()
		sigilla(len(x.Chiusa))
	}
	sigilla(len(r.Risposta))
	parole := make([]string, len(r.Gettoni)/8)
	for i := range parole {
		parole[i] = "t|" + strconv.Itoa(k*len(parole)+i)
	}
	t.Gettoni(parole)
}
