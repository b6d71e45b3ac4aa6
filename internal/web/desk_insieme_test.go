package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/store/storetest"
)

var casellaScelta = regexp.MustCompile(`name="scelta" value="([^"]+)"`)

var casellaSegnata = regexp.MustCompile(`<input type="checkbox" name="scelta"[^>]* checked>`)

// scelte is what the list before the person would send with every box ticked.
func (p *persona) scelte(fai string) url.Values {
	p.u.t.Helper()
	i := strings.Index(p.pagina, `action="/lavoro/insieme"`)
	if i < 0 {
		p.u.t.Fatalf("%s: nothing to do on several rows: %.900s", p.nome, soloTesto(p.pagina))
	}
	v := url.Values{"fai": {fai}}
	for _, m := range nascosto.FindAllStringSubmatch(p.pagina[i:], -1) {
		v.Set(m[1], m[2])
	}
	for _, m := range casellaScelta.FindAllStringSubmatch(p.pagina[i:], -1) {
		v.Add("scelta", m[1])
	}
	return v
}

// An act is done on the rows chosen, each by itself; of those that were not done
// the person reads why. A double click does it once.
func TestInsieme(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		p, altra := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("domitilla", access.URPAziendale, "")
		var id []string
		for _, x := range []string{"Prima attesa", "Seconda attesa", "Terza attesa", "Quarta attesa"} {
			id = append(id, p.registra("oggetto", x, "email", "", "telefono", "", "visti", "", "anonima", "1", "tipo", "rilievo"))
		}
		v := p.vai("/lavoro").vuole(http.StatusOK, "Prendi in carico", "Assegna a me", "Scegli 2026/0000002, Seconda attesa").scelte("presa_in_carico")
		if len(v["scelta"]) != 4 {
			t.Fatalf("boxes: %v", v["scelta"])
		}
		altra.fa(id[0], "nota", "nota", "Sentito il reparto.")
		altra.fa(id[1], "presa_in_carico")
		for range 2 {
			p.manda("/lavoro/insieme", v).vuole(http.StatusOK, "Presa in carico: 2 segnalazioni.", "Non fatto", "Nota interna: Prova Domitilla", "Si può fare solo in questa fase", "Terza attesa", "Quarta attesa")
			if i := strings.Index(p.pagina, `id="si"`); strings.Contains(p.pagina[i:], "Prima attesa") || !strings.Contains(p.pagina[i:], "Terza attesa") {
				t.Errorf("what was done: %s", soloTesto(p.pagina))
			}
		}
		for i, n := range []int{2, 2, 2, 2} {
			if _, atti, err := u.Store.Leggi(t.Context(), u.idDi(id[i])); err != nil || len(atti) != n {
				t.Errorf("case %d has %d acts, %v", i, len(atti), err)
			}
		}
		v = p.vai("/lavoro?vista=tutte").scelte("assegnazione")
		p.manda("/lavoro/insieme", v).vuole(http.StatusOK, "Assegnata: 4 segnalazioni.").senza("Non fatto")
		p.vai("/lavoro?vista=tutte&incarico=io").vuole(http.StatusOK, "Prima attesa", "Quarta attesa", ">Tu<")
		p.manda("/lavoro/insieme", p.scelte("assegnazione")).vuole(http.StatusUnprocessableEntity, "Nessuna è stata cambiata", "È già tua.", "vista=tutte")

		v = p.vai("/lavoro?vista=tutte").scelte("") // the Enter key
		v["scelta"] = v["scelta"][1:3]
		p.manda("/lavoro/insieme", v).vuole(http.StatusUnprocessableEntity, "Premi il pulsante", "Prima attesa")
		segnate := func(n int) {
			t.Helper()
			if m := casellaSegnata.FindAllString(p.pagina, -1); len(m) != n {
				t.Errorf("rows that stay chosen: %v", m)
			}
		}
		segnate(2)
		if v = p.vai("/lavoro?vista=tutte&dopo=.zz").scelte(""); v.Get("filtro") != "vista=tutte&dopo=.zz" || len(v["scelta"]) != 4 {
			t.Errorf("a page that is not the first: %v", v)
		}
		v["scelta"] = v["scelta"][1:3]
		p.manda("/lavoro/insieme", v).vuole(http.StatusUnprocessableEntity, "Torna all’inizio")
		segnate(2)
		v.Set("fai", "assegnazione")
		v["scelta"] = append(v["scelta"], slices.Repeat([]string{id[0] + ".9"}, 999)...)
		p.manda("/lavoro/insieme", v).vuole(http.StatusUnprocessableEntity, "Scegli almeno una segnalazione, e al massimo 50.")
		segnate(2)
		v["scelta"] = []string{id[0] + ".x", id[0], id[1] + ".1", id[1] + ".1"}
		p.manda("/lavoro/insieme", v).vuole(http.StatusUnprocessableEntity, "Questa scelta non si legge")
		if n := strings.Count(p.pagina, "Intanto è cambiata."); n != 1 {
			t.Errorf("a row chosen twice is answered %d times", n)
		}
		v.Del("scelta")
		p.manda("/lavoro/insieme", v).vuole(http.StatusUnprocessableEntity, "Scegli almeno una segnalazione", "Prima attesa")
		v.Set("scelta", id[0]+".1")
		for _, fai := range []string{"conversione", "inoltro", "invio_risposta", "registrazione", "inventato"} {
			v.Set("fai", fai)
			p.manda("/lavoro/insieme", v).vuole(http.StatusUnprocessableEntity, "su una segnalazione per volta")
		}
	})
}

// Where there is nothing to do on several cases there is nothing to choose.
func TestInsiemeDiChiNonPuo(t *testing.T) {
	u := apriUfficio(t, storetest.SQLite(t))
	urp := u.entra("clelia", access.URP, "URP-SANTA-CHIARA")
	id := urp.registra()
	urp.fa(id, "presa_in_carico")
	u.chiedeA(id, strutturaB)
	for _, p := range []*persona{u.entra("evaristo", access.Responsabile, strutturaB), u.entra("fiorella", access.FrontOffice, "FO-SANTA-CHIARA")} {
		p.vai("/lavoro?vista=tutte").vuole(http.StatusOK).senza(`type="checkbox"`, "/lavoro/insieme")
		v := url.Values{"fai": {"assegnazione"}, "chiave": {unaVolta()}, "scelta": {id + ".3"}}
		p.manda("/lavoro/insieme", v).vuole(http.StatusUnprocessableEntity, "Nessuna è stata cambiata")
	}
}
