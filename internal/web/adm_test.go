package web

import (
	"bytes"
	"context"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/day"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

const frasePassword = "cavallo graffetta lampone"

// admBanco is a running program whose administrator is at the browser.
type admBanco struct {
	*storetest.Banco
	t        *testing.T
	h        http.Handler
	auth     *auth.Auth
	amb      *pratica.Ambienti
	cookie   string // of the administrator
	persona  string
	macchina []Rilievo // what is said of the machine
}

// admApri starts an ente that has nothing yet but its name and an administrator.
func admApri(t *testing.T) *admBanco {
	t.Helper()
	b := &admBanco{Banco: storetest.SQLite(t), t: t}
	ctx := context.Background()
	b.amb = pratica.NewAmbienti(b.Store, b.Orologio.Now)
	b.ok(b.amb.Ricarica(ctx))
	b.ok(b.amb.SalvaEnte(ctx, pratica.Ente{ID: b.Ente, Nome: "ASST Montelago", Telefono: "800 000 000"}))
	b.Servizio.Ambiente = b.amb.Di
	b.auth = auth.New(auth.Config{Archivio: b.Store, Chiavi: b.Chiavi, Ring: b.Anello, Now: b.Orologio.Now, Costo: vault.Costo{Memoria: 64, Giri: 1, Fili: 1}, Uffici: b.amb.UfficiDi})
	var err error
	b.h, err = New(Config{Servizio: b.Servizio, Auth: b.auth, EnteID: b.Ente, Now: b.Orologio.Now, Bozze: b.Store, Blobs: b.Blobs, Anello: b.Anello,
		Viste: b.Store, Ambienti: b.amb, Custody: b.custodia(), Ente: Ente{Nome: "ASST Montelago", Telefono: "800 000 000"},
		Macchina: func(context.Context) ([]Rilievo, error) { return b.macchina, nil }})
	b.ok(err)
	b.ok(b.auth.SetRegola(ctx, access.Sistema(b.Ente), auth.Regola{Libero: true, Motivo: "prova"}))
	b.persona = b.aggiungi("prima.persona", access.Amministratore, "")
	b.cookie = b.entra("prima.persona", frasePassword)
	return b
}

// custodia is what the members of the UPT do with its keys.
func (b *admBanco) custodia() *custody.Custody {
	return &custody.Custody{Chiavi: b.Chiavi, Registro: b.Store, Auth: b.auth, Now: b.Orologio.Now}
}

// conTutto puts the demonstration chart, offices and rules in force.
func (b *admBanco) conTutto() *admBanco {
	b.t.Helper()
	ctx := context.Background()
	e := *b.amb.Ente(b.Ente)
	e.Uffici = b.Ambiente.Uffici
	b.ok(b.amb.SalvaEnte(ctx, e))
	b.ok(b.amb.NuovoOrganigramma(ctx, b.Ente, b.oggi(), b.Ambiente.Organigramma))
	b.ok(b.amb.Pubblica(ctx, b.Ente, b.oggi(), b.Ambiente.Regolamento))
	return b
}

func (b *admBanco) oggi() day.Date { return day.In(b.Orologio.Now()) }

func (b *admBanco) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *admBanco) aggiungi(utente, ruolo, unita string) string {
	b.t.Helper()
	ctx, sistema := context.Background(), access.Sistema(b.Ente)
	p, err := b.auth.AddPerson(ctx, sistema, utente, "Prova "+utente, frasePassword)
	b.ok(err)
	if ruolo != "" {
		b.ok(b.auth.Incarica(ctx, sistema, p.ID, access.Incarico{Ruolo: ruolo, Unita: unita, Dal: b.oggi()}))
	}
	return p.ID
}

func (b *admBanco) entra(utente, password string) string {
	b.t.Helper()
	c, err := b.auth.SignIn(context.Background(), b.Ente, utente, password, auth.Da{})
	b.ok(err)
	return c
}

// risposta is what the browser shows.
type rispostaAdm struct {
	stato       int
	dove, testo string
}

func (b *admBanco) chiedi(cookie, metodo, dove, tipo string, corpo io.Reader) rispostaAdm {
	b.t.Helper()
	r := httptest.NewRequest(metodo, dove, corpo)
	if tipo != "" {
		r.Header.Set("Content-Type", tipo)
	}
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: biscottoSessione, Value: cookie})
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return rispostaAdm{w.Code, w.Header().Get("Location"), html.UnescapeString(w.Body.String())}
}

func (b *admBanco) leggi(dove string) rispostaAdm {
	b.t.Helper()
	return b.chiedi(b.cookie, http.MethodGet, dove, "", nil)
}

func (b *admBanco) manda(dove string, v url.Values) rispostaAdm {
	b.t.Helper()
	return b.mandaDa(b.cookie, dove, v)
}

func (b *admBanco) mandaDa(cookie, dove string, v url.Values) rispostaAdm {
	b.t.Helper()
	return b.chiedi(cookie, http.MethodPost, dove, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}

func (b *admBanco) carica(dove string, file map[string][]byte) rispostaAdm {
	b.t.Helper()
	var c bytes.Buffer
	m := multipart.NewWriter(&c)
	for campo, x := range file {
		p, err := m.CreateFormFile(campo, campo+".csv")
		b.ok(err)
		_, err = p.Write(x)
		b.ok(err)
	}
	b.ok(m.Close())
	return b.chiedi(b.cookie, http.MethodPost, dove, m.FormDataContentType(), &c)
}

func (b *admBanco) vuole(r rispostaAdm, stato int, parole ...string) {
	b.t.Helper()
	if r.stato != stato {
		b.t.Fatalf("status %d, want %d: %s", r.stato, stato, soloTesto(r.testo))
	}
	for _, p := range parole {
		if !strings.Contains(r.testo+r.dove, p) {
			b.t.Fatalf("no %q in: %s %s", p, r.dove, soloTesto(r.testo))
		}
	}
}

func (b *admBanco) senza(r rispostaAdm, parole ...string) {
	b.t.Helper()
	for _, p := range parole {
		if strings.Contains(r.testo, p) {
			b.t.Fatalf("there is %q in: %s", p, soloTesto(r.testo))
		}
	}
}

var segnoHTML = regexp.MustCompile(`(?s)<datalist.*?</datalist>|<nav.*?</nav>|<[^>]*>`)

func soloTesto(t string) string {
	return strings.Join(strings.Fields(segnoHTML.ReplaceAllString(t, " ")), " ")
}

// nascosto is the value of a hidden field of a page.
func (b *admBanco) nascosto(r rispostaAdm, nome string) string {
	b.t.Helper()
	m := regexp.MustCompile(`name="` + nome + `" value="([^"]*)"`).FindStringSubmatch(r.testo)
	if m == nil {
		b.t.Fatalf("no field %s in: %s", nome, soloTesto(r.testo))
	}
	return m[1]
}

func fileDemo(t *testing.T, nome string) []byte {
	t.Helper()
	x, err := os.ReadFile(filepath.Join(storetest.Cartella(), nome))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func fileOrg(t *testing.T) map[string][]byte {
	return map[string][]byte{"unita": fileDemo(t, organigramma.FileUnita), "relazioni": fileDemo(t, organigramma.FileRelazioni), "presidi": fileDemo(t, organigramma.FilePresidi)}
}

func TestAdmOnlyAdministratorsEnter(t *testing.T) {
	b := admApri(t).conTutto()
	s := &Server{Config: Config{Auth: b.auth, Ambienti: b.amb}}
	altri := map[string]string{access.FrontOffice: "FO-SANTA-CHIARA", access.URP: "URP-SANTA-CHIARA", access.URPAziendale: "", access.Responsabile: "SC-21501",
		access.DirettoreMacrostruttura: "DSS", access.DirettoreSanitario: "", access.DirettoreAmministrativo: "", access.DPO: "", "": ""}
	cookie := map[string]string{}
	for ruolo, unita := range altri {
		u := "prova." + ruolo
		b.aggiungi(u, ruolo, unita)
		cookie[ruolo] = b.entra(u, frasePassword)
	}
	for _, x := range s.rotteAmministrazione() {
		dove := strings.NewReplacer("{id}", b.persona, "{unita}", "URP-SANTA-CHIARA", "{nome}", organigramma.FileUnita).Replace(x.Percorso)
		deiToken := strings.HasPrefix(dove, "/amministrazione/token")
		for ruolo, c := range cookie {
			r := b.chiedi(c, x.Metodo, dove, "application/x-www-form-urlencoded", strings.NewReader(""))
			if deiToken != (r.stato != http.StatusForbidden) {
				t.Errorf("%s %s as %q: %d", x.Metodo, dove, ruolo, r.stato)
			}
		}
		if r := b.chiedi("", x.Metodo, dove, "application/x-www-form-urlencoded", strings.NewReader("")); r.stato != http.StatusUnauthorized && !strings.HasPrefix(r.dove, "/entra") {
			t.Errorf("%s %s without a session: %d", x.Metodo, dove, r.stato)
		}
		r := b.chiedi(b.cookie, x.Metodo, dove, "application/x-www-form-urlencoded", strings.NewReader(""))
		if r.stato == http.StatusForbidden || r.stato >= 500 {
			t.Errorf("%s %s as administrator: %d %s", x.Metodo, dove, r.stato, soloTesto(r.testo))
		}
	}
}

// TestAdmFromNothing sets up an ente the way its administrator does.
func TestAdmFromNothing(t *testing.T) {
	b := admApri(t)
	b.vuole(b.leggi("/amministrazione"), 200, "Manca il regolamento", "Manca l'organigramma", "Mancano dati dell'ente")
	b.vuole(b.leggi("/lavoro"), 303, "/amministrazione")
	b.vuole(b.leggi("/amministrazione/organigramma"), 200, "Non c’è ancora un organigramma")
	b.vuole(b.leggi("/amministrazione/regolamento"), 200, "Nessun regolamento è in vigore")
	b.vuole(b.leggi("/amministrazione/uffici"), 200, "Prima serve l'organigramma")
	b.vuole(b.leggi("/amministrazione/organigramma/prova"), 303, "/importa")
	b.vuole(b.leggi("/amministrazione/organigramma/file/"+organigramma.FileUnita), 404)

	b.vuole(b.carica("/amministrazione/organigramma/importa", fileOrg(t)), 303, "/amministrazione/organigramma/prova")
	prova := b.leggi("/amministrazione/organigramma/prova")
	b.vuole(prova, 200, "È il primo organigramma")
	v := url.Values{"hash": {b.nascosto(prova, "hash")}, "prima": {b.nascosto(prova, "prima")}, "dal": {"2026-03-01"}}
	b.vuole(b.manda("/amministrazione/organigramma/pubblica", v), 422, "il passato non cambia")
	v.Set("dal", "boh")
	b.vuole(b.manda("/amministrazione/organigramma/pubblica", v), 422, "Scrivi una data")
	v.Set("dal", b.oggi().String())
	b.vuole(b.manda("/amministrazione/organigramma/pubblica", v), 303, "fatto=organigramma")
	b.vuole(b.manda("/amministrazione/organigramma/pubblica", v), 303, "fatto=organigramma") // sent twice
	if d, err := b.amb.Decorrenze(t.Context(), b.Ente); err != nil || len(d) != 1 {
		t.Fatalf("published %d times: %v", len(d), err)
	}
	b.vuole(b.leggi("/amministrazione/organigramma"), 200, "SC-21501", "In vigore")

	b.vuole(b.manda("/amministrazione/regolamento/carica", url.Values{"pronto": {"pga01"}}), 303, "/amministrazione/regolamento/prova")
	prova = b.leggi("/amministrazione/regolamento/prova")
	b.vuole(prova, 200, "Il controllo è passato")
	v = url.Values{"hash": {b.nascosto(prova, "hash")}, "prima": {b.nascosto(prova, "prima")}, "dal": {b.oggi().String()}}
	b.vuole(b.manda("/amministrazione/regolamento/pubblica", v), 303, "fatto=regolamento")
	b.vuole(b.manda("/amministrazione/regolamento/pubblica", v), 303, "fatto=regolamento")
	b.vuole(b.leggi("/amministrazione/regolamento"), 200, "Prendi in carico", "60 giorni, con proroga 30", "PGA01", "In vigore dal 2 marzo 2026", "Chi ha segnalato")

	inizio := b.leggi("/amministrazione")
	b.senza(inizio, "Manca il regolamento", "Manca l'organigramma")
	b.vuole(inizio, 200, "Nessuno ha il ruolo «URP aziendale»", "Nessuno ha il ruolo «Direttore sanitario»")
	b.aggiungi("urp.aziendale", access.URPAziendale, "")
	b.senza(b.leggi("/amministrazione"), "«URP aziendale»")

	b.vuole(b.leggi("/amministrazione/organigramma/file/server.key"), 404)
}

func TestAdmExportIsImportable(t *testing.T) {
	b := admApri(t).conTutto()
	prendi := func(nome string) []byte {
		r := httptest.NewRequest(http.MethodGet, "/amministrazione/organigramma/file/"+nome, nil)
		r.AddCookie(&http.Cookie{Name: biscottoSessione, Value: b.cookie})
		w := httptest.NewRecorder()
		b.h.ServeHTTP(w, r)
		return w.Body.Bytes()
	}
	b.vuole(b.carica("/amministrazione/organigramma/importa", map[string][]byte{"unita": prendi(organigramma.FileUnita),
		"relazioni": prendi(organigramma.FileRelazioni), "presidi": prendi(organigramma.FilePresidi)}), 303)
	b.vuole(b.leggi("/amministrazione/organigramma/prova"), 200, "è uguale a quello in vigore")
}

// TestAdmDifferences closes a unit where somebody works and another is renamed.
func TestAdmDifferences(t *testing.T) {
	b := admApri(t).conTutto()
	b.aggiungi("resp.ps", access.Responsabile, "SC-21501")
	file := fileOrg(t)
	righe := strings.Split(string(file["unita"]), "\n")
	var tenute []string
	for _, x := range righe {
		if !strings.HasPrefix(x, "FO-SANTA-CHIARA,") {
			tenute = append(tenute, strings.Replace(x, "Direzione Amministrativa", "Direzione Amministrativa Nuova", 1))
		}
	}
	file["unita"] = []byte(strings.Join(tenute, "\n"))
	b.aggiungi("fronte", access.FrontOffice, "FO-SANTA-CHIARA")
	r := b.carica("/amministrazione/organigramma/importa", file)
	b.vuole(r, 303)
	b.vuole(b.leggi("/amministrazione/organigramma/prova"), 200, "non c'è più", "ora si chiama", "Prova fronte: Front office presso", "(FO-SANTA-CHIARA)")
}

func TestAdmTwoPublishAtOnce(t *testing.T) {
	b := admApri(t).conTutto()
	file := fileOrg(t)
	file["unita"] = bytes.Replace(file["unita"], []byte("Direzione Amministrativa"), []byte("Direzione Amministrativa Nuova"), 1)
	b.vuole(b.carica("/amministrazione/organigramma/importa", file), 303)
	prova := b.leggi("/amministrazione/organigramma/prova")
	v := url.Values{"hash": {b.nascosto(prova, "hash")}, "prima": {b.nascosto(prova, "prima")}, "dal": {b.oggi().String()}}

	altro, errori := organigramma.Import(strings.NewReader("id,codice,tipo,nome,padre,tipo_afferenza,presidio,ente,stato,valida_dal,valida_al,note,fonte\nDG,,direzione,Direzione,,,,,attiva,,,,\n"), nil, nil)
	if len(errori) > 0 {
		t.Fatal(errori)
	}
	b.ok(b.amb.NuovoOrganigramma(t.Context(), b.Ente, b.oggi(), altro))
	r := b.manda("/amministrazione/organigramma/pubblica", v)
	b.vuole(r, 409, "un altro amministratore ha pubblicato", "Si apre")
	v.Set("prima", b.nascosto(r, "prima"))
	b.vuole(b.manda("/amministrazione/organigramma/pubblica", v), 303)
	if b.amb.Di(b.Ente).Organigramma.Hash() == altro.Hash() {
		t.Fatal("the confirmed chart is not in force")
	}
}

func TestAdmHostileCharts(t *testing.T) {
	b := admApri(t)
	buono := fileDemo(t, organigramma.FileUnita)
	for nome, x := range map[string]struct {
		file  map[string][]byte
		stato int
		dice  string
	}{
		"nothing":     {map[string][]byte{}, 422, "Scegli il file delle unità"},
		"10 MB":       {map[string][]byte{"unita": bytes.Repeat([]byte("a,b\n"), 10<<20/4)}, 413, "troppo grande"},
		"NUL":         {map[string][]byte{"unita": append([]byte("id\x00"), buono...)}, 422, "byte nullo"},
		"UTF-16":      {map[string][]byte{"unita": []byte("\xff\xfei\x00d\x00")}, 422, "UTF-16"},
		"spreadsheet": {map[string][]byte{"unita": []byte("PK\x03\x04zzzz")}, 422, "foglio di calcolo"},
		"column":      {map[string][]byte{"unita": bytes.Replace(buono, []byte("padre"), []byte("pardre"), 1)}, 422, "Forse"},
		"markup":      {map[string][]byte{"unita": []byte("id,codice,tipo,nome,padre,tipo_afferenza,presidio,ente,stato,valida_dal,valida_al,note,fonte\nA,,<script>,Uno,,,,,attiva,,,,\n")}, 422, "tipo"},
		"no parent":   {map[string][]byte{"unita": []byte("id,codice,tipo,nome,padre,tipo_afferenza,presidio,ente,stato,valida_dal,valida_al,note,fonte\nA,,SC,Uno,B,gerarchica,,,attiva,,,,\n")}, 422, "<td>2</td>"},
	} {
		t.Run(nome, func(t *testing.T) {
			b.t = t
			r := b.carica("/amministrazione/organigramma/importa", x.file)
			b.vuole(r, x.stato, x.dice)
		})
	}
	b.t = t
	b.vuole(b.leggi("/amministrazione/organigramma/prova"), 303)
}

func TestAdmHostileRules(t *testing.T) {
	b := admApri(t)
	base, err := regolamento.Testo("pga01")
	b.ok(err)
	bomba := "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\n"
	for nome, x := range map[string]struct {
		testo []byte
		stato int
		dice  string
	}{
		"empty":          {nil, 422, "Che cosa correggere"},
		"NUL":            {[]byte("regolamento: \x00\n"), 422, "Che cosa correggere"},
		"alias bomb":     {[]byte(bomba), 422, "<td>1</td>"},
		"deep":           {bytes.Repeat([]byte("["), 200_000), 422, "Che cosa correggere"},
		"deep mapping":   {[]byte(strings.Repeat("{a: ", 50_000)), 422, "Che cosa correggere"},
		"10 MB":          {bytes.Repeat([]byte("# nulla\n"), 10<<20/8), 413, "troppo grande"},
		"unknown key":    {append(bytes.Clone(base), []byte("\nsorpresa: 1\n")...), 422, "sorpresa"},
		"other register": {bytes.Replace(base, []byte("registro: urp"), []byte("registro: altro"), 1), 422, "registro: urp"},
		"markup":         {append(bytes.Clone(base), []byte("\n\"<script>alert(1)</script>\": 1\n")...), 422, "Che cosa correggere"},
	} {
		t.Run(nome, func(t *testing.T) {
			b.t = t
			inizio := time.Now()
			r := b.carica("/amministrazione/regolamento/carica", map[string][]byte{"file": x.testo})
			b.vuole(r, x.stato, x.dice)
			if d := time.Since(inizio); d > 5*time.Second {
				t.Fatalf("took %v", d)
			}
		})
	}
	b.t = t
	b.vuole(b.manda("/amministrazione/regolamento/carica", url.Values{"pronto": {"../../etc/passwd"}}), 422, "Scegli un regolamento")
	b.vuole(b.leggi("/amministrazione/regolamento/prova"), 303)
}

// TestAdmUnsoundRules loads a procedure in which nobody can sign.
func TestAdmUnsoundRules(t *testing.T) {
	b := admApri(t)
	x := []byte(`regolamento: prova
versione: "1"
titolo: Per rispondere serve un atto del cittadino
motore: 1
fonte: prova
fonti: {prova: Regolamento di prova}
registro: urp
tipi: {segnalazione: {etichetta: Segnalazione}}
attori: {ufficio: {etichetta: Ufficio, ruolo: urp, ambito: ente}}
fasi:
  aperta: {etichetta: Aperta, cittadino: in_esame}
  chiusa: {etichetta: Chiusa, cittadino: chiusa, doveri: nessuno, finale: true}
atti:
  arrivo: {etichetta: Registra, fatto: Registrata, chi: [cittadino, ufficio], apre: true, fase: aperta, pone: {tipo: "?"}}
  consenso: {etichetta: Acconsenti, fatto: Consenso, chi: [cittadino], in: aperta}
  risposta: {etichetta: Rispondi, fatto: Risposta, chi: [ufficio], in: aperta, dopo: [consenso], fase: chiusa}
termini:
  risposta: {etichetta: Risposta, dal: arrivo, giorni: 30, chi: ufficio, ferma: [risposta]}
`)
	b.vuole(b.carica("/amministrazione/regolamento/carica", map[string][]byte{"file": x}), 303, "/prova")
	prova := b.leggi("/amministrazione/regolamento/prova")
	b.vuole(prova, 200, "Il controllo ha trovato dei difetti", "Succede così")
	b.senza(prova, "Pubblica il regolamento")
	reg, err := regolamento.Load(x, nil)
	b.ok(err)
	b.vuole(b.manda("/amministrazione/regolamento/pubblica", url.Values{"hash": {reg.Hash()}, "dal": {b.oggi().String()}}), 422, "ha dei difetti")
	if b.amb.Di(b.Ente).Regolamento != nil {
		t.Fatal("an unsound regolamento is in force")
	}
}

// TestAdmOwnRules publishes a file of the ente's own, when its check has ended.
func TestAdmOwnRules(t *testing.T) {
	b := admApri(t)
	x, err := regolamento.Testo("pga01")
	b.ok(err)
	x = bytes.Replace(x, []byte(`versione: "2"`), []byte(`versione: "2 bis"`), 1)
	b.vuole(b.carica("/amministrazione/regolamento/carica", map[string][]byte{"file": x}), 303, "/prova")
	prova := b.leggi("/amministrazione/regolamento/prova")
	for n := 0; strings.Contains(prova.testo, "Il controllo è in corso") && n < 60; n++ {
		b.senza(prova, "Pubblica il regolamento")
		prova = b.leggi("/amministrazione/regolamento/prova") // waits by itself
	}
	b.vuole(prova, 200, "Il controllo è passato, in ", "situazioni possibili")
	v := url.Values{"hash": {b.nascosto(prova, "hash")}, "prima": {b.nascosto(prova, "prima")}, "dal": {b.oggi().Add(10).String()}}
	b.vuole(b.manda("/amministrazione/regolamento/pubblica", v), 303)
	b.vuole(b.leggi("/amministrazione"), 200, "Manca il regolamento", "Dal 12 marzo 2026 vale il regolamento «pga01»")
	b.vuole(b.leggi("/amministrazione/regolamento"), 200, "Prevista")
}
