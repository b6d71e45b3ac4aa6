package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"unicode/utf8"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/day"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// Whatever an address or a search says, a list answers: filters, places of pages,
// people, days, words.
func FuzzElenchi(f *testing.F) {
	u := apriUfficio(f, storetest.SQLite(f))
	p, dpo := u.entra("anna.verdi", access.URPAziendale, ""), u.entra("bruno.neri", access.DPO, "")
	p.registra()
	f.Add("vista=tutte&tipo=reclamo&stato=aperta&scade=7g&dopo=2026-03-02.a1", "attesa tipo:reclamo")
	f.Add("vista=scadenze&ricevuta=2026-01..2026-02&incarico=nessuno&numero=2026/0000001", `"nove ore" stato:"`)
	f.Add("persona=x&pratica=2026/1&dal=2026-02-30&al=9999-99-99&dopo=.zzzzzzzzzzzzz", "\x00\xff")
	f.Add("struttura=%00&dopo=%F0%9F%99%8F&scade=-1g&ricevuta=..", "-:\"")
	f.Fuzz(func(t *testing.T, dove, cerca string) {
		p.u.t, dpo.u.t = t, t
		for _, chiede := range []func(){
			func() { p.vai("/lavoro?" + pulita(dove)) },
			func() { dpo.vai("/accessi?" + pulita(dove)) },
			func() { p.manda("/cerca", url.Values{"q": {cerca}}) },
		} {
			chiede()
			if s := max(p.stato, dpo.stato); s >= http.StatusInternalServerError {
				t.Fatalf("status %d for %q, %q", s, dove, cerca)
			}
		}
	})
}

// pulita is a query of an address that a browser could send.
func pulita(q string) string {
	v, _ := url.ParseQuery(q)
	return v.Encode()
}

// Whatever comes from a form of the staff, what is taken keeps its bounds, and what
// is not has words beside its field.
func FuzzModuli(f *testing.F) {
	f.Add("canale=sportello&testo=x&cognome=y&ricevuta-il=31/02/2026&altra=1&altro-nascita=2999-1-1&conosciuto-il=ieri")
	f.Add("nome=ASST&telefono=0376+1&email=a@&sito=javascript:x&patrono_mese=02&patrono_giorno=30&dpo=b@c.it")
	f.Add("canale=x&anonima=1&testo=%F0%9F%99%8F&unita=Pronto+Soccorso&tipo=boh&lingua=xx")
	b := storetest.SQLite(f)
	s, oggi := &Server{Config: Config{Servizio: b.Servizio, EnteID: b.Ente}}, day.In(b.Orologio.Now())
	se := &auth.Sessione{Chi: b.Chi(access.URPAziendale, ""), Incarichi: []access.Incarico{{Ruolo: access.URPAziendale}}}
	f.Fuzz(func(t *testing.T, q string) {
		v, err := url.ParseQuery(q)
		if err != nil {
			return
		}
		if v, err = pulisciValori(v); err != nil {
			return
		}
		nu, e1 := s.leggiSegnalazione(se, pratica.RegistroURP, v)
		if n := utf8.RuneCountInString(nu.Segnalazione.Apri().Testo); n > pratica.MaxTesto || nu.RicevutaIl > oggi {
			t.Errorf("%d letters, come on %s", n, nu.RicevutaIl)
		}
		ente, e2 := leggiEnte(pratica.Ente{ID: b.Ente}, v)
		if err := ControllaEnte(ente); len(e2) == 0 && err != nil {
			t.Errorf("taken as good, yet %v", err)
		}
		for _, e := range append(e1, e2...) {
			if e.Campo == "" || e.Frase == "" {
				t.Errorf("a fault without field or words: %+v", e)
			}
		}
	})
}

// Whatever cookies and sealed fields come back, none is believed that we did not give.
func FuzzSigilli(f *testing.F) {
	b := storetest.SQLite(f)
	s := &Server{Config: Config{Servizio: b.Servizio, EnteID: b.Ente, Anello: b.Anello, Bozze: b.Store, Now: b.Orologio.Now}}
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("AQ")
	f.Add("\x00;\xff\"")
	f.Fuzz(func(t *testing.T, valore string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", biscottoBozza+"="+valore)
		if c, x, err := s.bozzaDi(r); x != nil || err != nil || c != nil && len(c) != 32 {
			t.Fatalf("%q opens %v: %v", valore, x, err)
		}
		var v any
		if s.apriSigillo(vault.Context("prova", b.Ente), valore, &v) {
			t.Fatalf("%q opens", valore)
		}
		for _, d := range leggiStato(valore) {
			if again := leggiStato(scriviStato([]decisione{d})); len(again) != 1 || again[0] != d {
				t.Fatalf("%q reads as %+v and again as %+v", valore, d, again)
			}
		}
	})
}
