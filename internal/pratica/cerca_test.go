package pratica_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// scrittore makes texts of few words, so that many are found.
type scrittore struct{ *rand.Rand }

var vocabolario = strings.Fields("attesa lunga lettera di dimissione referto del pronto soccorso infermiera gentile parcheggio visita esami visite non la porta")

func (r scrittore) parola() string { return vocabolario[r.IntN(len(vocabolario))] }

func (r scrittore) testo(da, a int) string {
	var w []string
	for range da + r.IntN(a-da) {
		w = append(w, r.parola())
	}
	return strings.Join(w, " ")
}

// domande are questions of every sort about such texts.
func (r scrittore) domande(quante int) []string {
	var out []string
	for range quante {
		var pezzi []string
		for range 1 + r.IntN(3) {
			p := r.parola()
			switch r.IntN(5) {
			case 0:
				p = "-" + p
			case 1:
				p = `"` + p + " " + r.parola() + `"`
			case 2:
				p += " OR " + r.parola()
			}
			pezzi = append(pezzi, p)
		}
		out = append(out, strings.Join(pezzi, " "))
	}
	return out
}

// segnalazione is a report of such words.
func (r scrittore) segnalazione(nu pratica.Nuova) pratica.Nuova {
	seg := nu.Segnalazione.Apri()
	seg.Testo, seg.Oggetto, seg.Chiede = r.testo(3, 9), "", ""
	nu.Segnalazione = pratica.Chiudi(seg)
	return nu
}

// file is a document with a name; what it holds is nowhere.
func file(b *storetest.Banco, nome string) []pratica.File {
	return []pratica.File{{ID: vault.NewID(b.Orologio.Now()), Nome: vault.NewRiservato(nome), Tipo: "application/pdf", Dimensione: 10,
		Dove: strings.Repeat("0", 64), Chiave: vault.NewRiservato(string(vault.NewKey()))}}
}

// passo is an act with who does it.
type passo struct {
	chi access.Chi
	cmd pratica.Comando
}

// corri does the first acts of a file, as many as it is told.
func corri(t *testing.T, b *storetest.Banco, id vault.ID, passi []passo) {
	t.Helper()
	for _, p := range passi {
		b.Orologio.Avanza(time.Minute)
		p.cmd.Pratica = id
		if _, err := b.Servizio.Esegui(context.Background(), p.chi, p.cmd); err != nil {
			t.Fatalf("%s: %v", p.cmd.Atto, err)
		}
	}
}

// leggibili are the texts of a file that a person reads on its page.
func leggibili(f *pratica.Fascicolo) (seg pratica.Segnalazione, altri []string) {
	if f.Segnalazione != nil {
		seg = f.Segnalazione.Apri()
	}
	for _, a := range f.Storia {
		for campo, t := range a.Testi.Apri() {
			if campo != "impronta" {
				altri = append(altri, t)
			}
		}
	}
	for _, r := range f.Richieste {
		altri = append(altri, r.Copia.Apri(), r.Quesito.Apri())
	}
	for _, x := range f.File {
		altri = append(altri, x.Nome.Valore())
	}
	return seg, altri
}

// comeLeggere compares a search with the reading of every file, for one person.
func comeLeggere(t *testing.T, b *storetest.Banco, chi access.Chi, casi []vault.ID, domande []string, cerca func(q, dopo string) (pratica.Pagina, error)) (piene int) {
	t.Helper()
	type letto struct {
		n     string
		seg   pratica.Segnalazione
		altri []string
	}
	var letti []letto
	for _, id := range casi {
		f, err := b.Servizio.Apri(context.Background(), chi, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		l := letto{n: f.Testa.NumeroScritto()}
		l.seg, l.altri = leggibili(f)
		letti = append(letti, l)
	}
	for _, q := range domande {
		_, ricerca, err := pratica.LeggiDomanda(q, lunedi)
		if err != nil {
			continue // of stop words only
		}
		var vuole, ha []string
		for _, l := range letti {
			if ricerca.Trova(l.seg, l.altri...) {
				vuole = append(vuole, l.n)
			}
		}
		for dopo, giro := "", 0; giro < 30; giro++ {
			p, err := cerca(q, dopo)
			if err != nil {
				t.Fatal(q, err)
			}
			for _, x := range p.Righe {
				ha = append(ha, x.NumeroScritto())
			}
			if dopo = p.Dopo; dopo == "" {
				break
			}
		}
		slices.Sort(ha)
		slices.Sort(vuole)
		if !slices.Equal(ha, vuole) {
			t.Errorf("%v: %q gives %v, reading gives %v", chi.Uffici, q, ha, vuole)
		}
		if len(vuole) > 0 {
			piene++
		}
	}
	return piene
}

// What anybody's search gives is what he would find by opening every file and reading
// all he may: reports, messages, notes, requests, answers of structures, drafts and
// those that replaced them, letters, names of files; words in the tail, in the index,
// and some in the one and some in the other.
func TestCercaComeLeggereOgniAtto(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := scrittore{rand.New(rand.NewPCG(3, 5))}
		urp, az, ds := b.Chi(access.URP, "URP-SANTA-CHIARA"), b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreSanitario, "")
		prima := registra(t, b, r.segnalazione(reclamo()))
		f, err := b.Servizio.Apri(ctx, az, prima.ID)
		if err != nil {
			t.Fatal(err)
		}
		unita, macro := f.Testa.Struttura, f.Testa.Macro
		resp, dir := b.Chi(access.Responsabile, unita), b.Chi(access.DirettoreMacrostruttura, macro)
		var altra string
		for _, u := range b.Ambiente.Organigramma.Attive(b.Servizio.Oggi()) {
			if u.ID != unita && b.Ambiente.Organigramma.Macrostruttura(u.ID, b.Servizio.Oggi()) == macro && u.ID != macro {
				altra = u.ID
			}
		}
		storia := func() []passo {
			atto := func(chi access.Chi, atto string, campi ...string) passo {
				d := pratica.Dati{}
				for _, c := range campi {
					d[c] = r.testo(1, 5)
				}
				return passo{chi, pratica.Comando{Atto: atto, Dati: d}}
			}
			valuta := passo{urp, pratica.Comando{Atto: "valutazione", Dati: pratica.Dati{"natura": "sanitaria", "danni": "esclusi"}}}
			chiede := passo{urp, pratica.Comando{Atto: "richiesta_chiarimenti", Dati: pratica.Dati{"quesito": r.testo(2, 5),
				"strutture": []map[string]string{{"id": unita, "copia": r.testo(2, 6)}, {"id": altra, "copia": r.testo(2, 6)}}}}}
			messaggio := atto(access.Cittadino(b.Ente, "web"), "messaggio", "testo")
			messaggio.cmd.File = file(b, r.parola()+"_"+r.parola()+".pdf")
			chiarimenti := atto(resp, "chiarimenti", "testo")
			chiarimenti.cmd.File = file(b, r.parola()+".pdf")
			provvedimento := atto(dir, "provvedimento", "azione", "responsabile")
			provvedimento.cmd.Dati["entro"] = "2026-06-30"
			invio := passo{az, pratica.Comando{Atto: "invio_risposta", Dati: pratica.Dati{"mezzo": "portale"}}}
			return []passo{atto(urp, "presa_in_carico"), messaggio, valuta, atto(urp, "nota", "nota"), atto(urp, "informativa"),
				atto(access.Cittadino(b.Ente, "web"), "correzione", "dato", "giusto"), chiede, chiarimenti, atto(dir, "relazione", "testo", "valutazione"), provvedimento,
				atto(az, "bozza_risposta", "testo"), atto(ds, "rinvio_bozza", "nota"), atto(az, "bozza_risposta", "testo"), atto(ds, "firma_risposta"), invio,
				atto(access.Cittadino(b.Ente, "web"), "integrazione", "testo"), atto(az, "nota", "nota")}
		}
		type caso struct {
			id    vault.ID
			passi []passo
		}
		casi := []caso{{prima.ID, storia()}}
		ids := []vault.ID{prima.ID}
		for k := range 11 {
			nu := r.segnalazione(reclamo())
			if k%4 == 3 {
				nu.Presidio, nu.Unita = "Ospedale San Defendente – Rivalta", ""
			}
			nu.File = file(b, r.parola()+".jpg")
			x := caso{id: registra(t, b, nu).ID}
			if k%4 != 3 {
				x.passi = storia()
			}
			casi, ids = append(casi, x), append(ids, x.id)
		}
		// Some of each story goes into the index, some stays in the tail; then all moves.
		for giro := range 3 {
			for k := range casi {
				n := r.IntN(len(casi[k].passi) + 1)
				if giro == 1 {
					n = min(n, 2)
				}
				corri(t, b, casi[k].id, casi[k].passi[:n])
				casi[k].passi = casi[k].passi[n:]
				if giro == 0 && k == len(casi)*2/3 || giro == 2 && k == len(casi)-1 {
					indicizza(t, b)
				}
			}
			domande := append(r.domande(20), "pdf", "dimissione.pdf", "brambati", "bramb* attesa")
			piene := map[string]int{}
			for _, chi := range []access.Chi{az, urp, b.Chi(access.URP, "URP-SAN-DEFENDENTE"), resp, b.Chi(access.Responsabile, altra), dir, ds, b.Chi(access.Amministratore, "")} {
				piene[chi.Nome] += comeLeggere(t, b, chi, ids, domande, func(q, dopo string) (pratica.Pagina, error) {
					return b.Servizio.Cerca(ctx, chi, q, 4, dopo)
				})
			}
			d, err := b.Servizio.Domande(b.Ente, pratica.Parole("attesa"), 2020)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := b.Servizio.Elenco(ctx, resp, pratica.Filtro{Parole: d}); err != nil || len(p.Righe) > 0 {
				t.Errorf("a list that opens nothing gives %d candidates, %v", len(p.Righe), err)
			}
			for _, nome := range []string{az.Nome, urp.Nome, resp.Nome, dir.Nome} {
				if piene[nome] < 4 {
					t.Errorf("%s finds something by %d questions only: the texts are too far apart", nome, piene[nome])
				}
			}
		}
	})
}

// The same of the UPT's cases: for its members by opening them, for the structure that
// they ask by what it was asked.
func TestScorriComeLeggereOgniAtto(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := scrittore{rand.New(rand.NewPCG(9, 2))}
		capo := b.FondaUPT(t).Chi(t, "capo")
		unita := b.Ambiente.Organigramma.Attive(b.Servizio.Oggi())[12].ID
		resp := b.Chi(access.Responsabile, unita)
		var ids []vault.ID
		for k := range 14 {
			x := registra(t, b, r.segnalazione(allUPT()))
			ids = append(ids, x.ID)
			cittadino := chiave(b, x)
			fa := func(chi access.Chi, atto string, d pratica.Dati) passo {
				return passo{chi, pratica.Comando{Atto: atto, Dati: d}}
			}
			messaggio := fa(cittadino, "messaggio", pratica.Dati{"testo": r.testo(2, 6)})
			messaggio.cmd.File = file(b, r.parola()+".pdf")
			passi := []passo{fa(capo, "presa_in_carico", nil), messaggio, fa(capo, "nota", pratica.Dati{"nota": r.testo(2, 6)}),
				fa(capo, "richiesta_informazioni", pratica.Dati{"quesito": r.testo(2, 5), "strutture": []map[string]string{{"id": unita, "copia": r.testo(2, 6)}}}),
				fa(resp, "informazioni", pratica.Dati{"testo": r.testo(2, 6)}), fa(capo, "risposta", pratica.Dati{"testo": r.testo(2, 6)})}
			corri(t, b, x.ID, passi[:k%(len(passi)+1)])
		}
		domande := append(r.domande(45), "pdf", "brambati", "bramb* attesa")
		if n := comeLeggere(t, b, capo, ids, domande, func(q, dopo string) (pratica.Pagina, error) {
			return b.Servizio.Scorri(ctx, capo, pratica.RegistroUPT, q, 4, dopo)
		}); n < 12 {
			t.Errorf("%d questions find anything", n)
		}
		if n := comeLeggere(t, b, resp, ids, domande, func(q, dopo string) (pratica.Pagina, error) { return b.Servizio.Cerca(ctx, resp, q, 4, dopo) }); n < 4 {
			t.Errorf("%d questions of the structure find anything", n)
		}
	})
}

// The same texts come in the same order out of the index and out of a scan.
func TestStessoOrdine(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		r := scrittore{rand.New(rand.NewPCG(4, 4))}
		capo, az := b.FondaUPT(t).Chi(t, "capo"), b.Chi(access.URPAziendale, "")
		for range 12 {
			nu, nota := r.segnalazione(reclamo()), pratica.Comando{Atto: "nota", Dati: pratica.Dati{"nota": r.testo(1, 20)}}
			urp := registra(t, b, nu)
			nu.Registro = pratica.RegistroUPT
			upt := registra(t, b, nu)
			corri(t, b, urp.ID, []passo{{az, nota}})
			corri(t, b, upt.ID, []passo{{capo, nota}})
		}
		indicizza(t, b)
		numeri := func(p pratica.Pagina, err error) (out []int) {
			t.Helper()
			if err != nil || !p.PerMerito {
				t.Fatal(err, p.PerMerito)
			}
			for _, x := range p.Righe {
				out = append(out, x.Numero)
			}
			return out
		}
		ordinate := 0
		for _, q := range []string{"attesa", "lettera referto", "visita OR esami", `"pronto soccorso" OR infermiera`, "parcheggio"} {
			indice := numeri(b.Servizio.Cerca(ctx, az, q, 50, ""))
			if scorsa := numeri(b.Servizio.Scorri(ctx, capo, pratica.RegistroUPT, q, 50, "")); !slices.Equal(indice, scorsa) {
				t.Errorf("%q: %v out of the index, %v out of the scan", q, indice, scorsa)
			}
			if !slices.IsSortedFunc(indice, func(a, b int) int { return b - a }) {
				ordinate++
			}
		}
		if ordinate == 0 {
			t.Error("nothing is ordered but by time")
		}
	})
}

// A passage says in which act it stands.
func TestBranoDove(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		az := b.Chi(access.URPAziendale, "")
		x := registra(t, b, reclamo())
		messaggio := pratica.Comando{Atto: "messaggio", Dati: pratica.Dati{"testo": "Vi mando il foglio del velocipede."}, File: file(b, "Lettera_dimissione.pdf")}
		corri(t, b, x.ID, []passo{{access.Cittadino(b.Ente, "web"), messaggio}, {az, pratica.Comando{Atto: "nota", Dati: pratica.Dati{"nota": "Chiamata al telefono: è molto arrabbiata."}}}})
		for _, c := range []struct{ q, dove, brano string }{
			{"madre", "", "madre"},
			{"velocipede", "Messaggio", "velocipede"},
			{"arrabbiato", "Nota interna", "arrabbiata"},
			{"dimissione", "Nome di un documento", "dimissione"},
			{"madre velocipede", "", "madre"},
		} {
			p, err := b.Servizio.Cerca(ctx, az, c.q, 20, "")
			if err != nil || len(p.Righe) != 1 {
				t.Fatalf("%q: %d rows, %v", c.q, len(p.Righe), err)
			}
			y := p.Righe[0]
			var segnate []string
			for _, z := range y.Brani.Apri() {
				if z.Trovato {
					segnate = append(segnate, z.Testo)
				}
			}
			il := day.In(b.Orologio.Now())
			if c.dove == "" {
				il = 0
			}
			if y.Dove != c.dove || y.DoveIl != il || fmt.Sprint(segnate) != "["+c.brano+"]" {
				t.Errorf("%q: in %q of %v, %q", c.q, y.Dove, y.DoveIl, segnate)
			}
		}
	})
}
