package pratica_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// letto is a register of a day as another program would read it.
type letto struct {
	Precedente struct {
		Giorno string `xml:"giorno,attr"`
		SHA256 string `xml:"sha256,attr"`
	} `xml:"precedente"`
	Registrazioni []rigaLetta `xml:"registrazione"`
	Annotazioni   []rigaLetta `xml:"annotazione"`
}

type rigaLetta struct {
	Numero, Istante, Atto, Effetto, Causa, Tipo, Canale, Mittente, Impronta string
	Attr                                                                    []xml.Attr `xml:",any,attr"`
}

func leggiGiornaliero(t *testing.T, g pratica.Giornaliero) letto {
	t.Helper()
	var out letto
	if err := xml.Unmarshal(g.Testo, &out); err != nil {
		t.Fatalf("%s: %v", g.Testo, err)
	}
	for _, righe := range [][]rigaLetta{out.Registrazioni, out.Annotazioni} {
		for i := range righe {
			r := &righe[i]
			for _, a := range r.Attr {
				for k, dove := range map[string]*string{"numero": &r.Numero, "istante": &r.Istante, "atto": &r.Atto, "effetto": &r.Effetto, "causa": &r.Causa,
					"tipo": &r.Tipo, "canale": &r.Canale, "mittente": &r.Mittente, "impronta": &r.Impronta} {
					if a.Name.Local == k {
						*dove = a.Value
					}
				}
			}
		}
	}
	return out
}

// The register of a day is made once the day is over, of each register its own, in the
// order of the numbers; it has no name and no word of anybody, and of the UPT nothing of
// what a case is about; who has the report open finds its sender in it.
//
// ref: dpr445-2000 art. 53
func TestGiornaliero(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		b.FondaUPT(t)
		oggi := b.Servizio.Oggi()
		prima := prendiNota(t, b, "Vattelapesca", "reclamo")
		seconda := prendiNota(t, b, "Zafferanone", "elogio")
		if _, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), allUPT()); err != nil {
			t.Fatal(err)
		}
		az := b.Chi(access.URPAziendale, "")
		if _, err := b.Servizio.Esegui(ctx, b.Conferma(az), pratica.Comando{Pratica: prima.ID, Atto: "annullamento", Dati: annulla("1", "doppia", "Quadrifoglio smarrito.")}); err != nil {
			t.Fatal(err)
		}
		chiudi := func() []pratica.Giornaliero {
			t.Helper()
			if err := b.Servizio.ChiudiGiorni(ctx, b.Ente); err != nil {
				t.Fatal(err)
			}
			gg, err := b.Store.TuttiGiornalieri(ctx, b.Ente)
			if err != nil {
				t.Fatal(err)
			}
			return gg
		}
		if gg := chiudi(); len(gg) != 0 {
			t.Fatalf("made before the day is over: %v", gg)
		}
		b.Orologio.Avanza(oggi.Add(1).Start().Add(10*time.Minute - time.Millisecond).Sub(b.Orologio.Now()))
		if gg := chiudi(); len(gg) != 0 {
			t.Fatal("made before what was under way at midnight could end")
		}
		b.Orologio.Avanza(time.Millisecond)
		gg := chiudi()
		if len(gg) != 2 || gg[0].Registro != "upt" || gg[1].Registro != "urp" || gg[1].Giorno != oggi || gg[1].Numeri != 2 || gg[1].Annotazioni != 1 || gg[0].Numeri != 1 {
			t.Fatalf("%+v", gg)
		}
		if again := chiudi(); len(again) != 2 {
			t.Errorf("made again: %v", again)
		}
		urp, err := b.Servizio.Giornaliero(ctx, az, "urp", oggi)
		if err != nil {
			t.Fatal(err)
		}
		if h := sha256.Sum256(urp.Testo); !bytes.Equal(h[:], urp.Hash) {
			t.Error("the hash is another's")
		}
		l := leggiGiornaliero(t, urp)
		if len(l.Registrazioni) != 2 || len(l.Annotazioni) != 1 || l.Registrazioni[0].Numero != "2026/0000001" || l.Registrazioni[0].Tipo != "reclamo" || l.Registrazioni[1].Tipo != "elogio" ||
			l.Registrazioni[0].Canale != "web" || l.Annotazioni[0].Effetto != "annullamento" || l.Annotazioni[0].Causa != "doppia" || l.Annotazioni[0].Numero != "2026/0000001" || l.Precedente.Giorno != "" {
			t.Errorf("%s", urp.Testo)
		}
		f, err := b.Servizio.Apri(ctx, az, seconda.ID)
		if err != nil {
			t.Fatal(err)
		}
		if p := f.Segnalazione.Apri().Pseudonimo(); hex.EncodeToString(p) != l.Registrazioni[1].Mittente || l.Registrazioni[1].Mittente == l.Registrazioni[0].Mittente {
			t.Errorf("%x is not who stands there: %+v", p, l.Registrazioni)
		}
		upt, err := b.Store.Giornaliero(ctx, b.Ente, "upt", oggi)
		if err != nil {
			t.Fatal(err)
		}
		if r := leggiGiornaliero(t, upt).Registrazioni[0]; r.Tipo+r.Canale != "" || r.Numero != "2026/0000001" || len(r.Impronta) != 64 || strings.Contains(string(upt.Testo), "struttura=") || strings.Contains(string(upt.Testo), "presidio=") {
			t.Errorf("%s", upt.Testo)
		}
		for _, parola := range []string{"Vattelapesca", "Zafferanone", "Ada", "Quadrifoglio", "attesa", prima.Codice} {
			if strings.Contains(string(urp.Testo)+string(upt.Testo), parola) {
				t.Errorf("%q is in it", parola)
			}
		}
		for _, chi := range []access.Chi{b.Chi(access.URP, "URP-SANTA-CHIARA"), b.Chi(access.DPO, "")} {
			if _, err := b.Servizio.Giornaliero(ctx, chi, "urp", oggi); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%v: %v", chi.Uffici, err)
			}
		}
		if _, err := b.Servizio.Giornaliero(ctx, az, "upt", oggi); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	})
}

// After a stop the days that are over are made up for, each with the hash of the one
// before; a day on which nothing was registered has none; at once on several nodes each
// is made once.
func TestGiornalieroRecupera(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		primo := b.Servizio.Oggi()
		a := prendiNota(t, b, "Uno", "reclamo")
		b.Orologio.Metti(primo.Add(1))
		prendiNota(t, b, "Due", "reclamo")
		b.Orologio.Metti(primo.Add(3))
		if _, err := b.Servizio.Esegui(ctx, b.Chi(access.URPAziendale, ""), pratica.Comando{Pratica: a.ID, Atto: "presa_in_carico"}); err != nil {
			t.Fatal(err)
		}
		b.Orologio.Metti(primo.Add(5))
		prendiNota(t, b, "Tre", "reclamo")
		b.Orologio.Metti(primo.Add(9))
		var w sync.WaitGroup
		for range 4 {
			w.Go(func() {
				if err := b.Servizio.ChiudiGiorni(ctx, b.Ente); err != nil && !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		w.Wait()
		if err := b.Servizio.ChiudiGiorni(ctx, b.Ente); err != nil {
			t.Fatal(err)
		}
		gg, err := b.Store.TuttiGiornalieri(ctx, b.Ente)
		if err != nil || len(gg) != 3 {
			t.Fatal(gg, err)
		}
		for i, g := range gg {
			if g.Giorno != []day.Date{primo, primo.Add(1), primo.Add(5)}[i] || g.Numeri != 1 {
				t.Errorf("%+v", g)
			}
			intero, err := b.Store.Giornaliero(ctx, b.Ente, "urp", g.Giorno)
			if err != nil {
				t.Fatal(err)
			}
			if p := leggiGiornaliero(t, intero).Precedente; i > 0 && (p.Giorno != gg[i-1].Giorno.String() || p.SHA256 != hex.EncodeToString(gg[i-1].Hash)) {
				t.Errorf("after the day before: %+v", p)
			}
		}
		fatti, err := b.Store.Fatti(ctx, b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, x := range fatti {
			if x.Kind == "giornaliero" {
				n++
			}
		}
		if n != 3 {
			t.Errorf("%d leaves for 3 registers", n)
		}
		if pag, err := b.Store.Giornalieri(ctx, b.Ente, "urp", primo.Add(5), 1); err != nil || len(pag) != 1 || pag[0].Giorno != primo.Add(1) {
			t.Error(pag, err)
		}
	})
}

// What comes while the register of a day is made is not left out of it: it is not
// stored, and made again.
func TestGiornalieroTardivo(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		oggi := b.Servizio.Oggi()
		prendiNota(t, b, "Uno", "reclamo")
		_, ultimo, dopo, err := b.Store.Giornata(ctx, 0)
		if err != nil || dopo {
			t.Fatal(dopo, err)
		}
		g := pratica.Giornaliero{Registro: "urp", Giorno: oggi, Numeri: 1, Fino: ultimo, Hash: []byte{1}, Testo: []byte("x")}
		if err := b.Store.SalvaGiornalieri(ctx, b.Ente, oggi, []pratica.Giornaliero{g}, ultimo); !fault.Is(err, fault.Conflict) {
			t.Errorf("before the day is over: %v", err)
		}
		prendiNota(t, b, "Due", "reclamo")
		b.Orologio.Metti(oggi.Add(1))
		if err := b.Store.SalvaGiornalieri(ctx, b.Ente, oggi, []pratica.Giornaliero{g}, ultimo); !fault.Is(err, fault.Conflict) {
			t.Errorf("with one more number than it has: %v", err)
		}
		if err := b.Servizio.ChiudiGiorni(ctx, b.Ente); err != nil {
			t.Fatal(err)
		}
		if gg, err := b.Store.TuttiGiornalieri(ctx, b.Ente); err != nil || len(gg) != 1 || gg[0].Numeri != 2 {
			t.Error(gg, err)
		}
	})
}

// The package to be preserved has each document as it was fixed, a page that says the
// same, an index that checks them; the same days give the same bytes.
func TestEsportaGiornalieri(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		primo, az := b.Servizio.Oggi(), b.Chi(access.URPAziendale, "")
		for i := range 3 {
			b.Orologio.Metti(primo.Add(i))
			prendiNota(t, b, "Vattelapesca", "reclamo")
		}
		b.Orologio.Metti(primo.Add(5))
		if err := b.Servizio.ChiudiGiorni(ctx, b.Ente); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Servizio.EsportaGiornalieri(ctx, b.Chi(access.URP, "URP-SANTA-CHIARA"), "urp", primo, primo.Add(1)); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		if _, err := b.Servizio.EsportaGiornalieri(ctx, az, "urp", primo.Add(7), primo.Add(9)); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		uno, err := b.Servizio.EsportaGiornalieri(ctx, az, "urp", primo, primo.Add(1))
		if err != nil {
			t.Fatal(err)
		}
		if due, err := b.Servizio.EsportaGiornalieri(ctx, az, "urp", primo, primo.Add(1)); err != nil || !bytes.Equal(uno, due) {
			t.Errorf("the second package is another: %v", err)
		}
		z, err := zip.NewReader(bytes.NewReader(uno), int64(len(uno)))
		if err != nil {
			t.Fatal(err)
		}
		file := map[string]string{}
		for _, f := range z.File {
			b, err := fs.ReadFile(z, f.Name)
			if err != nil {
				t.Fatal(err)
			}
			file[f.Name] = string(b)
		}
		if len(file) != 7 || strings.Contains(fmt.Sprint(file), "Vattelapesca") {
			t.Errorf("%v", file)
		}
		for riga := range strings.Lines(file["SHA256SUMS"]) {
			somma, nome, _ := strings.Cut(strings.TrimSpace(riga), "  ")
			if h := sha256.Sum256([]byte(file[nome])); hex.EncodeToString(h[:]) != somma {
				t.Errorf("%s: %s", nome, somma)
			}
		}
		g, err := b.Store.Giornaliero(ctx, b.Ente, "urp", primo)
		if err != nil || file[g.NomeFile()] != string(g.Testo) || !strings.Contains(file["indice.csv"], fmt.Sprintf("%s,1,0,", primo)) || !strings.Contains(file["indice.csv"], hex.EncodeToString(g.Hash)) {
			t.Errorf("%s %v", file["indice.csv"], err)
		}
		if p := file[strings.TrimSuffix(g.NomeFile(), ".xml")+".html"]; !strings.Contains(p, "<td>2026/0000001</td>") || !strings.Contains(p, hex.EncodeToString(g.Hash)) {
			t.Errorf("%s", p)
		}
	})
}

// When a file ends, the register of its day stays as it was and is still what its acts
// say; the salt of the sender is gone with the words.
//
// ref: pga01 4.4.4
func TestGiornalieroEliminata(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		oggi := b.Servizio.Oggi()
		r := registra(t, b, reclamo())
		rispondi(t, b, r.ID, "Gentile Ilaria, ci scusiamo.", append(primaRisposta, "archiviazione")...)
		b.Orologio.Metti(oggi.Add(1))
		if err := b.Servizio.ChiudiGiorni(ctx, b.Ente); err != nil {
			t.Fatal(err)
		}
		prima, err := b.Store.Giornaliero(ctx, b.Ente, "urp", oggi)
		if err != nil {
			t.Fatal(err)
		}
		b.Orologio.Avanza((5*366 + 2) * 24 * time.Hour)
		n, err := b.Servizio.ProponiScarto(ctx, b.Conferma(b.Chi(access.URPAziendale, "")), pratica.RegistroURP, "n. 12", []vault.ID{r.ID})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Servizio.ApprovaScarto(ctx, b.Conferma(b.Chi(access.DirettoreAmministrativo, "")), pratica.RegistroURP, n); err != nil {
			t.Fatal(err)
		}
		if err := b.Servizio.EseguiScarti(ctx, b.Chiavi); err != nil {
			t.Fatal(err)
		}
		if h, _, err := b.Store.Leggi(ctx, r.ID); err != nil || h.Eliminata.IsZero() {
			t.Fatal("not eliminated", err)
		}
		if dopo, err := b.Store.Giornaliero(ctx, b.Ente, "urp", oggi); err != nil || !bytes.Equal(dopo.Testo, prima.Testo) {
			t.Error("the register of the day changed", err)
		}
		p, err := b.Servizio.Registrazioni(ctx, b.Chi(access.URPAziendale, ""), pratica.Filtro{Registro: "urp"})
		if err != nil || len(p.Righe) != 1 || len(p.Righe[0].Impronta) != 32 {
			t.Errorf("the register has it no more: %v %v", p, err)
		}
		if _, err := b.Verifica(ctx, false); err != nil {
			t.Error(err)
		}
	})
}
