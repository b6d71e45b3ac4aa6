package api

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/registro"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// caso is the part of a case that the tests read.
type caso struct {
	Pratica
	stato int
}

func (p *prova) apri(token, id string) caso {
	p.t.Helper()
	r := p.chiama("GET", "/pratiche/"+id, token, nil)
	c := caso{stato: r.StatusCode}
	if r.StatusCode == 200 {
		if err := json.Unmarshal(r.byte, &c.Pratica); err != nil {
			p.t.Fatal(err)
		}
	}
	return c
}

func (c caso) puo(atto string) *Consentito {
	for i := range c.Consentiti {
		if c.Consentiti[i].Atto == atto {
			return &c.Consentiti[i]
		}
	}
	return nil
}

// The whole story of a reclamo through the API, each act by who may do it, with
// what each one sees on the way.
//
// ref: pga01 4.4
func TestStoria(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		p := monta(t, b)
		r := p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamo()))
		codice, chiave := r.testo("codice"), r.testo("chiave")
		if r.testo("numero") != "2026/0000001" || r.testo("registro") != "urp" || r.testo("tipo") != "reclamo" || len(codice) != 12 || len(chiave) != 16 {
			t.Fatalf("receipt: %s", r.byte)
		}
		nature := map[string]string{}
		for _, x := range r.json["termini"].([]any) {
			m := x.(map[string]any)
			nature[m["id"].(string)] = m["natura"].(string)
			if m["scadenza"] == nil || m["fonte"] == "" || len(m["perche"].([]any)) < 2 {
				t.Errorf("term: %v", m)
			}
		}
		if nature["risposta"] != "regolamento" || nature["risposta_legge"] != "legale" || nature["richiesta"] == "" || nature["relazione"] == "" {
			t.Errorf("terms: %v", nature)
		}
		urp, az := p.token(access.URP, "URP-SANTA-CHIARA"), p.token(access.URPAziendale, "")
		altro, ds, admin := p.token(access.URP, "URP-SAN-DEFENDENTE"), p.token(access.DirettoreSanitario, ""), p.token(access.Amministratore, "")

		lista := p.vuole(200, p.chiama("GET", "/pratiche?numero=2026/1&ordina=scadenza", urp, nil)).json["pratiche"].([]any)
		if len(lista) != 1 {
			t.Fatalf("list of the URP: %v", lista)
		}
		riga := lista[0].(map[string]any)
		id := riga["id"].(string)
		prossimo := riga["prossimoTermine"].(map[string]any)
		if riga["oggetto"] != "Nove ore di attesa" || riga["registro"] != "urp" || riga["stato"] != "ricevuta" || riga["incaricato"] != nil || prossimo["id"] != "richiesta" ||
			prossimo["responsabile"] != "urp:URP-SANTA-CHIARA" {
			t.Errorf("row: %v", riga)
		}
		c := p.apri(urp, id)
		unita, macro := *c.Struttura, ""
		if u := b.Ambiente.Organigramma.Macrostruttura(unita, 0); u != "" {
			macro = u
		}
		resp, dir := p.token(access.Responsabile, unita), p.token(access.DirettoreMacrostruttura, macro)

		// Unseen and absent say the same, byte for byte but for the request's number.
		assente := p.vuole(404, p.chiama("GET", "/pratiche/"+vault.NewID(time.Unix(0, 0)).String(), altro, nil))
		for nome, tok := range map[string]string{"other URP": altro, "structure": resp, "director": dir, "DS": ds, "administrator": admin} {
			r := p.chiama("GET", "/pratiche/"+id, tok, nil)
			if r.StatusCode != 404 || r.testo("detail") != assente.testo("detail") {
				t.Errorf("%s opens the case: %d %s", nome, r.StatusCode, r.byte)
			}
			if r := p.chiama("POST", "/pratiche/"+id+"/atti", tok, oggetto{"atto": "presa_in_carico"}); r.StatusCode != 404 || r.testo("detail") != assente.testo("detail") {
				t.Errorf("%s acts on the case: %d", nome, r.StatusCode)
			}
			if l := p.chiama("GET", "/pratiche", tok, nil).json["pratiche"].([]any); len(l) != 0 {
				t.Errorf("%s lists the case: %v", nome, l)
			}
		}
		if r := p.chiama("GET", "/pratiche/non-un-id", urp, nil); r.StatusCode != 404 || r.testo("detail") != assente.testo("detail") {
			t.Errorf("no id at all: %d %s", r.StatusCode, r.byte)
		}

		passo := func(tok, atto string, dati oggetto) caso {
			t.Helper()
			b.Orologio.Avanza(time.Hour)
			prima := p.apri(tok, id)
			if prima.puo(atto) == nil {
				t.Fatalf("%s is not among what may be done now", atto)
			}
			r := p.vuole(201, p.chiama("POST", "/pratiche/"+id+"/atti", tok, oggetto{"atto": atto, "dati": dati, "versione": prima.Versione}))
			var dopo caso
			if err := json.Unmarshal(r.byte, &dopo.Pratica); err != nil || dopo.Versione != prima.Versione+1 {
				t.Fatalf("after %s: version %d, %v", atto, dopo.Versione, err)
			}
			return dopo
		}
		no := func(stato int, tok, atto string, dati oggetto, campi ...string) {
			t.Helper()
			r := p.chiama("POST", "/pratiche/"+id+"/atti", tok, oggetto{"atto": atto, "dati": dati})
			if r.StatusCode != stato {
				t.Errorf("%s: %d, want %d: %s", atto, r.StatusCode, stato, r.byte)
			}
			for _, x := range campi {
				if r.errori()[x] == "" {
					t.Errorf("%s: nothing said of %s: %s", atto, x, r.byte)
				}
			}
		}
		no(422, urp, "inventato", nil)
		no(422, urp, "registrazione", nil)
		passo(urp, "presa_in_carico", nil)
		no(422, urp, "valutazione", oggetto{"natura": "strana"}, "dati.natura")
		passo(urp, "valutazione", oggetto{"natura": "sanitaria", "danni": "esclusi"})
		no(422, az, "bozza_risposta", oggetto{"testo": "Gentile signora"})
		no(403, az, "informativa", nil)
		passo(urp, "informativa", nil)
		no(422, urp, "richiesta_chiarimenti", oggetto{"quesito": "Che cosa è successo?", "inventato": 1}, "dati.inventato")
		no(422, urp, "richiesta_chiarimenti", oggetto{"quesito": "Che cosa è successo?", "strutture": []oggetto{{"id": unita}}}, "dati.strutture")
		passo(urp, "richiesta_chiarimenti", oggetto{"quesito": "Che cosa è successo?", "strutture": []oggetto{{"id": unita, "copia": "La signora ha aspettato nove ore."}}})

		// The structure reads its copy and nothing else.
		grezzo := p.vuole(200, p.chiama("GET", "/pratiche/"+id, resp, nil)).byte
		for _, segreto := range []string{"Brambati", "ilaria", "mia madre", "Nove ore di attesa", codice, "danni", "relazione"} {
			if strings.Contains(string(grezzo), segreto) {
				t.Errorf("the structure reads %q", segreto)
			}
		}
		c = p.apri(resp, id)
		if !c.SoloRichieste || c.Segnalazione != nil || len(c.Richieste) != 1 || c.Richieste[0].Copia != "La signora ha aspettato nove ore." ||
			c.puo("chiarimenti") == nil || len(c.puo("chiarimenti").Per) != 1 || c.ProssimoTermine == nil || c.ProssimoTermine.ID != "chiarimenti" {
			t.Errorf("what the structure sees: %s", grezzo)
		}
		if s := c.puo("chiarimenti").Schema; s["type"] != "object" || s["properties"].(map[string]any)["testo"] == nil {
			t.Errorf("schema: %v", s)
		}
		no(403, dir, "chiarimenti", oggetto{"testo": "x"})
		passo(resp, "chiarimenti", oggetto{"testo": "Il triage ha seguito le priorità."})
		passo(dir, "relazione", oggetto{"testo": "Relazione.", "valutazione": "Fondato in parte."})
		passo(dir, "provvedimento", oggetto{"azione": "Avvisare chi attende ogni ora.", "responsabile": "Coordinatore", "entro": "2026-06-30"})
		passo(az, "bozza_risposta", oggetto{"testo": "Gentile Ilaria, ci scusiamo per l'attesa."})
		no(403, az, "firma_risposta", nil)
		passo(ds, "rinvio_bozza", oggetto{"nota": "Aggiungi la data."})
		passo(az, "bozza_risposta", oggetto{"testo": "Gentile Ilaria, ci scusiamo per l'attesa del 27 febbraio."})
		passo(ds, "firma_risposta", nil)
		passo(az, "invio_risposta", oggetto{"mezzo": "portale"})

		s := p.vuole(200, p.chiama("GET", "/segnalazioni/"+vault.Gruppi(codice), strings.ToLower(chiave), nil))
		if s.testo("stato") != "risposta_pronta" || s.testo("risposta") != "Gentile Ilaria, ci scusiamo per l'attesa del 27 febbraio." || len(s.json["eventi"].([]any)) < 4 {
			t.Errorf("the citizen sees %s", s.byte)
		}
		ric := p.vuole(200, p.chiama("GET", "/segnalazioni/"+codice+"/ricevuta", chiave, nil))
		file, err := registro.ParseReceipt(ric.byte)
		if err != nil {
			t.Fatal(err)
		}
		chiavi, err := b.Servizio.Log.Published(context.Background(), b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		foglia, _, err := file.Verify(chiavi...)
		if err != nil || foglia.Numero != r.testo("numero") || foglia.Istante.Format(time.RFC3339Nano) != r.testo("ricevuta") || foglia.Registro != "urp" || foglia.Seq != 1 ||
			strings.Contains(string(ric.byte), chiave) || strings.Contains(string(ric.byte), "Brambati") {
			t.Errorf("receipt: %s", ric.byte)
		}
		c = passo(az, "archiviazione", nil)
		if c.Stato != "chiusa" || c.StatoCittadino != "chiusa" || c.ProssimoTermine != nil {
			t.Errorf("at the end: %s, %s, %v", c.Stato, c.StatoCittadino, c.ProssimoTermine)
		}
		if l := p.log.String(); strings.Contains(l, "Brambati") || strings.Contains(l, chiave) {
			t.Error("a name or a key in the log")
		}
	})
}

// Who was only asked is told in no row which structure the case is about, and no
// filter says it; nor whether a citizen's code is of that case.
//
// ref: pga01 4.4.2
func TestSoloInterpellata(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		p := monta(t, b)
		codice := p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamo())).testo("codice")
		urp, resp := p.token(access.URP, "URP-SANTA-CHIARA"), p.token(access.Responsabile, camminoB)
		elenco := func(tok, domanda string) []any {
			t.Helper()
			return p.vuole(200, p.chiama("GET", "/pratiche"+domanda, tok, nil)).json["pratiche"].([]any)
		}
		riga := elenco(urp, "")[0].(map[string]any)
		id, prima := riga["id"].(string), riga["struttura"].(string)
		p.vuole(201, p.chiama("POST", "/pratiche/"+id+"/atti", urp, oggetto{"atto": "presa_in_carico"}))
		p.vuole(201, p.chiama("POST", "/pratiche/"+id+"/atti", urp, oggetto{"atto": "richiesta_chiarimenti",
			"dati": oggetto{"quesito": "Che cosa è successo?", "strutture": []oggetto{{"id": camminoB, "copia": "Nove ore."}}}}))
		if l := elenco(resp, ""); len(l) != 1 || l[0].(map[string]any)["struttura"] != nil {
			t.Errorf("the row of who was asked: %v", l)
		}
		if r := p.vuole(200, p.chiama("GET", "/pratiche/"+id, resp, nil)); r.json["struttura"] != nil || strings.Contains(string(r.byte), prima) {
			t.Errorf("the case as who was asked reads it: %s", r.byte)
		}
		for _, domanda := range []string{"?struttura=" + prima, "?ordina=scadenza&struttura=" + prima} {
			if l := elenco(resp, domanda); len(l) != 0 {
				t.Errorf("%s tells who was asked: %v", domanda, l)
			}
			if l := elenco(urp, domanda); len(l) != 1 {
				t.Errorf("%s: %v", domanda, l)
			}
		}
		cerca := func(tok, q string) []any {
			return p.vuole(200, p.chiama("POST", "/pratiche/ricerca", tok, oggetto{"q": q})).json["pratiche"].([]any)
		}
		for _, q := range []string{"struttura:" + prima, codice, "codice:" + codice} {
			if l := cerca(resp, q); len(l) != 0 {
				t.Errorf("a search for %s tells who was asked: %v", q, l)
			}
			if l := cerca(urp, q); len(l) != 1 {
				t.Errorf("a search for %s: %v", q, l)
			}
		}
	})
}

// Of two programs with the same version the second is told that somebody was
// quicker, and with what.
func TestVersione(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamo()))
	urp := p.token(access.URP, "URP-SANTA-CHIARA")
	id := p.chiama("GET", "/pratiche", urp, nil).json["pratiche"].([]any)[0].(map[string]any)["id"].(string)
	atto := oggetto{"atto": "presa_in_carico", "versione": 1}
	p.vuole(201, p.chiama("POST", "/pratiche/"+id+"/atti", urp, atto))
	r := p.vuole(409, p.chiama("POST", "/pratiche/"+id+"/atti", urp, atto))
	prima, _ := r.json["prima"].(map[string]any)
	if d := r.testo("detail"); !strings.Contains(d, "Presa in carico") || strings.Contains(d, "pagina") || strings.Contains(d, "qui") || prima["ufficio"] != "urp:URP-SANTA-CHIARA" || prima["versione"] != 2.0 || prima["persona"] == "" {
		t.Errorf("the slower one is told: %s", r.byte)
	}
}

// An office takes in for somebody: by its own channel, with an earlier day.
//
// ref: pga01 4.1, 4.2
func TestSportello(t *testing.T) {
	p := monta(t, storetest.SQLite(t))
	fo := p.token(access.FrontOffice, "FO-SANTA-CHIARA")
	v := reclamo()
	v["canale"], v["ricevutaIl"], v["testimone"], v["delega"] = "lettera", "2026-02-26", "Operatrice", "figlia"
	r := p.vuole(201, p.chiama("POST", "/segnalazioni", fo, v))
	lista := p.chiama("GET", "/pratiche", fo, nil).json["pratiche"].([]any)
	if len(lista) != 1 {
		t.Fatalf("who received it does not find it: %v", lista)
	}
	c := p.apri(fo, lista[0].(map[string]any)["id"].(string))
	if c.Canale != "lettera" || c.Giorno != "2026-02-26" || c.Segnalazione.Testimone != "Operatrice" || c.Atti[0].Ufficio != "front-office:FO-SANTA-CHIARA" || c.Atti[0].Mezzo != "api" {
		t.Errorf("taken in: %+v", c.Pratica.Atti[0])
	}
	if r.testo("tipo") != "reclamo" {
		t.Error(r.testo("tipo"))
	}
	for ruolo, unita := range map[string]string{access.URPAziendale: "", access.Responsabile: camminoA, access.DirettoreMacrostruttura: "DIP-AREA-MEDICA",
		access.DirettoreSanitario: ""} { // any office may receive
		w := reclamo()
		w["canale"] = "telefono"
		p.vuole(201, p.chiama("POST", "/segnalazioni", p.token(ruolo, unita), w))
	}
	for _, ruolo := range []string{access.DPO, access.Amministratore} {
		p.vuole(403, p.chiama("POST", "/segnalazioni", p.token(ruolo, ""), reclamo()))
	}
	v["canale"] = "piccione"
	if e := p.vuole(422, p.chiama("POST", "/segnalazioni", fo, v)).errori(); e["canale"] == "" {
		t.Error(e)
	}
	delete(v, "canale")
	e := p.vuole(422, p.chiama("POST", "/segnalazioni", "", v)).errori()
	if e["ricevutaIl"] == "" || e["testimone"] == "" || e["delega"] == "" {
		t.Errorf("a stranger may say %v", e)
	}
}

// The search takes words in the body, filters and pages.
func TestRicerca(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		p := monta(t, b)
		az := p.token(access.URPAziendale, "")
		for range 3 {
			p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamo()))
		}
		altra := reclamo()
		altra["tipo"], altra["testo"] = "suggerimento", "Servono più cartelli in radiologia."
		codice := p.vuole(201, p.chiama("POST", "/segnalazioni", "", altra)).testo("codice")
		for q, n := range map[string]int{"": 4, "brambati": 4, "cartello": 1, "tipo:reclamo attesa": 3, "tipo:suggerimento attese": 1, "2026/2": 1, codice: 1,
			`struttura:"pronto soccorso"`: 4, "scade:<7g tipo:reclamo": 3, "ricevuta:2025": 0, "incarico:io": 0} {
			r := p.vuole(200, p.chiama("POST", "/pratiche/ricerca", az, oggetto{"q": q}))
			if l := r.json["pratiche"].([]any); len(l) != n {
				t.Errorf("%q: %d rows, want %d", q, len(l), n)
			}
		}
		if e := p.vuole(422, p.chiama("POST", "/pratiche/ricerca", az, oggetto{"q": "-brambati"})); e.errori()["q"] == "" || strings.Contains(string(e.byte), "brambati") {
			t.Errorf("minus: %s", e.byte)
		}
		struttura := p.vuole(200, p.chiama("GET", "/pratiche", az, nil)).json["pratiche"].([]any)[0].(map[string]any)["struttura"].(string)
		visti, dopo := map[string]bool{}, ""
		for range 5 {
			r := p.vuole(200, p.chiama("POST", "/pratiche/ricerca", az, oggetto{"q": "brambati", "limite": 2, "dopo": dopo}))
			for _, x := range r.json["pratiche"].([]any) {
				visti[x.(map[string]any)["numero"].(string)] = true
			}
			if dopo = r.testo("dopo"); dopo == "" {
				break
			}
		}
		if len(visti) != 4 || dopo != "" {
			t.Errorf("page by page: %v", visti)
		}
		for percorso, n := range map[string]int{"?tipo=reclamo&limite=100": 3, "?stato=ricevuta": 4, "?numero=3": 1, "?scadeEntro=2026-03-10&ordina=scadenza": 3, "?struttura=" + struttura: 4} {
			if l := p.vuole(200, p.chiama("GET", "/pratiche"+percorso, az, nil)).json["pratiche"].([]any); len(l) != n {
				t.Errorf("%s: %d rows, want %d", percorso, len(l), n)
			}
		}
		for percorso, campo := range map[string]string{"?numero=x": "numero", "?numero=99999999999": "numero", "?stato=x": "stato", "?tipo=x": "tipo", "?struttura=zzzz": "struttura",
			"?scadeEntro=domani": "scadeEntro", "?ordina=nome": "ordina", "?limite=0": "limite", "?limite=101": "limite", "?limite=x": "limite", "?dopo=x": "dopo", "?q=brambati": "q"} {
			r := p.vuole(422, p.chiama("GET", "/pratiche"+percorso, az, nil))
			if r.errori()[campo] == "" || strings.Contains(string(r.byte), "brambati") {
				t.Errorf("%s: %s", percorso, r.byte)
			}
		}
	})
}
