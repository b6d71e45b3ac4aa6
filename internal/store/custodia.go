package store

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

const (
	tabellaConsegne = `create table if not exists consegne (ente text not null, compartimento text not null, n integer not null,
destinatario text not null, numero integer not null, chiusa blob not null, primary key (ente, compartimento, destinatario)) strict, without rowid`

	tabellaRecuperi = `create table if not exists recuperi (ente text not null, compartimento text not null, serie integer not null,
pubblica blob not null, primary key (ente, compartimento)) strict, without rowid`

	tabellaSottoinsiemi = `create table if not exists sottoinsiemi (ente text not null, compartimento text not null, custodi text not null,
chiusa blob not null, primary key (ente, compartimento, custodi)) strict, without rowid`

	// What each member remembers of a compartment, under their own key.
	tabellaRicordi = `create table if not exists ricordi (ente text not null, compartimento text not null, persona text not null,
chiuso blob not null, primary key (ente, compartimento, persona)) strict, without rowid`

	tabellaFirme = `create table if not exists firme (ente text not null, n integer not null, chiusa blob not null,
primary key (ente, n)) strict, without rowid`
)

// Firma signs for an ente's log, with the newest of its keys; a first one is made if
// there is none.
func (c *Chiavi) Firma(ctx context.Context, ente string) (crypto.Signer, error) {
	if err := c.nuovaFirma(ctx, ente, 1); err != nil {
		return nil, err
	}
	chiavi, err := c.firme(ctx, ente)
	if err != nil {
		return nil, err
	}
	return chiavi[len(chiavi)-1], nil
}

// Verifica checks signatures of an ente's log, in any version of its key. Where there
// is none nothing is signed.
func (c *Chiavi) Verifica(ctx context.Context, ente string) (vault.Verify, error) {
	chiavi, err := c.firme(ctx, ente)
	if err != nil {
		return nil, err
	}
	return func(message, signature []byte) bool {
		for _, k := range chiavi {
			if ed25519.Verify(k.Public().(ed25519.PublicKey), message, signature) {
				return true
			}
		}
		return false
	}, nil
}

func (c *Chiavi) firme(ctx context.Context, ente string) ([]ed25519.PrivateKey, error) {
	rows, err := c.db.QueryContext(ctx, `select n, chiusa from firme where ente = $1 order by n`, ente)
	if err != nil {
		return nil, fmt.Errorf("read log keys: %w", err)
	}
	defer rows.Close()
	var out []ed25519.PrivateKey
	for rows.Next() {
		var n int
		var chiusa []byte
		if err := rows.Scan(&n, &chiusa); err != nil {
			return nil, fmt.Errorf("read log keys: %w", err)
		}
		k, err := c.ring.LogKey(ente, n, chiusa)
		if err != nil {
			return nil, fmt.Errorf("open a log key: %w", err)
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// Ricevente is a compartment for who writes to it, whoever holds its key: of its
// members, if the log's key signed it. pratica.ErrFondazione before the founding.
func (c *Chiavi) Ricevente(ctx context.Context, ente, nome string) (vault.Recipient, error) {
	vv, err := c.Versioni(ctx, ente, nome)
	if err != nil {
		return vault.Recipient{}, err
	}
	if len(vv) == 0 || pratica.DeiMembri(nome) && vv[len(vv)-1].Tipo != vault.TipoMembri {
		return vault.Recipient{}, pratica.ErrFondazione
	}
	verifica, err := c.Verifica(ctx, ente)
	if err != nil {
		return vault.Recipient{}, err
	}
	return vv[len(vv)-1].Recipient(c.ring, verifica)
}

// Compartimento reads all that is kept of one member-held compartment, as of one
// moment. Before the founding it has no version.
func (c *Chiavi) Compartimento(ctx context.Context, ente, nome string) (*vault.Compartimento, error) {
	t, err := c.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read a compartment: %w", err)
	}
	defer func() { _ = t.Rollback() }()
	out := &vault.Compartimento{Ente: ente, Nome: nome}
	if out.Versioni, err = versioni(ctx, t, ente, nome); err != nil {
		return nil, err
	}
	righe := func(q string, args []any, leggi func(*sql.Rows) error) {
		if err == nil {
			err = scorri(ctx, t, q, args, leggi)
		}
	}
	righe(`select n, destinatario, numero, chiusa from consegne where ente = $1 and compartimento = $2 order by destinatario`, []any{ente, nome}, func(r *sql.Rows) error {
		g := vault.Consegna{Ente: ente, Compartimento: nome}
		err := r.Scan(&g.N, &g.Destinatario, &g.Numero, &g.Chiusa)
		out.Consegne = append(out.Consegne, g)
		return err
	})
	righe(`select serie, pubblica from recuperi where ente = $1 and compartimento = $2`, []any{ente, nome}, func(r *sql.Rows) error {
		return r.Scan(&out.Recupero.Serie, &out.Recupero.Pubblica)
	})
	righe(`select custodi, chiusa from sottoinsiemi where ente = $1 and compartimento = $2 order by custodi`, []any{ente, nome}, func(r *sql.Rows) error {
		var s vault.Sottoinsieme
		err := r.Scan(&s.Custodi, &s.Chiusa)
		out.Recupero.Chiuse = append(out.Recupero.Chiuse, s)
		return err
	})
	righe(`select m.persona, m.numero, m.pubblica from membri m where m.ente = $1
and m.numero = (select max(x.numero) from membri x where x.ente = m.ente and x.persona = m.persona) order by m.persona`, []any{ente}, func(r *sql.Rows) error {
		var m vault.Membro
		err := r.Scan(&m.Persona, &m.Numero, &m.Pubblica)
		out.Membri = append(out.Membri, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read a compartment: %w", err)
	}
	return out, nil
}

func scorri(ctx context.Context, t *sql.Tx, q string, args []any, leggi func(*sql.Rows) error) error {
	rows, err := t.QueryContext(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := leggi(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ErrCambiato says that a change rests on a version that is no longer the newest.
var ErrCambiato = fault.New(fault.Conflict, "Intanto le chiavi di questo ufficio sono cambiate: non abbiamo fatto niente. Ricarica la pagina e riprova.")

// Applica writes a change by a person, all of it, if the version it rests on is still
// the newest one; else ErrCambiato.
func (c *Chiavi) Applica(ctx context.Context, ch *vault.Change, persona string) error {
	v := ch.Versione
	qui := []any{v.Ente, v.Compartimento}
	return c.custodisce(ctx, "change a compartment", func(t *sql.Tx) error {
		vv, err := versioni(ctx, t, v.Ente, v.Compartimento)
		if err != nil {
			return err
		}
		var ultima vault.Versione
		if len(vv) > 0 {
			ultima = vv[len(vv)-1]
		}
		if ultima.Impronta() != ch.Su || v.N != ultima.N && v.N != ultima.N+1 {
			return ErrCambiato
		}
		fa := func(q string, args ...any) {
			if err == nil {
				_, err = t.ExecContext(ctx, q, append(qui, args...)...)
			}
		}
		if v.N == ultima.N {
			fa(`update versioni set albo = $4 where ente = $1 and compartimento = $2 and n = $3`, v.N, v.Albo)
		} else {
			fa(`insert into versioni (ente, compartimento, n, tipo, pubblica, firma, albo) values ($1,$2,$3,$4,$5,$6,$7)`, v.N, string(v.Tipo), v.Pubblica, v.Firma, v.Albo)
			fa(`delete from consegne where ente = $1 and compartimento = $2`)
		}
		for _, g := range ch.Consegne {
			fa(`insert into consegne (ente, compartimento, n, destinatario, numero, chiusa) values ($1,$2,$3,$4,$5,$6)
on conflict (ente, compartimento, destinatario) do update set n = excluded.n, numero = excluded.numero, chiusa = excluded.chiusa`, g.N, g.Destinatario, g.Numero, g.Chiusa)
		}
		if r := ch.Recupero; r != nil {
			fa(`insert into recuperi (ente, compartimento, serie, pubblica) values ($1,$2,$3,$4)
on conflict (ente, compartimento) do update set serie = excluded.serie, pubblica = excluded.pubblica`, r.Serie, r.Pubblica)
			fa(`delete from sottoinsiemi where ente = $1 and compartimento = $2`)
			for _, s := range r.Chiuse {
				fa(`insert into sottoinsiemi (ente, compartimento, custodi, chiusa) values ($1,$2,$3,$4)`, s.Custodi, s.Chiusa)
			}
		}
		if ch.Pin != nil {
			fa(qRicordo, persona, ch.Pin)
		}
		if ch.Slot != nil && err == nil {
			err = salvaMembro(ctx, t, ch.Membro, *ch.Slot)
		}
		return err
	})
}

const qRicordo = `insert into ricordi (ente, compartimento, persona, chiuso) values ($1,$2,$3,$4)
on conflict (ente, compartimento, persona) do update set chiuso = excluded.chiuso`

// Ricordo is what a person remembers of a compartment, sealed; nil: nothing yet.
func (c *Chiavi) Ricordo(ctx context.Context, ente, nome, persona string) ([]byte, error) {
	var chiuso []byte
	err := c.db.QueryRowContext(ctx, `select chiuso from ricordi where ente = $1 and compartimento = $2 and persona = $3`, ente, nome, persona).Scan(&chiuso)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read a pin: %w", err)
	}
	return chiuso, nil
}

// SalvaRicordo stores it in the place of what was there.
func (c *Chiavi) SalvaRicordo(ctx context.Context, ente, nome, persona string, chiuso []byte) error {
	return c.custodisce(ctx, "store a pin", func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, qRicordo, ente, nome, persona, chiuso)
		return err
	})
}

// nuova is a statement after which there may be something that no copy has: the next
// one is made soon.
func (c *Chiavi) nuova(ctx context.Context, q string, args ...any) error {
	r, err := c.db.ExecContext(ctx, q, args...)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); n > 0 || err != nil {
		c.nuove.Store(true)
	}
	return nil
}

// scrive does a change of the key store, whoever gives up waiting for it. What it
// deleted is then taken out of the journal too; if that fails it is said in the log
// only, because what changed has changed.
func (c *Chiavi) scrive(ctx context.Context, cosa string, fa func(*sql.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	t, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", cosa, err)
	}
	defer func() { _ = t.Rollback() }()
	if err = fa(t); err == nil {
		err = t.Commit()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", cosa, err)
	}
	c.nuove.Store(true)
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	if err := c.tronca(ctx); err != nil {
		slog.WarnContext(ctx, "the journal of the key store was not emptied", "err", err)
	}
	return nil
}
