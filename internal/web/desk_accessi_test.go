package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// Every reading of personal data by the staff is on record before the page is sent,
// once in a quarter of an hour for each way; the DPO reads who, when and which, and
// the person concerned the offices.
func TestAccessi(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		r, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web",
			Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore di attesa.", Oggetto: "Attesacanaria",
				Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example"}})})
		if err != nil {
			t.Fatal(err)
		}
		urp, dpo := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("ubaldo", access.DPO, "")
		caso := "/pratica/" + r.ID.String()
		for range 3 { // the same quarter of an hour
			urp.vai(caso)
		}
		urp.vai(caso + "/stampa")
		urp.vai("/lavoro")
		if dpo.vai("/lavoro"); dpo.stato != http.StatusSeeOther || dpo.dove != "/accessi" {
			t.Errorf("the DPO begins at %d %s", dpo.stato, dpo.dove)
		}
		numero := pratica.NumeroScritto(r.Anno, r.Numero)
		dpo.vai("/accessi")
		for frase, volte := range map[string]int{"Ha aperto la pratica": 1, "Ha preparato una stampa": 1, "Ha visto un elenco": 1,
			"Ha letto questo registro": 1, `<span class="code">` + numero: 2, "Attesacanaria": 0, "Brambati": 0} {
			if n := strings.Count(dpo.pagina, frase); n != volte {
				t.Errorf("%q stands %d times, want %d", frase, n, volte)
			}
		}
		b.Orologio.Avanza(16 * time.Minute)
		urp.vai(caso)
		if dpo.vai("/accessi?numero=" + url.QueryEscape(numero)); strings.Count(dpo.pagina, "Ha aperto la pratica") != 2 || strings.Contains(dpo.pagina, "elenco</td>") {
			t.Error("the readings of one case are not those")
		}
		for via, stato := range map[string]int{"/accessi?persona=" + urp.id: 200, "/accessi?persona=x": 422, "/accessi?numero=boh": 422, "/accessi?dal=2026-02-31": 422,
			"/accessi?dal=2026-03-02&al=2026-03-01": 422, "/accessi?dopo=boh": 200, "/accessi?al=2020-01-01": 200} {
			if dpo.vai(via); dpo.stato != stato {
				t.Errorf("%s: %d, want %d", via, dpo.stato, stato)
			}
		}
		if urp.vai("/accessi"); urp.stato != http.StatusForbidden {
			t.Errorf("the URP reads the log: %d", urp.stato)
		}
		g, err := b.Servizio.Segui(context.Background(), b.Ente, r.Codice, r.Chiave)
		if err != nil {
			t.Fatal(err)
		}
		if len(g.Letture) != 1 || g.Letture[0].Ufficio != access.Ufficio(access.URP, "URP-SANTA-CHIARA") || g.Letture[0].Parte != pratica.ParteNucleo {
			t.Errorf("the person sees %+v", g.Letture)
		}
	})
}

// The log goes on page by page, and no line is lost or shown twice.
func TestAccessiPagine(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		dpo := b.Chi(access.DPO, "")
		for k := range 260 {
			x := pratica.Accesso{Ente: b.Ente, Il: b.Orologio.Now().UTC().Truncate(pratica.Window).Add(time.Duration(-k/7) * pratica.Window),
				N: int64(1 + k%5), Persona: "p" + string(rune('a'+k%3)) + string(rune('a'+k%26)) + string(rune('a'+k/26)), Come: pratica.ReadPage, Parte: pratica.ParteNucleo}
			if err := b.Store.Accesso(ctx, x); err != nil {
				t.Fatal(err)
			}
		}
		visti := map[string]int{}
		f := pratica.FiltroAccessi{Limite: 50}
		for giro := 0; ; giro++ {
			p, err := b.Servizio.Accessi(ctx, dpo, f)
			if err != nil || giro > 10 {
				t.Fatal(giro, err)
			}
			for _, x := range p.Righe {
				visti[x.Persona+x.Il.String()+string(rune(x.N))]++
			}
			if f.Dopo = p.Dopo; f.Dopo == "" {
				break
			}
		}
		if len(visti) != 261 { // and the DPO's own
			t.Errorf("%d lines, want 261", len(visti))
		}
		for k, n := range visti {
			if n != 1 {
				t.Errorf("%q stands %d times", k, n)
			}
		}
	})
}
