package pratica_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// intruso is somebody with every file of the disk, the server's key too, and the
// program itself: nobody's passphrase, cookie or chiave.
type intruso struct {
	t      *testing.T
	b      *storetest.Banco
	anello *vault.KeyRing // read from the disk
	chiavi *store.Chiavi
}

func newIntruso(t *testing.T, b *storetest.Banco) *intruso {
	t.Helper()
	dir := filepath.Join(b.Dir, "chiavi")
	anello, err := vault.LoadKeyRing(filepath.Join(dir, "server.key"), false)
	if err != nil {
		t.Fatal(err)
	}
	chiavi, err := store.OpenKeys(context.Background(), dir, anello)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = chiavi.Close() })
	return &intruso{t, b, anello, chiavi}
}

// lettori are all the readers whose key the disk gives, or whose name somebody may try.
func (x *intruso) lettori(h pratica.Testa) []vault.Opener {
	x.t.Helper()
	ctx := context.Background()
	var out []vault.Opener
	for _, nome := range []string{"urp", "strutture", "upt"} {
		vv, err := x.chiavi.Versioni(ctx, h.Ente, nome)
		if err != nil {
			x.t.Fatal(err)
		}
		o, err := x.anello.Opener(vv)
		if err != nil {
			x.t.Fatal(err)
		}
		out = append(out, o)
		for _, v := range vv { // a version of members as if it were the server's
			for _, k := range [][]byte{v.Chiave, v.Pubblica, v.Firma, v.Albo} {
				if len(k) >= 32 {
					_, o := vault.SharedKey("compartimento."+nome, v.N, k)
					out = append(out, o)
				}
			}
		}
	}
	for _, segreto := range []string{h.Codice, strings.Repeat("A", 16), h.ID.String()} { // guesses of the chiave
		_, o := vault.SharedKey("chiave", 1, []byte(segreto+strings.Repeat("0", 16)))
		_, p := vault.Holder("chiave", 1, vault.NewRiservato(segreto), vault.Context("cittadino", h.Ente, h.ID.String()))
		out = append(out, o, p)
	}
	return out
}

// apre gives all that opens of a case: of contents, summary, cards of files, the card
// that it is counted by; and the parts of which the key came out.
func (x *intruso) apre(id vault.ID) (testi, parti []string) {
	x.t.Helper()
	ctx, b := context.Background(), x.b
	ok := func(err error) {
		x.t.Helper()
		if err != nil {
			x.t.Fatal(err)
		}
	}
	h, atti, err := b.Store.Leggi(ctx, id)
	ok(err)
	caso, err := x.chiavi.Key(ctx, h.Slot)
	ok(err)
	pk := [][]byte{caso, make([]byte, 32)}
	for _, scopo := range []string{"sessione", "richieste", "risposte", "bozze", "segui", "indice"} {
		pk = append(pk, x.anello.Derive(scopo))
	}
	for _, destinatario := range []string{"compartimento.urp", "compartimento.upt", "compartimento.strutture", "chiave", "posta", "recupero"} {
		avvolte, err := b.Store.Involucri(ctx, []int64{h.N}, destinatario, "")
		ok(err)
		for _, i := range avvolte[h.N] {
			i.Ente, i.Pratica = h.Ente, h.ID
			for _, o := range x.lettori(h) {
				for _, nome := range []string{destinatario, "compartimento.urp", "compartimento.strutture", "compartimento.upt", "chiave"} {
					i.Destinatario = nome
					if k, err := o.Unwrap(i); err == nil {
						pk, parti = append(pk, k), append(parti, i.Nome)
					}
				}
			}
			if k, err := x.anello.Open(vault.Context("involucro", h.Ente, id.String(), i.Nome, destinatario, strconv.Itoa(i.Versione)), i.Chiusa); err == nil {
				pk, parti = append(pk, k), append(parti, i.Nome)
			}
		}
	}
	prova := func(contesto string, sigillato []byte) {
		var chiavi [][]byte
		for _, k := range pk {
			chiavi = append(chiavi, k, vault.ContentKey(k, caso), vault.ContentKey(caso, k))
		}
		for _, k := range chiavi {
			if s, err := vault.OpenText(k, contesto, sigillato); err == nil {
				testi = append(testi, s)
			}
		}
		if s, err := x.anello.Open(contesto, sigillato); err == nil {
			testi = append(testi, string(s))
		}
	}
	prova(vault.Context("scheda", h.Ente, id.String()), h.Scheda)
	sigillati, err := b.Store.Contenuti(ctx, h.N, nil)
	ok(err)
	for _, a := range atti {
		for _, im := range a.Atto.Contenuti {
			prova(vault.Context("contenuto", h.Ente, id.String(), im.Parte, a.Atto.ID.String(), strconv.Itoa(im.N)), sigillati[a.A*16+int64(im.N)])
		}
	}
	allegati, err := b.Store.Allegati(ctx, id)
	ok(err)
	for _, f := range allegati {
		prova(vault.Context("allegato", h.Ente, id.String(), f.ID.String()), f.Scheda)
	}
	cartellini, err := b.Store.Cartellini(ctx, []int64{h.N})
	ok(err)
	for _, c := range cartellini {
		for _, o := range x.lettori(h) {
			for v := range 3 {
				if s, err := o.Open(v, vault.Context("cartellino", h.Ente, id.String(), strconv.Itoa(c.Seq)), c.Bytes); err == nil {
					testi = append(testi, string(s))
				}
			}
		}
	}
	slices.Sort(parti)
	return testi, slices.Compact(parti)
}

// falsa claims to have the UPT's key open, with the keys that the disk gives.
type falsa struct{ x *intruso }

func (f falsa) Opener(string) (vault.Opener, bool) {
	vv, _ := f.x.chiavi.Versioni(context.Background(), f.x.b.Ente, "upt")
	o, _ := f.x.anello.Opener(vv)
	return o, true
}

func (f falsa) Recipient(string) (vault.Recipient, bool) { return vault.Recipient{}, false }

func (f falsa) Person(string, string) (vault.Recipient, error) {
	return vault.Recipient{}, vault.ErrSealed
}

func (f falsa) Own() (vault.Opener, bool) { return vault.Opener{}, false }

// With the whole disk, the server's key and the program, and nobody of the UPT signed
// in, nothing of its cases is read, but what it addressed to a structure. The same
// hands open a case of the URP: they are no straw.
//
// ref: lr33-2009 art. 23-bis
func TestDiscoNonApreUPT(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		x := newIntruso(t, b)
		seg := pratica.Segnalazione{Tipo: "reclamo", Oggetto: "Quadrifoglio smarrito", Testo: "Nel reparto di zucconia mi hanno perso la protesi.", Chiede: "Un rimborso lunghissimo",
			Segnalante: &pratica.Persona{Nome: "Ermenegilda", Cognome: "Vattelapesca", CodiceFiscale: "VTTRNG70A41H501X", Email: "gilda@vattelapesca.example"}}
		parole := []string{"Quadrifoglio", "quadrifoglio", "zucconia", "lunghissimo", "Ermenegilda", "Vattelapesca", "vattelapesca", "VTTRNG70A41H501X", "carteprivate", "camminamento"}
		nuova := func(registro string) pratica.Nuova {
			return pratica.Nuova{Registro: registro, Canale: "web", Segnalazione: pratica.Chiudi(seg), File: []pratica.File{{ID: vault.NewID(b.Orologio.Now()),
				Nome: vault.NewRiservato("carteprivate.pdf"), Tipo: "pdf", Dove: strings.Repeat("cd", 32), Chiave: vault.NewRiservato(string(vault.NewKey()))}}}
		}
		prova := registra(t, b, nuova(pratica.RegistroURP))
		if testi, parti := x.apre(prova.ID); len(testi) < 3 || len(parti) < 2 || !strings.Contains(strings.Join(testi, ""), "zucconia") {
			t.Fatalf("the hands open nothing of the URP either: %d texts, parts %v", len(testi), parti)
		}
		if len(b.Tracce(t, prova.Codice)) == 0 {
			t.Fatal("the eyes find nothing")
		}
		r := registra(t, b, nuova(pratica.RegistroUPT))
		capo := upt.Chi(t, "capo")
		unita := b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[5].ID
		for _, p := range []struct {
			atto string
			dati pratica.Dati
		}{{"presa_in_carico", nil}, {"classificazione", pratica.Dati{"diritto": "rispetto"}}, {"nota", pratica.Dati{"nota": "Il camminamento è rotto."}},
			{"richiesta_informazioni", pratica.Dati{"quesito": "Che cosa è successo?", "strutture": []map[string]string{{"id": unita, "copia": "Una protesi persa."}}}},
			{"accesso_fascicolo", pratica.Dati{"fascicolo": "2026/1", "motivo": "Ermenegilda lo chiede."}},
			{"risposta", pratica.Dati{"testo": "Gentile Ermenegilda Vattelapesca, il camminamento sarà riparato."}}} {
			b.Orologio.Avanza(time.Hour)
			if _, err := b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: r.ID, Atto: p.atto, Dati: p.dati}); err != nil {
				t.Fatalf("%s: %v", p.atto, err)
			}
		}
		testi, parti := x.apre(r.ID)
		if !slices.Equal(parti, []string{"richiesta-1"}) {
			t.Errorf("parts whose key the disk gives: %v", parti)
		}
		for _, s := range testi {
			var q struct{ Copia, Quesito string }
			if err := json.Unmarshal([]byte(s), &q); err != nil || q.Copia != "Una protesi persa." {
				t.Errorf("the disk opens %q", s)
			}
		}
		if len(testi) == 0 {
			t.Error("what was addressed to the structure does not open on its side")
		}
		for _, chi := range []access.Chi{access.Sistema(b.Ente), access.Cittadino(b.Ente, "web"), {Ente: b.Ente, Persona: "x", Uffici: []string{"upt:", "upt-operatore:", "urp-aziendale:"}},
			{Ente: b.Ente, Persona: "x", Uffici: []string{"upt:", "upt-operatore:"}, Aperti: falsa{x}}} {
			f, err := b.Servizio.Apri(ctx, chi, r.ID)
			if err == nil && f.Segnalazione != nil {
				t.Errorf("the program opens it for %+v", chi.Uffici)
			}
			if chi.Aperti == nil && chi.Personale() && !fault.Is(err, fault.NotFound) {
				t.Errorf("%v: %v", chi.Uffici, err)
			}
		}
		for _, dove := range b.Tracce(t, parole...) {
			t.Error(dove)
		}
	})
}

// The eyes of TestDiscoNonApreUPT see a word in every shape in which it may lie.
func TestTracce(t *testing.T) {
	b := storetest.SQLite(t)
	const parola = "Quadrifoglio"
	frase := "il " + parola + " smarrito"
	var zip bytes.Buffer
	z := gzip.NewWriter(&zip)
	if _, err := z.Write([]byte(frase)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	var utf16 []byte
	for _, r := range frase {
		utf16 = append(utf16, byte(r), 0)
	}
	forme := [][]byte{[]byte(frase), utf16, []byte(hex.EncodeToString([]byte(frase))), append([]byte("prima"), zip.Bytes()...)}
	for i := range 3 {
		forme = append(forme, []byte(base64.StdEncoding.EncodeToString([]byte(frase[i:]))))
	}
	scrivi := func(x []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(b.Dir, "traccia"), x, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, x := range forme {
		if scrivi(x); len(b.Tracce(t, parola)) == 0 {
			t.Errorf("shape %d is not seen", i)
		}
	}
	if scrivi([]byte("niente")); len(b.Tracce(t, parola)) > 0 {
		t.Error("seen where it is not")
	}
}
