package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/vault"
)

// Intere reads whole the cases of an ente that follow n and have an act after da, in
// their order: every row that an act answers for.
func (s *Store) Intere(ctx context.Context, ente string, n, da int64, quante int) ([]pratica.Intera, error) {
	q, args := `select `+colonneTesta+` from pratiche p where p.ente = $1 and p.n > $2 `, []any{ente, n, quante}
	if da > 0 {
		q += `and p.n in (select t.pratica from atti t where t.a > $4) `
		args = append(args, da)
	}
	teste, err := s.teste(ctx, q+`order by p.n limit $3`, args...)
	if err != nil || len(teste) == 0 {
		return nil, err
	}
	out := make([]pratica.Intera, len(teste))
	perN, perID := make(map[int64]*pratica.Intera, len(teste)), make(map[vault.ID]*pratica.Intera, len(teste))
	for i, h := range teste {
		out[i].Testa = h
		perN[h.N], perID[h.ID] = &out[i], &out[i]
	}
	numeri := make([]int64, len(teste))
	for i, h := range teste {
		numeri[i] = h.N
	}
	a := &access.Args{}
	a.Add(ente)
	in := strings.Join(posti(a, numeri), ",")
	var errs []error
	leggi := func(q string, riga func(*sql.Rows) error) {
		errs = append(errs, s.righe(ctx, q, a.Valori, riga))
	}
	leggi(`select t.a, t.busta, t.hash, t.sale, t.pos, t.foglia, t.pratica, t.seq, t.kind, t.il, t.giorno, t.persona
from pratiche p join atti t on t.pratica = p.n where p.ente = $1 and p.n in (`+in+`) order by t.pratica, t.seq`, func(r *sql.Rows) error {
		var n int64
		var c pratica.Colonne
		var giorno, il string
		x, err := leggiAtto(r, &n, &c.Seq, &c.Kind, &il, &giorno, &c.Persona)
		if err != nil && x.Busta != nil {
			return registro.Wrong("La pratica %s: un atto è stato cambiato, e non si legge più.", perN[n].Testa.NumeroScritto())
		} else if err != nil {
			return err
		}
		c.Il, c.Giorno = leggiIstante(il), leggiData(giorno)
		perN[n].Atti, perN[n].Colonne = append(perN[n].Atti, x), append(perN[n].Colonne, c)
		return nil
	})
	leggi(`select t.pratica, c.k, c.parte, c.bytes from pratiche p join atti t on t.pratica = p.n join contenuti c on c.k between t.a*16 and t.a*16+15 where p.ente = $1 and p.n in (`+in+`)`, func(r *sql.Rows) error {
		var n, k int64
		var c pratica.Contenuto
		err := r.Scan(&n, &k, &c.Parte, &c.Bytes)
		if perN[n].Contenuti == nil {
			perN[n].Contenuti = map[int64]pratica.Contenuto{}
		}
		perN[n].Contenuti[k] = c
		return err
	})
	leggi(`select p.id, i.pratica, i.parte, i.destinatario, i.versione, i.chiusa from pratiche p join involucri i on i.pratica = p.n where p.ente = $1 and p.n in (`+in+`)`, func(r *sql.Rows) error {
		var n int64
		var id []byte
		i := vault.Involucro{Parte: vault.Parte{Ente: ente}}
		err := r.Scan(&id, &n, &i.Nome, &i.Destinatario, &i.Versione, &i.Chiusa)
		copy(i.Pratica[:], id)
		perN[n].Involucri = append(perN[n].Involucri, i)
		return err
	})
	leggi(`select x.id, x.pratica, x.atto, x.parte, x.dove, x.dimensione from pratiche p join allegati x on x.pratica = p.id and x.ente = p.ente where p.ente = $1 and p.n in (`+in+`) order by x.id`, func(r *sql.Rows) error {
		x := pratica.Allegato{Ente: ente}
		var id, di []byte
		err := r.Scan(&id, &di, &x.A, &x.Parte, &x.Dove, &x.Dimensione)
		copy(x.ID[:], id)
		copy(x.Pratica[:], di)
		if c := perID[x.Pratica]; c != nil {
			c.Allegati = append(c.Allegati, x)
		}
		return err
	})
	leggi(`select c.pratica, c.seq, c.versione, c.chiuso from pratiche p join cartellini c on c.pratica = p.n where p.ente = $1 and p.n in (`+in+`) order by c.seq`, func(r *sql.Rows) error {
		var n int64
		var c pratica.CartellinoChiuso
		err := r.Scan(&n, &c.Seq, &c.Versione, &c.Bytes)
		perN[n].Cartellini = append(perN[n].Cartellini, c)
		return err
	})
	leggi(`select c.pratica, c.ufficio, c.scadenza, c.cosa, c.gruppo from pratiche p join compiti c on c.pratica = p.n and c.ente = p.ente where p.ente = $1 and p.n in (`+in+`)`, func(r *sql.Rows) error {
		var n int64
		var c pratica.RigaCompito
		var scadenza string
		err := r.Scan(&n, &c.Ufficio, &scadenza, &c.Cosa, &c.Gruppo)
		c.Scadenza = leggiData(scadenza)
		perN[n].Righe.Compiti = append(perN[n].Righe.Compiti, c)
		return err
	})
	leggi(`select v.n, v.ufficio, v.come from pratiche p join vede v on v.n = p.n and v.ente = p.ente where p.ente = $1 and p.n in (`+in+`)`, func(r *sql.Rows) error {
		var n int64
		var v pratica.RigaVede
		err := r.Scan(&n, &v.Ufficio, &v.Come)
		perN[n].Righe.Vede = append(perN[n].Righe.Vede, v)
		return err
	})
	leggi(`select s.pratica, s.il from pratiche p join scatti s on s.pratica = p.n where p.ente = $1 and p.n in (`+in+`) order by s.il`, func(r *sql.Rows) error {
		var n int64
		var il string
		err := r.Scan(&n, &il)
		perN[n].Scatti = append(perN[n].Scatti, leggiIstante(il))
		return err
	})
	leggi(`select s.n, s.persona, s.dal, s.al from pratiche p join siede s on s.n = p.n where p.ente = $1 and p.n in (`+in+`)`, func(r *sql.Rows) error {
		var n int64
		var x access.Posto
		var dal, al string
		err := r.Scan(&n, &x.Persona, &dal, &al)
		x.Dal, x.Al = leggiData(dal), leggiData(al)
		perN[n].Siede = append(perN[n].Siede, x)
		return err
	})
	leggi(`select c.id, c.pratica, c.seq, c.impronta, c.sale from pratiche p join contrassegni c on c.pratica = p.n and c.ente = p.ente where p.ente = $1 and p.n in (`+in+`) order by c.seq`, func(r *sql.Rows) error {
		var x pratica.Contrassegno
		err := r.Scan(&x.ID, &x.N, &x.Seq, &x.Impronta, &x.Sale)
		perN[x.N].Timbri = append(perN[x.N].Timbri, x)
		return err
	})
	leggi(`select x.pratica, x.seq, x.verso, x.numero, x.il from pratiche p join protocolli x on x.pratica = p.n and x.ente = p.ente where p.ente = $1 and p.n in (`+in+`) order by x.seq`, func(r *sql.Rows) error {
		var n int64
		var il string
		var x pratica.RigaProtocollo
		err := r.Scan(&n, &x.Seq, &x.Verso, &x.Numero, &il)
		if x.Il = leggiIstante(il); scriviIstante(x.Il) != il { // no instant of ours
			x.Verso = il
		}
		perN[n].Protocolli = append(perN[n].Protocolli, x)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read whole cases: %w", err)
	}
	for i := range out {
		out[i].Righe.Testa = out[i].Testa
	}
	return out, nil
}

// righe runs a query and hands its rows to riga.
func (s *Store) righe(ctx context.Context, q string, args []any, riga func(*sql.Rows) error) error {
	rows, err := s.db.QueryContext(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := riga(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Fatti are what stands in an ente's log and is no act of a case, by their places.
func (s *Store) Fatti(ctx context.Context, ente string) ([]registro.Record, error) {
	return s.fatti(ctx, `select pos, kind, il, testo, sale, foglia from log_fatti where ente = $1 order by pos`, ente)
}

// Records are those of a kind that stand in an ente's log, oldest first.
func (s *Store) Records(ctx context.Context, ente, kind string) ([]registro.Record, error) {
	return s.fatti(ctx, `select pos, kind, il, testo, sale, foglia from log_fatti where ente = $1 and kind = $2 order by pos`, ente, kind)
}

// Say adds to an ente's log what is no act of a case.
func (s *Store) Say(ctx context.Context, ente, kind string, record []byte) error {
	return s.annota(ctx, ente, kind, json.RawMessage(record))
}

func (s *Store) fatti(ctx context.Context, q string, args ...any) ([]registro.Record, error) {
	var out []registro.Record
	err := s.righe(ctx, q, args, func(r *sql.Rows) error {
		var x registro.Record
		var il string
		var sale []byte
		err := r.Scan(&x.Pos, &x.Kind, &il, &x.Text, &sale, &x.Leaf)
		x.At = leggiIstante(il)
		copy(x.Sale[:], sale)
		out = append(out, x)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the records of the log: %w", err)
	}
	return out, nil
}

// StoredHashes hands the stored hashes of an ente's log from one on to fn, in their
// order.
func (s *Store) StoredHashes(ctx context.Context, ente string, da int64, fn func(idx int64, hash []byte) error) error {
	err := s.righe(ctx, `select idx, hash from log_hash where ente = $1 and idx >= $2 order by idx`, []any{ente, da}, func(r *sql.Rows) error {
		var idx int64
		var hash []byte
		if err := r.Scan(&idx, &hash); err != nil {
			return err
		}
		return fn(idx, hash)
	})
	if err != nil {
		return fmt.Errorf("read the hashes of the log: %w", err)
	}
	return nil
}

// Checkpoints are the signed states of an ente's log, in their order.
func (s *Store) Checkpoints(ctx context.Context, ente string) ([]registro.Signed, error) {
	var out []registro.Signed
	err := s.righe(ctx, `select epoca, n, il, nota from log_checkpoint where ente = $1 order by epoca, n`, []any{ente}, func(r *sql.Rows) error {
		var x registro.Signed
		var il string
		err := r.Scan(&x.Epoch, &x.Size, &il, &x.Note)
		x.At = leggiIstante(il)
		out = append(out, x)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return out, nil
}

// sorte is a sort of records of the log, with the rows that they speak of.
type sorte struct {
	kind, cosa, q string
	uno           func() (v any, campi []any) // a record, and where a row goes into it
	chiave        func(any) string            // by which they are ordered
	ultimo        bool                        // of those with one key the last holds
}

var sorti = []sorte{
	{fattoRegolamento, "la procedura in vigore", `select registro, dal, regolamento, calendario from in_vigore where ente = $1`,
		func() (any, []any) {
			v := &inVigore{}
			return v, []any{&v.Registro, &v.Dal, &v.Regolamento, &v.Calendario}
		},
		func(v any) string { return v.(*inVigore).Registro + "|" + v.(*inVigore).Dal }, true},
	{fattoOrganigramma, "l'organigramma", `select dal, hash from organigrammi where ente = $1 order by versione`,
		func() (any, []any) {
			v := &carta{}
			return v, []any{&v.Dal, &v.Hash}
		},
		func(any) string { return "" }, false},
	{fattoChiavi, "l'atto sulle chiavi", `select compartimento, il, chi, persona, cosa, versione, chiave, nota, impronta from atti_chiavi where ente = $1 order by n`,
		func() (any, []any) {
			v := &suChiave{}
			return v, []any{&v.Compartimento, &v.Il, &v.Chi, &v.Persona, &v.Cosa, &v.Versione, &v.Chiave, &v.Nota, &v.Impronta}
		},
		func(v any) string { return v.(*suChiave).Compartimento }, false},
	{fattoGiornaliero, "il registro giornaliero", `select giorno, registro, il, numeri, annotazioni, fino, hash from giornalieri where ente = $1 order by giorno, registro`,
		func() (any, []any) {
			v := &giornata{}
			return v, []any{&v.Giorno, &v.Registro, &v.Il, &v.Numeri, &v.Annotazioni, &v.Fino, &v.Hash}
		},
		func(v any) string { return v.(*giornata).Giorno + "|" + v.(*giornata).Registro }, false},
}

// FattiRetti compares what the log says of rules, charts, keys and readings with the
// rows there are, and names the first that is another.
func (s *Store) FattiRetti(ctx context.Context, ente string, fatti []registro.Record) error {
	for {
		err := s.fattiRetti(ctx, ente, fatti)
		if f := (*registro.Finding)(nil); !errors.As(err, &f) {
			return err
		}
		ora, leggi := s.Fatti(ctx, ente)
		switch {
		case leggi != nil:
			return leggi
		case len(ora) <= len(fatti):
			return err
		}
		fatti = ora // something was done while they were compared
	}
}

func (s *Store) fattiRetti(ctx context.Context, ente string, fatti []registro.Record) error {
	for _, x := range sorti {
		var righe []any
		if err := s.righe(ctx, x.q, []any{ente}, func(r *sql.Rows) error {
			v, campi := x.uno()
			righe = append(righe, v)
			return r.Scan(campi...)
		}); err != nil {
			return fmt.Errorf("read what the log speaks of: %w", err)
		}
		ora, err := x.testi(righe)
		if err != nil {
			return err
		}
		detto, err := x.detto(fatti)
		if err != nil {
			return err
		}
		for i := range max(len(ora), len(detto)) {
			switch {
			case i >= len(ora):
				return registro.Wrong("Manca %s: il registro ha «%s».", x.cosa, detto[i])
			case i >= len(detto):
				return registro.Wrong("%s «%s» non è nel registro.", maiuscola(x.cosa), ora[i])
			case ora[i] != detto[i]:
				return registro.Wrong("%s è «%s»: nel registro è «%s».", maiuscola(x.cosa), ora[i], detto[i])
			}
		}
	}
	if err := s.righe(ctx, `select hash, testo from organigrammi where ente = $1 union all
select v.regolamento, r.testo from in_vigore v left join regolamenti r on v.regolamento = r.hash where v.ente = $1 union all
select v.calendario, c.testo from in_vigore v left join calendari c on v.calendario = c.hash where v.ente = $1`, []any{ente}, func(r *sql.Rows) error {
		var hash string
		var testo []byte
		if err := r.Scan(&hash, &testo); err != nil {
			return err
		}
		if impronta(testo) != hash {
			return registro.Wrong("Il testo di una procedura, di un calendario o di un organigramma è stato cambiato (%.12s).", hash)
		}
		return nil
	}); err != nil {
		return err
	}
	ora := ""
	if err := s.righe(ctx, `select config from enti where ente = $1`, []any{ente}, func(r *sql.Rows) error {
		var config []byte
		err := r.Scan(&config)
		ora = impronta(config)
		return err
	}); err != nil {
		return fmt.Errorf("read the ente: %w", err)
	}
	return s.lettiRetti(ctx, ente, ora, fatti)
}

// detto is what the log says of a sort, as testi gives it.
func (x sorte) detto(fatti []registro.Record) ([]string, error) {
	var out []any
	posto := map[string]int{}
	for _, f := range fatti {
		if f.Kind != x.kind {
			continue
		}
		v, _ := x.uno()
		if err := json.Unmarshal(f.Text, v); err != nil {
			return nil, registro.Wrong("La registrazione %d del registro non si legge.", f.Pos)
		}
		if i, gia := posto[x.chiave(v)]; gia && x.ultimo {
			out[i] = v
			continue
		}
		posto[x.chiave(v)] = len(out)
		out = append(out, v)
	}
	return x.testi(out)
}

// testi are records of a sort as texts to be compared: by their key, then as they come.
func (x sorte) testi(vv []any) ([]string, error) {
	slices.SortStableFunc(vv, func(a, b any) int { return strings.Compare(x.chiave(a), x.chiave(b)) })
	out := make([]string, len(vv))
	for i, v := range vv {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("encode a record: %w", err)
		}
		out[i] = string(b)
	}
	return out, nil
}

// lettiRetti compares the settings of the ente and the log of who read what.
func (s *Store) lettiRetti(ctx context.Context, ente, config string, fatti []registro.Record) error {
	ultimo := ""
	for _, f := range fatti {
		switch f.Kind {
		case fattoEnte:
			var v suEnte
			if err := json.Unmarshal(f.Text, &v); err != nil {
				return registro.Wrong("La registrazione %d del registro non si legge.", f.Pos)
			}
			ultimo = v.Hash
		case fattoAccessi:
			var v letto
			if err := json.Unmarshal(f.Text, &v); err != nil {
				return registro.Wrong("La registrazione %d del registro non si legge.", f.Pos)
			}
			ora, err := s.leggiLetto(ctx, ente, v.Dal, v.Al)
			if err != nil {
				return err
			}
			if ora.Righe != v.Righe || !bytes.Equal(ora.Hash, v.Hash) {
				return registro.Wrong("Le letture dal %s al %s non sono più quelle: erano %d, ora sono %d.", v.Dal, v.Al, v.Righe, ora.Righe)
			}
		}
	}
	if config != ultimo {
		return registro.Wrong("I dati dell'ente non sono quelli che il registro ha per ultimi.")
	}
	return nil
}

func maiuscola(t string) string { return strings.ToUpper(t[:1]) + t[1:] }

func impronta(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
