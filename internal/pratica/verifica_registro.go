package pratica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"tutela/internal/day"
	"tutela/internal/organigramma"
	"tutela/internal/registro"
)

// Verificabile is what a verification reads of the store, besides the log.
type Verificabile interface {
	registro.Archive
	// Intere are whole cases of an ente that have an act after da, by n, after one.
	Intere(ctx context.Context, ente string, n, da int64, quante int) ([]Intera, error)
	Fatti(ctx context.Context, ente string) ([]registro.Record, error)
	StoredHashes(ctx context.Context, ente string, da int64, fn func(idx int64, hash []byte) error) error
	Checkpoints(ctx context.Context, ente string) ([]registro.Signed, error)
	// FattiRetti compares what the log says of rules, charts, keys and readings with
	// the rows there are.
	FattiRetti(ctx context.Context, ente string, fatti []registro.Record) error
	// TuttiGiornalieri are the registers of days, without their texts, by day.
	TuttiGiornalieri(ctx context.Context, ente string) ([]Giornaliero, error)
	Giornaliero(ctx context.Context, ente, registro string, giorno day.Date) (Giornaliero, error)
	Iscritti(ctx context.Context, ente string, da, fino int64, kinds []string) ([]Iscritto, error)
}

// Verifica is a verification of all that an ente's log answers for.
type Verifica struct {
	Ente  string
	Arch  Verificabile
	Log   *registro.Log
	Amb   *Ambiente
	Carte []*organigramma.Versione // every chart there ever was, oldest first
	// Da is the last act that an earlier verification checked, and Prima the state of the
	// log then: cases with nothing newer are not read again. Zero: everything is.
	Da    int64
	Prima registro.State
	// File checks the stored bytes of an attachment. Nil: they are not read.
	File func(dove string) error
	// Passo is told how many leaves of how many have been checked. Nil: nobody is.
	Passo func(fatte, tutte int64)
}

// Esito is what a verification went through.
type Esito struct {
	registro.State
	Pratiche, Atti, File int64
	Ultimo               int64 // the last act
	Checkpoint           int   // signed states that were checked
}

// pagina is how many cases are read together.
const pagina = 100

// Tutto walks everything: each case with its acts, contents, keys, files and derived
// rows, the numbers of the registers, what stands in the log beside acts, the tree and
// its signed states. It stops at the first thing that is not as it was, with a
// registro.Finding that says what. What comes in meanwhile is left to the next time.
func (v Verifica) Tutto(ctx context.Context) (Esito, error) {
	var out Esito
	epoch, edge, err := v.Arch.Log(ctx, v.Ente)
	if errors.Is(err, registro.ErrEdge) {
		return out, registro.Wrong("La fine del registro è stata cambiata: il numero delle foglie e il bordo dell'albero non vanno insieme.")
	}
	if err != nil {
		return out, err
	}
	if edge.N < v.Prima.Size {
		return out, registro.Wrong("Il registro ha %d foglie: l'ultima verifica ne aveva viste %d.", edge.N, v.Prima.Size)
	}
	out.Ultimo = v.Da
	out.State = registro.State{Epoch: epoch, Size: edge.N, Root: edge.Root()}
	if out.Counters, err = v.Arch.Counters(ctx, v.Ente); err != nil {
		return out, err
	}
	fatti, err := v.Arch.Fatti(ctx, v.Ente)
	if err != nil {
		return out, err
	}
	epoche := registro.Epochs(fatti)
	if epoch != len(epoche)+1 {
		return out, registro.Wrong("Il registro dice di essere nell'epoca %d, e ne sono cominciate %d.", epoch, len(epoche)+1)
	}
	casi := nuovoControllo(v.Amb, v.Carte, epoche, edge.N)
	if err := v.pratiche(ctx, casi, &out); err != nil {
		return out, err
	}
	for _, x := range fatti {
		leaf, err := x.Of(registro.Origin(v.Ente, epoche.At(x.Pos))).Hash()
		if err != nil || !bytes.Equal(leaf[:], x.Leaf) {
			return out, registro.Wrong("La registrazione %d del registro (%s) è stata cambiata.", x.Pos, x.Kind)
		}
		if err := casi.vista(x.Pos, x.Leaf); err != nil {
			return out, registro.Wrong("La registrazione %d del registro (%s) %s", x.Pos, x.Kind, err)
		}
	}
	if err := v.concesse(ctx, casi); err != nil {
		return out, err
	}
	if err := casi.dati(); err != nil {
		return out, err
	}
	ora, err := v.Arch.Counters(ctx, v.Ente)
	if err != nil {
		return out, err
	}
	if err := casi.sequenze(v.Prima.Counters, out.Counters, ora, registro.Annulled(fatti)); err != nil {
		return out, err
	}
	if err := v.Arch.FattiRetti(ctx, v.Ente, fatti); err != nil {
		return out, err
	}
	if err := v.giornalieri(ctx); err != nil {
		return out, err
	}
	if err := v.Log.CheckKeys(ctx, v.Ente); err != nil {
		return out, err
	}
	return out, v.albero(ctx, casi, edge, &out)
}

// pratiche checks every case. One that changed while it was read is read again.
func (v Verifica) pratiche(ctx context.Context, casi *controllo, out *Esito) error {
	for n := int64(0); ; {
		cc, err := v.Arch.Intere(ctx, v.Ente, n, v.Da, pagina)
		if err != nil || len(cc) == 0 {
			return err
		}
		for i := range cc {
			if err := v.caso(ctx, casi, &cc[i]); err != nil {
				return err
			}
			out.Pratiche++
			for _, x := range cc[i].Atti {
				if x.Pos < out.Size {
					out.Ultimo = max(out.Ultimo, x.A)
				}
				out.Atti++
			}
			for _, f := range cc[i].Allegati {
				if v.File == nil {
					break
				}
				if err := v.File(f.Dove); err != nil {
					return registro.Wrong("La pratica %s: un documento non si legge più, o è stato cambiato (%v).", cc[i].Testa.NumeroScritto(), err)
				}
				out.File++
			}
		}
		n = cc[len(cc)-1].Testa.N
		if v.Passo != nil {
			v.Passo(out.Atti, out.Size)
		}
	}
}

// concesse looks, where only what is new was read, for the acts of other cases that gave
// the keys that none of those did.
func (v Verifica) concesse(ctx context.Context, casi *controllo) error {
	if v.Da == 0 || casi.dati() == nil {
		return nil
	}
	for n := int64(0); ; {
		cc, err := v.Arch.Intere(ctx, v.Ente, n, 0, pagina)
		if err != nil || len(cc) == 0 {
			return err
		}
		for _, c := range cc {
			for _, x := range c.Atti {
				casi.concede(x.Atto)
			}
		}
		n = cc[len(cc)-1].Testa.N
	}
}

func (v Verifica) caso(ctx context.Context, casi *controllo, c *Intera) error {
	err := casi.pratica(c)
	for range 3 {
		if !errors.Is(err, registro.ErrBroken) {
			return err
		}
		again, e := v.Arch.Intere(ctx, v.Ente, c.Testa.N-1, 0, 1)
		if e != nil || len(again) != 1 || len(again[0].Atti) == len(c.Atti) && again[0].Testa.Scatto.Equal(c.Testa.Scatto) {
			return errors.Join(e, err)
		}
		*c = again[0]
		err = casi.pratica(c)
	}
	return err
}

// sequenze checks that the numbers of each register and year go on from where they were
// checked to where the counter was without a gap, and none is past where it is;
// annullati are those declared lost.
func (v *controllo) sequenze(visti, erano, sono map[string]int, annullati map[string]map[int]bool) error {
	for _, k := range slices.Sorted(maps.Keys(v.numeri)) {
		for n := range v.numeri[k] {
			if n < 1 || n > sono[k] {
				return registro.Wrong("Nel registro %s il numero %d è oltre il contatore, che è a %d.", k, n, sono[k])
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(erano)) {
		for n := visti[k] + 1; n <= erano[k]; n++ {
			if !v.numeri[k][n] && !annullati[k][n] {
				return registro.Wrong("Nel registro %s manca il numero %d.", k, n)
			}
		}
	}
	return nil
}

// albero checks the tree over the leaves that were seen: every place taken, every
// stored hash, the end of the log, every signed state, and what was signed last.
func (v Verifica) albero(ctx context.Context, casi *controllo, edge registro.Edge, out *Esito) error {
	firmati, err := v.Arch.Checkpoints(ctx, v.Ente)
	if err != nil {
		return err
	}
	chiavi, err := v.Log.Published(ctx, v.Ente)
	if err != nil {
		return err
	}
	fisso, err := v.Log.Keys.Fixed(ctx, v.Ente)
	if err != nil {
		return err
	}
	radici := map[int64]registro.Hash{fisso.Size: {}}
	for _, s := range firmati {
		radici[s.Size] = registro.Hash{}
	}
	var attese []registro.Hash // the hashes that should be stored, of the leaf under way
	ora, err := registro.EdgeAt(v.Prima.Size, v.Arch.Hashes(ctx, v.Ente))
	if err != nil {
		return err
	}
	if v.Prima.Size > 0 && ora.Root() != v.Prima.Root {
		return registro.Wrong("Le prime %d foglie del registro non sono più quelle che erano state verificate.", v.Prima.Size)
	}
	if _, ok := radici[ora.N]; ok {
		radici[ora.N] = ora.Root()
	}
	prossima := func() error {
		h := casi.leaves[ora.N]
		if h == (registro.Hash{}) {
			return registro.Wrong("Nel registro manca la foglia %d: un atto è stato tolto.", ora.N)
		}
		ora, attese = ora.Append(h)
		if _, ok := radici[ora.N]; ok {
			radici[ora.N] = ora.Root()
		}
		return nil
	}
	err = v.Arch.StoredHashes(ctx, v.Ente, ora.First(), func(idx int64, hash []byte) error {
		if idx >= tlog.StoredHashCount(edge.N) { // came meanwhile
			return nil
		}
		if len(attese) == 0 {
			if err := prossima(); err != nil {
				return err
			}
		}
		if !bytes.Equal(attese[0][:], hash) {
			return registro.Wrong("L'impronta %d dell'albero del registro è stata cambiata (foglia %d).", idx, ora.N-1)
		}
		attese = attese[1:]
		return nil
	})
	if err != nil {
		return err
	}
	if ora.N != edge.N || len(attese) > 0 {
		return registro.Wrong("L'albero del registro ha %d foglie e dovrebbe averne %d.", ora.N, edge.N)
	}
	if ora.Root() != edge.Root() {
		return registro.Wrong("La radice del registro non è quella delle sue foglie.")
	}
	for _, s := range firmati {
		c, err := registro.OpenCheckpoint(s.Note, chiavi...)
		switch {
		case err != nil:
			return registro.Wrong("Lo stato firmato a %d foglie non è firmato con una chiave dell'ente.", s.Size)
		case c.Size != s.Size || c.Origin != registro.Origin(v.Ente, s.Epoch):
			return registro.Wrong("Lo stato firmato a %d foglie è di un altro registro, o di un altro momento.", s.Size)
		case s.Size >= v.Prima.Size && s.Size <= edge.N && c.Root != radici[s.Size]:
			return registro.Wrong("Lo stato firmato a %d foglie non è quello del registro di oggi: le prime %d foglie sono state cambiate.", s.Size, s.Size)
		}
		out.Checkpoint++
	}
	switch {
	case fisso.Size > edge.N || fisso.Epoch > out.Epoch:
		return registro.Wrong("Il database è più vecchio di quello che è stato firmato: ha %d foglie, ne erano state firmate %d.", edge.N, fisso.Size)
	case fisso.Size > 0 && fisso.Size >= v.Prima.Size && fisso.Root != radici[fisso.Size]:
		return registro.Wrong("Il registro non è quello che è stato firmato per ultimo (%d foglie).", fisso.Size)
	}
	return nil
}

// String is what was gone through, in words.
func (e Esito) String() string {
	return fmt.Sprintf("%d pratiche, %d atti, %d documenti, %d foglie, %d stati firmati", e.Pratiche, e.Atti, e.File, e.Size, e.Checkpoint)
}
