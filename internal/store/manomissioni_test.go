package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// senzaGuardia are the tables, or columns, that the log does not answer for, and why.
var senzaGuardia = map[string]string{
	"scatti":                "warnings that fell due: what they did to a case is in its rows",
	"copie":                 "copies being redacted: what is sent of them becomes a file of an act",
	"cerca":                 "search words, made again from the contents",
	"persone":               "people and how they enter: not of a case",
	"incarichi":             "as people",
	"fattori":               "as people",
	"usati":                 "as people",
	"regole_accesso":        "as people",
	"notizie":               "as people",
	"sessioni":              "as people",
	"token":                 "as people",
	"bozze":                 "drafts",
	"richieste":             "answers given again for a day",
	"tentativi":             "brakes",
	"scarti":                "lists of files to be eliminated: what was done is an act",
	"scarti_pratiche":       "as those lists",
	"riscritture":           "how far search words were made again",
	"viste":                 "preferences",
	"log_cofirme":           "lines of witnesses: each is checked by its own signature",
	"pratiche.proiezione":   "the version of the derived rows",
	"numeri.ultimo_il":      "the last instant, which only moves the next one",
	"log_checkpoint.il":     "when it was signed: the witnesses say it",
	"atti_chiavi.fatto":     "whether the key store has it: it says so itself",
	"allegati.creato":       "when the file came: the act says it",
	"allegati.scheda":       "sealed with the file's own key",
	"siede.ente":            "another ente's people do not reach the case",
	"atti_chiavi.n":         "their order, which the log has",
	"organigrammi.versione": "as that",
	"log_checkpoint.ente":   "a signed state less: the last is beside the keys too",
	"siede.giorno":          "the day of the session: the act says it, and it opens nothing",
	"regolamenti.nome":      "a name: the text says it",
	"cartellini.versione":   "which key opens it: another does not",
	"involucri.versione":    "as that",
	"protocolli.chiesto":    "when the exchange with the ente's protocol was begun: what came of it is an act",
	"protocolli.riprova":    "as that: when to ask again",
	"protocolli.tentativi":  "as that: how often it was asked",
	"protocolli.provato":    "as that: when last",
	"protocolli.errore":     "as that: what was met",
}

type colonna struct{ nome, tipo string }

type tavola struct {
	colonne []colonna
	chiave  []string
}

// tavole are the tables of the schema.
func tavole(t *testing.T) map[string]tavola {
	t.Helper()
	b, err := os.ReadFile("migrations/0001_init.sql")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]tavola{}
	for _, m := range regexp.MustCompile(`(?s)create table (\w+) \((.*?)\n\) (?:ROWS|SLIM);`).FindAllStringSubmatch(string(b), -1) {
		var x tavola
		for riga := range strings.Lines(m[2]) {
			f := strings.Fields(strings.TrimSuffix(strings.TrimSpace(riga), ","))
			switch {
			case len(f) < 2:
			case f[0] == "primary":
				x.chiave = strings.FieldsFunc(strings.SplitN(riga, "(", 2)[1], func(r rune) bool { return strings.ContainsRune("(), \n", r) })
			default:
				x.colonne = append(x.colonne, colonna{f[0], f[1]})
				if f[1] == "NKEY" || strings.Contains(riga, "primary key") {
					x.chiave = []string{f[0]}
				}
			}
		}
		out[m[1]] = x
	}
	if len(out) < 30 || len(out["atti"].colonne) != 12 || len(out["involucri"].chiave) != 3 {
		t.Fatalf("%d tables: the test does not read the schema", len(out))
	}
	return out
}

// mondo is a register in which something of every sort happened.
func mondo(t *testing.T, b *storetest.Banco) {
	t.Helper()
	ctx := context.Background()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(b.Store.SalvaEnte(ctx, b.Ente, []byte(`{"id":"`+b.Ente+`"}`)))
	org := b.Ambiente.Organigramma
	ok(b.Store.SalvaOrganigramma(ctx, b.Ente, day.Of(2026, time.January, 1), org.Hash(), org.Canonical()))
	for _, n := range []struct {
		registro string
		pratica.Norme
	}{{"urp", pratica.Norme{Regolamento: b.Ambiente.Regolamento, Calendario: b.Ambiente.Calendario}}, {"upt", b.Ambiente.Altri["upt"]}} {
		ok(b.Store.Pubblica(ctx, b.Ente, n.registro, day.Of(2026, time.January, 1),
			pratica.Testo{Nome: n.Regolamento.Nome(), Hash: n.Regolamento.Hash(), Bytes: n.Regolamento.Canonical()},
			pratica.Testo{Hash: n.Calendario.Hash(), Bytes: n.Calendario.Canonical()}))
	}
	az := b.Chi(access.URPAziendale, "")
	b.Servizio.Holding = func(context.Context, string, ...string) ([]access.Chi, error) {
		c := b.Chi(access.Commissione, "")
		c.Persona, c.Nome = "carla", "Carla"
		return []access.Chi{c}, nil
	}
	passo := func(chi access.Chi, id vault.ID, atto string, dati pratica.Dati) {
		t.Helper()
		b.Orologio.Avanza(time.Hour)
		if _, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: id, Atto: atto, Dati: dati}); err != nil {
			t.Fatalf("%s: %v", atto, err)
		}
	}
	upt := b.FondaUPT(t)
	upt.Ammetti(t, "berta")
	upt.Togli(t, "berta") // on record
	nu := segnalazione()
	nu.ID = vault.NewID(b.Orologio.Now())
	var err error
	nu.Slot, err = b.Servizio.Pool.Take(ctx)
	ok(err)
	fid := vault.NewID(b.Orologio.Now())
	base := pratica.BaseFile(nu.Slot.Key, b.Ente, nu.ID, pratica.ParteCittadino)
	sua := vault.NewRiservato(string(vault.NewKey()))
	blob, err := b.Blobs.Put(bytes.NewReader([]byte("una fotografia")), pratica.ChiaveFile([]byte(sua.Valore()), base), pratica.ContestoFile(b.Ente, nu.ID, fid))
	ok(err)
	nu.File = []pratica.File{{ID: fid, Nome: vault.NewRiservato("foto.jpg"), Tipo: "image/jpeg", Dove: blob.Address.String(), Dimensione: blob.Size, Impronta: blob.PlainSum, Chiave: sua}}
	b.ConProtocollo(t, false)
	a, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), nu)
	ok(err)
	numeri, err := b.Servizio.ProtocollaAttese(ctx, b.Ente)
	ok(err)
	if numeri != 1 {
		t.Fatal("the ente's protocol gave no number")
	}
	c, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), segnalazione())
	ok(err)
	u := segnalazione()
	u.Registro = pratica.RegistroUPT
	d, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), u)
	ok(err)
	passo(az, a.ID, "presa_in_carico", nil)
	passo(az, a.ID, "assegnazione", pratica.Dati{"persona": az.Persona})
	passo(az, a.ID, "nota", pratica.Dati{"nota": "Da sentire il reparto."})
	passo(upt.Chi(t, "capo"), d.ID, "presa_in_carico", nil)
	passo(upt.Chi(t, "capo"), d.ID, "risposta", pratica.Dati{"testo": "Gentile signora, abbiamo sentito il reparto."})
	oggi := b.Servizio.Oggi()
	passo(az, c.ID, "presa_in_carico", nil)
	passo(az, c.ID, "convocazione_seduta", pratica.Dati{"seduta_il": oggi.Add(3).String(), "legge_dal": oggi.String(), "legge_al": oggi.Add(7).String(),
		"membri": []string{"carla"}, "leggono": "tutto", "motivo": "Lo chiede l'associazione."})
	_, err = b.Servizio.Apri(ctx, az, a.ID)
	ok(err)
	b.Orologio.Avanza(9 * 24 * time.Hour) // warnings fall due
	_, err = b.Servizio.Scansiona(ctx, b.Store)
	ok(err)
	ok(b.Store.SigillaAccessi(ctx, b.Ente, b.Orologio.Now()))
	ok(b.Servizio.ChiudiGiorni(ctx, b.Ente))
	_, err = b.Servizio.Log.Checkpoint(ctx, b.Ente, 0)
	ok(err)
	if e, err := b.Verifica(ctx, true); err != nil || e.Pratiche != 3 || e.File != 1 || e.Checkpoint != 1 {
		t.Fatalf("before anything is changed: %v, %v", e, err)
	}
}

// Every value of every table that the log answers for, changed by itself, is noticed;
// so is every row taken away. What is not answered for is on a list with its reason.
func TestManomissioni(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		mondo(t, b)
		usate := map[string]bool{}
		for nome, tav := range tavole(t) {
			if senzaGuardia[nome] != "" {
				usate[nome] = true
				continue
			}
			righe, err := store.Guarda(ctx, b.Store, `select `+strings.Join(append(slices.Clone(tav.chiave), nomi(tav.colonne)...), ", ")+` from `+nome+` order by `+strings.Join(tav.chiave, ", "))
			if err != nil {
				t.Fatal(err)
			}
			if nome == "numeri" { // those of the database are no ente's
				righe = slices.DeleteFunc(righe, func(r []any) bool { return fmt.Sprint(r[0]) == "" })
			}
			if len(righe) == 0 {
				t.Errorf("%s is empty: nothing of it is tried", nome)
				continue
			}
			dove := func(chiave []any, da int) string {
				var out []string
				for i, k := range tav.chiave {
					out = append(out, fmt.Sprintf("%s = $%d", k, da+i))
				}
				return strings.Join(out, " and ")
			}
			for _, riga := range []([]any){righe[0], righe[len(righe)-1]} {
				chiave, valori := riga[:len(tav.chiave)], riga[len(tav.chiave):]
				for i, c := range tav.colonne {
					if senzaGuardia[nome+"."+c.nome] != "" {
						usate[nome+"."+c.nome] = true
						continue
					}
					falso := altro(valori[i], c)
					if falso == nil {
						continue
					}
					nuova := slices.Clone(chiave)
					if k := slices.Index(tav.chiave, c.nome); k >= 0 {
						nuova[k] = falso
					}
					if err := store.Manometti(ctx, b.Store, `update `+nome+` set `+c.nome+` = $1 where `+dove(chiave, 2), append([]any{falso}, chiave...)...); err != nil {
						continue // the database itself does not take it
					}
					if e, err := b.Verifica(ctx, true); !errors.As(err, new(*registro.Finding)) {
						t.Errorf("%s.%s: %v became %v and nobody said so (%v, %v)", nome, c.nome, valori[i], falso, e, err)
					}
					if err := store.Manometti(ctx, b.Store, `update `+nome+` set `+c.nome+` = $1 where `+dove(nuova, 2), append([]any{valori[i]}, nuova...)...); err != nil {
						t.Fatal(err)
					}
				}
				if err := store.Manometti(ctx, b.Store, `delete from `+nome+` where `+dove(chiave, 1), chiave...); err != nil {
					t.Fatal(err)
				}
				if _, err := b.Verifica(ctx, true); !errors.As(err, new(*registro.Finding)) && nome != "siede" && nome != "log_checkpoint" { // who sits no more reads no more
					t.Errorf("a row of %s was taken away and nobody said so: %v", nome, err)
				}
				var segni []string
				for i := range valori {
					segni = append(segni, fmt.Sprintf("$%d", i+1))
				}
				if err := store.Manometti(ctx, b.Store, `insert into `+nome+` (`+strings.Join(nomi(tav.colonne), ", ")+`) values (`+strings.Join(segni, ",")+`)`, valori...); err != nil {
					t.Fatal(err)
				}
			}
		}
		for k := range senzaGuardia {
			if !usate[k] {
				t.Errorf("%s is on the list and not in the schema", k)
			}
		}
		b.Orologio.Avanza(time.Minute)
		if _, err := b.Verifica(ctx, true); err != nil {
			t.Errorf("put back as it was: %v", err)
		}
	})
}

func nomi(cc []colonna) (out []string) {
	for _, c := range cc {
		out = append(out, c.nome)
	}
	return out
}

// altro is a value as near as can be that is another; nil for none.
func altro(v any, c colonna) any {
	switch v := v.(type) {
	case nil:
		return nil
	case int64:
		if c.nome == "aperta" || c.nome == "sospesa" || c.nome == "vincolo" || c.nome == "fatto" {
			return 1 - v
		}
		return v + 1
	case []byte:
		if c.tipo == "text" {
			return altro(string(v), c)
		}
		if len(v) == 0 {
			return []byte{1}
		}
		w := bytes.Clone(v)
		w[len(w)-1] ^= 1
		return w
	case string:
		switch {
		case v == "":
			return "x"
		case c.nome == "come":
			return map[string]string{"n": "r", "r": "n"}[v]
		case v[len(v)-1] == 'Z': // an instant
			return v[:len(v)-2] + string('0'+(v[len(v)-2]-'0'+1)%10) + "Z"
		}
		w := []byte(v)
		if w[len(w)-1]++; w[len(w)-1] > 'z' || w[len(w)-1] == ':' {
			w[len(w)-1] -= 2
		}
		return string(w)
	}
	return nil
}

// A stamp whose row is not as its act made it is called none by the page either.
func TestContrassegnoManomesso(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true
		ctx := context.Background()
		mondo(t, b)
		righe, err := store.Guarda(ctx, b.Store, `select id, impronta from contrassegni`)
		if err != nil || len(righe) != 1 {
			t.Fatal(righe, err)
		}
		id := fmt.Sprintf("%s", righe[0][0])
		if v, err := b.Servizio.VerificaContrassegno(ctx, b.Ente, id); err != nil || !bytes.Equal(v.Impronta, righe[0][1].([]byte)) {
			t.Fatalf("%+v, %v", v, err)
		}
		falso := sha256.Sum256([]byte("Gentile signora, hai ragione."))
		if err := store.Manometti(ctx, b.Store, `update contrassegni set impronta = $1 where id = $2`, falso[:], id); err != nil {
			t.Fatal(err)
		}
		if v, err := b.Servizio.VerificaContrassegno(ctx, b.Ente, id); err == nil || fault.Is(err, fault.NotFound) {
			t.Errorf("the page believes it: %+v, %v", v, err)
		}
		if _, err := b.Verifica(ctx, true); !errors.Is(err, registro.ErrBroken) || !strings.Contains(err.Error(), "contrassegno") {
			t.Errorf("verify: %v", err)
		}
	})
}

// A verification goes on from the last one: it reads what is new, and holds it against
// what was seen then.
func TestVerificaDaUltima(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true
		ctx := context.Background()
		mondo(t, b)
		prima, err := b.Verifica(ctx, true)
		if err != nil {
			t.Fatal(err)
		}
		poi := func() (pratica.Esito, error) {
			v := b.Verificatore()
			v.Da, v.Prima = prima.Ultimo, prima.State
			return v.Tutto(ctx)
		}
		if e, err := poi(); err != nil || e.Pratiche != 0 {
			t.Errorf("nothing new: %v, %v", e, err)
		}
		r, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), segnalazione())
		if err != nil {
			t.Fatal(err)
		}
		if e, err := poi(); err != nil || e.Pratiche != 1 || e.Atti != 1 || e.Size != prima.Size+1 {
			t.Errorf("one more: %v, %v", e, err)
		}
		if _, err := b.Servizio.Log.Checkpoint(ctx, b.Ente, 0); err != nil {
			t.Fatal(err)
		}
		if e, err := poi(); err != nil || e.Checkpoint != 2 {
			t.Errorf("signed: %v, %v", e, err)
		}
		h, _, err := b.Store.Leggi(ctx, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Manometti(ctx, b.Store, `update atti set giorno = '2026-01-01' where pratica = $1`, h.N); err != nil {
			t.Fatal(err)
		}
		if _, err := poi(); !errors.Is(err, registro.ErrBroken) {
			t.Errorf("a new act changed: %v", err)
		}
		prima.Root[0] ^= 1
		if _, err := poi(); !errors.Is(err, registro.ErrBroken) {
			t.Errorf("another tree than the one that was seen: %v", err)
		}
	})
}

// What was written by one case cannot stand for what was written by another, nor one
// file for another, nor can the last hour be taken back whole.
func TestScambi(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true
		ctx := context.Background()
		mondo(t, b)
		prova := func(cosa string, frasi ...string) {
			t.Helper()
			for _, q := range frasi {
				if err := store.Manometti(ctx, b.Store, q); err != nil {
					t.Fatal(cosa, err)
				}
			}
			if _, err := b.Verifica(ctx, true); !errors.Is(err, registro.ErrBroken) {
				t.Errorf("%s: %v", cosa, err)
			} else {
				t.Log(cosa+":", err)
			}
		}
		scambia := func(tavola, k string, uno, due int) []string {
			passo := func(da, a int) string { return fmt.Sprintf(`update %s set %s = %d where %s = %d`, tavola, k, a, k, da) }
			return []string{passo(uno, -1), passo(due, uno), passo(-1, due)}
		}
		contenuti, err := store.Guarda(ctx, b.Store, `select k from contenuti order by k`)
		if err != nil {
			t.Fatal(err)
		}
		k1, k2 := int(contenuti[0][0].(int64)), int(contenuti[1][0].(int64))
		prova("two contents exchanged", scambia("contenuti", "k", k1, k2)...)
		if err := errors.Join(func() (errs []error) {
			for _, q := range scambia("contenuti", "k", k1, k2) {
				errs = append(errs, store.Manometti(ctx, b.Store, q))
			}
			return errs
		}()...); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Verifica(ctx, true); err != nil {
			t.Fatalf("put back: %v", err)
		}
		prova("the end of the log with another number of leaves", `update log_testa set n = n * 2 + 1`)
		if err := store.Manometti(ctx, b.Store, `update log_testa set n = (n - 1) / 2`); err != nil {
			t.Fatal(err)
		}
		// A file changed on the disk, then taken away.
		var dove string
		righe, err := store.Guarda(ctx, b.Store, `select dove from allegati`)
		if err != nil {
			t.Fatal(err)
		}
		dove = fmt.Sprintf("%s", righe[0][0])
		a, err := document.ParseAddress(dove)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Blobs.Remove(a); err != nil {
			t.Fatal(err)
		}
		prova("a file taken from the disk")
		// The last leaf taken back with all that it brought, as a copy of an hour ago: the
		// signed state knows better.
		if err := store.Manometti(ctx, b.Store, `update log_testa set n = 0, bordo = $1`, []byte{}); err != nil {
			t.Fatal(err)
		}
		prova("all taken back", `delete from log_hash`, `delete from log_fatti`, `delete from atti`, `delete from pratiche`, `delete from numeri where ente <> ''`)
	})
}
