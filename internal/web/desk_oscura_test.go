package web

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/redact"
	"tutela/internal/regolamento"
	"tutela/internal/store/storetest"
)

const racconto = "Sono Ilaria Brambati, abito in via Po 9. Il dott. Brambati ha visto la signora Zanetti, la mia vicina.\n" +
	"Ieri la Galimberti del terzo piano mi ha chiamato al 347 6120093. C'era anche Ugo, del reparto Moscati."

// scrittoio is a page with the copies of one case, as somebody fills it in.
type scrittoio struct {
	*persona
	dove string
	v    url.Values
}

func (u *ufficio) scrittoio(t *testing.T, testo string) *scrittoio {
	t.Helper()
	p := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	id := p.registra("testo", testo, "oggetto", "Attesa")
	for _, a := range [][]string{{"presa_in_carico"}, {"valutazione", "natura", "sanitaria", "danni", "esclusi"}, {"informativa"}} {
		p.fa(id, a[0], a[1:]...)
	}
	s := &scrittoio{persona: p, dove: "/pratica/" + id + "/atto/richiesta_chiarimenti"}
	s.vai(s.dove)
	s.leggi()
	return s
}

var (
	campoCopia  = regexp.MustCompile(`(?s)<textarea id="(copia-[0-9]+)"[^>]*>(.*?)</textarea>`)
	campoTesto  = regexp.MustCompile(`<input type="(?:hidden|text)"(?: id="[^"]*")? name="([^"]+)" value="([^"]*)"`)
	campoScelto = regexp.MustCompile(`<input type="radio" name="([^"]+)" id="[^"]*" value="([^"]*)" checked>`)
	rigaMasch   = regexp.MustCompile(`(?s)<div role="group" id="([^"]+)".*?<mark[^>]*>([^<]*)</mark>`)
)

// leggi takes what the page would send if nobody touched it.
func (s *scrittoio) leggi() {
	s.u.t.Helper()
	i := strings.Index(s.pagina, `<form method="post" action="`+s.dove)
	if i < 0 {
		s.u.t.Fatalf("no form: %d %.600s", s.stato, soloTesto(s.pagina))
	}
	s.v = url.Values{"quesito": {"Perché?"}}
	for _, m := range campoTesto.FindAllStringSubmatch(s.pagina[i:], -1) {
		s.v.Set(m[1], m[2])
	}
	for _, m := range campoScelto.FindAllStringSubmatch(s.pagina[i:], -1) {
		s.v.Set(m[1], m[2])
	}
	for _, m := range campoCopia.FindAllStringSubmatch(s.pagina[i:], -1) {
		s.v.Set(m[1], m[2])
	}
}

// premi sends the page with the fields put in; fai is the button.
func (s *scrittoio) premi(stato int, fai string, campi ...string) *scrittoio {
	s.u.t.Helper()
	s.v.Set("fai", fai)
	for k := 0; k+1 < len(campi); k += 2 {
		s.v.Set(campi[k], campi[k+1])
	}
	s.manda(s.dove, s.v).vuole(stato)
	if stato != http.StatusSeeOther {
		s.leggi()
	}
	return s
}

// riga is the name of the field of the n-th row with those words.
func (s *scrittoio) riga(parole string, n int) string {
	s.u.t.Helper()
	for _, m := range rigaMasch.FindAllStringSubmatch(s.pagina, -1) {
		if m[2] == parole {
			if n--; n < 0 {
				return m[1]
			}
		}
	}
	s.u.t.Fatalf("no row for %q in %v", parole, rigaMasch.FindAllStringSubmatch(s.pagina, -1))
	return ""
}

func (s *scrittoio) copia(vuole string) {
	s.u.t.Helper()
	if got := s.v.Get("copia-0"); got != vuole {
		s.u.t.Errorf("the copy is\n%q, want\n%q", got, vuole)
	}
}

// The page opens with the copy already hidden; each passage is decided, and only
// then the copy goes: what stays has a reason, kept for who handles the case.
func TestCopieDecise(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		s := u.scrittoio(t, racconto)
		s.vuole(http.StatusOK, "cognome di chi segnala, sicuro", "indirizzo, probabile", "cognome, dubbio", "Conferma quello sicuro")
		prima := "Attesa\n\nSono Ilaria [cognome], abito in [indirizzo]. Il dott. Brambati ha visto la signora [cognome], la mia vicina.\n" +
			"Ieri la [cognome] del terzo piano mi ha chiamato al [telefono]. C'era anche Ugo, del reparto Moscati."
		s.copia(prima)
		s.premi(http.StatusUnprocessableEntity, "salva")
		s.vuole(s.stato, "5 passaggi ancora da controllare: 1 «Brambati», 2 «via Po 9», 3 «Zanetti», 4 «Galimberti», 5 «347 6120093».", `href="#`+s.riga("Brambati", 0)+`"`)
		s.premi(http.StatusOK, "sicure-0").vuole(http.StatusOK, "4 passaggi ancora da controllare: 2 «via Po 9»").senza("Conferma i ", "Conferma quello")
		s.premi(http.StatusOK, "controlla", s.riga("via Po 9", 0), "si", s.riga("347 6120093", 0), "si", s.riga("Zanetti", 0), "altro")
		s.vuole(s.stato, "Scrivi il motivo", "2 passaggi ancora da controllare")
		s.premi(http.StatusOK, "controlla", s.riga("Galimberti", 0), "personale", "scritto-0", "Ha dato il consenso.")
		s.vuole(s.stato, "Tutto controllato", "Resta: Ha dato il consenso.", "Resta: È di chi lavora qui.")
		dopo := strings.Replace(strings.Replace(prima, "signora [cognome]", "signora Zanetti", 1), "la [cognome] del", "la Galimberti del", 1)
		s.copia(dopo)
		// by hand, and words of one's own
		s.premi(http.StatusOK, "controlla", "copia-0", strings.Replace(dopo, "Attesa\n\nSono", "Scrive", 1), "altre-0", "UGO, del")
		s.copia(strings.Replace(strings.Replace(dopo, "Attesa\n\nSono", "Scrive", 1), "Ugo, del", "[omissis]", 1))
		s.vuole(s.stato, "scelto da te", "6 passaggi. Tutto controllato")
		s.premi(http.StatusOK, "controlla", s.riga("Ugo, del", 0), "via", s.riga("Galimberti", 0), "si")
		vuole := strings.Replace(strings.Replace(prima, "Attesa\n\nSono", "Scrive", 1), "signora [cognome]", "signora Zanetti", 1)
		s.copia(vuole)
		// what was decided with the button that sends is shown before it goes
		s.premi(http.StatusUnprocessableEntity, "salva", s.riga("via Po 9", 0), "serve").vuole(s.stato, "La copia è cambiata come hai deciso")
		s.copia(strings.Replace(vuole, "[indirizzo]", "via Po 9", 1))
		s.premi(http.StatusUnprocessableEntity, "salva", s.riga("via Po 9", 0), "si")
		s.copia(vuole)
		s.premi(http.StatusSeeOther, "salva")

		qui := strings.TrimSuffix(s.dove, "/atto/richiesta_chiarimenti")
		s.vai(qui+"/istruttoria").vuole(http.StatusOK, "Che cosa resta leggibile, e perché", "«Zanetti»: Ha dato il consenso.").senza("«Galimberti»")
		h := u.testa(t, qui)
		u.entra("rina", access.Responsabile, h.Struttura).vai(qui).vuole(http.StatusOK, "la signora Zanetti").senza("Galimberti", "347 612", "resta leggibile", "consenso")
	})
}

func (u *ufficio) testa(t *testing.T, qui string) pratica.Testa {
	t.Helper()
	p, err := u.Servizio.Elenco(context.Background(), u.Chi(access.URPAziendale, ""), pratica.Filtro{Limite: 1})
	if err != nil || len(p.Righe) != 1 || !strings.Contains(qui, p.Righe[0].ID.String()) {
		t.Fatal(err)
	}
	return p.Righe[0].Testa
}

// What was typed in the copy is looked at as the original was.
func TestCopieAMano(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	s := u.scrittoio(t, racconto)
	originale := "Attesa\n\n" + racconto
	s.premi(http.StatusOK, "sicure-0")
	s.premi(http.StatusUnprocessableEntity, "salva", "copia-0", originale).vuole(s.stato, "La copia è uguale all'originale", "Nella copia si legge.", "5 passaggi ancora da controllare").senza("Riscritto a mano", "Nella copia:", `value="sicure-0"`)
	s.premi(http.StatusOK, "sicure-0") // what was shown by hand is not hidden by the way
	s.copia(originale)
	for s.stato != http.StatusOK || !strings.Contains(s.pagina, "Tutto controllato") { // a reason for each does not make it a copy
		for _, m := range rigaMasch.FindAllStringSubmatch(s.pagina, -1) {
			s.v.Set(m[1], "serve")
		}
		s.premi(http.StatusOK, "controlla")
	}
	s.premi(http.StatusUnprocessableEntity, "salva").vuole(s.stato, "La copia è uguale all'originale")
	s.premi(http.StatusOK, "controlla", "copia-0", "Ilaria Brambati, della Zanolli, chiede scusa. Brambati!")
	s.vuole(s.stato, "cognome di chi segnala")
	s.premi(http.StatusOK, "controlla", s.riga("Brambati", 0), "si")
	s.copia("Ilaria [cognome], della Zanolli, chiede scusa. Brambati!") // the reason was for one, and is gone
	s.premi(http.StatusOK, "controlla", s.riga("Brambati", 1), "si", s.riga("Zanolli", 0), "personale")
	s.copia("Ilaria [cognome], della Zanolli, chiede scusa. [cognome]!")
	for _, altre := range []string{"parole che non ci sono", "zanetti", ", ."} {
		s.premi(http.StatusOK, "controlla", "altre-0", altre)
		if !strings.Contains(s.pagina, "Non trovo queste parole") && !strings.Contains(s.pagina, "Sono già nell'elenco") {
			t.Errorf("%q: nothing is said", altre)
		}
		s.copia("Ilaria [cognome], della Zanolli, chiede scusa. [cognome]!")
	}
	s.premi(http.StatusOK, "controlla", "altre-0", "la signora Zanetti, la mia")
	s.vuole(s.stato, "scelto da te")
	s.premi(http.StatusUnprocessableEntity, "salva", "copia-0", " ").vuole(s.stato, "Scrivi la copia")
	s.v.Set("stato-0", "%%%")
	s.premi(http.StatusUnprocessableEntity, "salva", "copia-0", "Ha aspettato nove ore.", "unita-0", "reparto che non c'è").vuole(s.stato, "Scegli una struttura dell'elenco")
}

// Where nothing was found, a person says that there is nothing.
func TestCopiaSenzaDati(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	s := u.scrittoio(t, "Ho aspettato nove ore e nessuno mi ha detto niente.")
	s.vuole(http.StatusOK, "Non abbiamo trovato dati personali")
	s.premi(http.StatusUnprocessableEntity, "salva").vuole(s.stato, "Rileggila: ci sono nomi", `name="conferma"`)
	segno := regexp.MustCompile(`name="conferma" value="([^"]+)"`).FindStringSubmatch(s.pagina)[1]
	s.premi(http.StatusUnprocessableEntity, "salva", "conferma", segno[1:]+"0")
	s.premi(http.StatusSeeOther, "salva", "conferma", segno)
}

// As many structures as may be asked, each with the passages of a long text: the
// form stays within what a form may be, however many are decided at a time.
func TestCopieTante(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	var testo strings.Builder
	for i := range 10 {
		fmt.Fprintf(&testo, "Il %d il signor Zanett%c mi ha detto di chiamare il 0376 55501%02d e di aspettare in corridoio con gli altri.\n", 1+i%28, 'a'+i%20, i)
	}
	s := u.scrittoio(t, testo.String())
	i := 0
	for _, x := range u.Ambiente.Organigramma.Attive(u.Servizio.Oggi())[:regolamento.MaxStrutture] {
		if i > 0 {
			s.premi(http.StatusOK, "aggiungi")
		}
		s.v.Set("unita-"+strconv.Itoa(i), x.ID)
		i++
	}
	s.premi(http.StatusOK, "controlla")
	for _, m := range rigaMasch.FindAllStringSubmatch(s.pagina, -1) {
		s.v.Add("scelta", m[1])
	}
	if n := len(s.v["scelta"]); n != 20*regolamento.MaxStrutture {
		t.Errorf("%d rows", n)
	}
	s.premi(http.StatusSeeOther, "salva")
}

// Whatever the form brings, what goes out holds nothing that was found and that
// nobody explained.
func FuzzCopia(f *testing.F) {
	seg := pratica.Segnalazione{Testo: racconto, Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati"}}
	q := copista{seg: seg, testo: seg.Originale(), noti: seg.Noti()}
	q.trovati = redact.Find(q.testo, q.noti)
	f.Add(`[{"d":12,"a":20},{"d":12,"m":"x"},{"d":-1,"a":99999},{"p":"zanetti","m":"y"}]`, redact.Apply(q.testo, q.trovati), "Ugo", "altro", "perché", true)
	f.Add(`[{"d":40,"a":60}]`, q.testo, "la signora Zanetti, la mia", "si", "", false)
	f.Add("x", "Zanetti, Zanetti [cognome] 347 6120093", "é", "serve", "", true)
	f.Fuzz(func(t *testing.T, stato, copia, altre, scelta, scritto string, tutte bool) {
		q := q
		q.v = url.Values{"stato-0": {base64.RawURLEncoding.EncodeToString([]byte(stato))}, "copia-0": {pratica.Pulisci(copia)}, "altre-0": {altre}, "scritto-0": {scritto}, "fai": {"sicure-0"}}
		var x composto
		for giro := range 5 { // as somebody goes on deciding until it can be sent
			x = q.copia("0", "")
			if q.manda && x.Errore == "" && x.Restano == 0 {
				break
			}
			for i, m := range x.Maschere {
				switch {
				case giro == 0 && (tutte || i%2 == 0):
					q.v.Set("m-0-"+m.Campo, scelta)
				case m.Decisa == "" && i%2 == 0:
					q.v.Set("m-0-"+m.Campo, "serve")
				case m.Decisa == "":
					q.v.Set("m-0-"+m.Campo, "si")
				}
			}
			q.v.Set("stato-0", x.Stato)
			q.v.Set("copia-0", x.Copia)
			q.manda = giro > 0
		}
		if x.Errore != "" || x.Restano > 0 {
			return
		}
		if l := pratica.DaSpiegare(x.Copia, redact.Find(x.Copia, q.noti), x.lasciati); len(l) > 0 {
			t.Fatalf("%q goes out with %v", x.Copia, l)
		}
		for _, l := range x.lasciati {
			if l.Motivo == "" || !strings.Contains(x.Copia, l.Testo) {
				t.Fatalf("%q is said to be left in %q: %q", l.Testo, x.Copia, l.Motivo)
			}
		}
	})
}

// BenchmarkCopie is the part of the page that redact makes, for 400 words.
func BenchmarkCopie(b *testing.B) {
	seg := pratica.Segnalazione{Testo: strings.Repeat(racconto+" ", 11), Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati"}}
	seg.Testo = strings.Join(strings.Fields(seg.Testo)[:400], " ")
	q := copista{seg: seg, testo: seg.Originale(), noti: seg.Noti(), v: url.Values{}}
	for b.Loop() {
		q.trovati = redact.Find(q.testo, q.noti)
		q.copia("0", "")
	}
}
