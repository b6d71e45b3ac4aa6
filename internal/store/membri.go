package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tutela/internal/fault"
	"tutela/internal/vault"
)

const (
	tabellaMembri = `create table if not exists membri (ente text not null, persona text not null, numero integer not null,
pubblica blob not null, primary key (ente, persona, numero)) strict, without rowid`

	tabellaSlotMembri = `create table if not exists slot_membri (ente text not null, persona text not null, numero integer not null, id text not null,
tipo text not null, memoria integer not null, giri integer not null, fili integer not null, sale blob, verifica blob, chiusa blob not null,
primary key (ente, persona, id)) strict, without rowid`

	tabellaPepe = `create table if not exists pepe (ente text not null primary key, chiuso blob not null) strict, without rowid`
)

// Membro is the newest key of a person: fault.NotFound for who has none.
func (c *Chiavi) Membro(ctx context.Context, ente, persona string) (vault.Membro, error) {
	m := vault.Membro{Persona: persona}
	err := c.db.QueryRowContext(ctx, `select numero, pubblica from membri where ente = $1 and persona = $2 order by numero desc limit 1`, ente, persona).
		Scan(&m.Numero, &m.Pubblica)
	if errors.Is(err, sql.ErrNoRows) {
		return m, fault.New(fault.NotFound, "Questa persona non ha ancora una chiave.")
	}
	if err != nil {
		return m, fmt.Errorf("read a person's key: %w", err)
	}
	return m, nil
}

// Slot are the slots of the newest key of a person, by id.
func (c *Chiavi) Slot(ctx context.Context, ente, persona string) ([]vault.MemberSlot, error) {
	rows, err := c.db.QueryContext(ctx, `select numero, id, tipo, memoria, giri, fili, sale, verifica, chiusa from slot_membri
where ente = $1 and persona = $2 and numero = (select max(numero) from membri where ente = $1 and persona = $2) order by id`, ente, persona)
	if err != nil {
		return nil, fmt.Errorf("read slots: %w", err)
	}
	defer rows.Close()
	var out []vault.MemberSlot
	for rows.Next() {
		s := vault.MemberSlot{Ente: ente, Persona: persona}
		if err := rows.Scan(&s.Numero, &s.ID, &s.Tipo, &s.Costo.Memoria, &s.Costo.Giri, &s.Costo.Fili, &s.Sale, &s.Verifica, &s.Chiusa); err != nil {
			return nil, fmt.Errorf("read slots: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// SalvaMembro stores a person's key, if it is a new one, with a slot: in the place of
// the slots of an older key, and of the one of its kind; of its passkey, where it is
// a passkey's. fault.Conflict when the number is of another key.
func (c *Chiavi) SalvaMembro(ctx context.Context, m vault.Membro, s vault.MemberSlot) error {
	return c.custodisce(ctx, "store a person's key", func(t *sql.Tx) error { return salvaMembro(ctx, t, m, s) })
}

func salvaMembro(ctx context.Context, t *sql.Tx, m vault.Membro, s vault.MemberSlot) error {
	if _, err := t.ExecContext(ctx, `insert into membri (ente, persona, numero, pubblica) values ($1,$2,$3,$4) on conflict do nothing`,
		s.Ente, m.Persona, m.Numero, m.Pubblica); err != nil {
		return err
	}
	var uguali int
	if err := t.QueryRowContext(ctx, `select count(*) from membri where ente = $1 and persona = $2 and numero = $3 and pubblica = $4
and numero = (select max(numero) from membri where ente = $1 and persona = $2)`, s.Ente, m.Persona, m.Numero, m.Pubblica).Scan(&uguali); err != nil {
		return err
	}
	if uguali == 0 {
		return fault.New(fault.Conflict, "Intanto la chiave di questa persona è cambiata. Ricarica la pagina.")
	}
	if _, err := t.ExecContext(ctx, `delete from slot_membri where ente = $1 and persona = $2 and (numero <> $3 or tipo = $4 and ($4 <> $5 or verifica = $6))`,
		s.Ente, m.Persona, m.Numero, s.Tipo, vault.SlotPRF, s.Verifica); err != nil {
		return err
	}
	_, err := t.ExecContext(ctx, `insert into slot_membri (ente, persona, numero, id, tipo, memoria, giri, fili, sale, verifica, chiusa)
values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`, s.Ente, s.Persona, s.Numero, s.ID, s.Tipo, s.Costo.Memoria, s.Costo.Giri, s.Costo.Fili, s.Sale, s.Verifica, s.Chiusa)
	return err
}

// TogliSlot deletes one of the slots of a person's key; all of them where none is
// named: the key itself stays in the table, so that the next one has the next number.
// It waits for no copy: a way in must go even where copies fail.
func (c *Chiavi) TogliSlot(ctx context.Context, ente, persona, id string) error {
	return c.scrive(ctx, "delete slots", func(t *sql.Tx) error {
		_, err := t.ExecContext(ctx, `delete from slot_membri where ente = $1 and persona = $2 and ($3 = '' or id = $3)`, ente, persona, id)
		return err
	})
}

// Pepe is the pepper of an ente's passphrases: of two nodes, the quicker one's.
func (c *Chiavi) Pepe(ctx context.Context, ente string) ([]byte, error) {
	if err := c.nuova(ctx, `insert into pepe (ente, chiuso) values ($1,$2) on conflict do nothing`, ente, c.ring.NewPepper(ente)); err != nil {
		return nil, fmt.Errorf("make a pepper: %w", err)
	}
	var chiuso []byte
	if err := c.db.QueryRowContext(ctx, `select chiuso from pepe where ente = $1`, ente).Scan(&chiuso); err != nil {
		return nil, fmt.Errorf("read a pepper: %w", err)
	}
	return c.ring.Pepper(ente, chiuso)
}
