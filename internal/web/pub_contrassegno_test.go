package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

var voceTimbro = regexp.MustCompile(`<dt>([^<]+)</dt><dd>([^<]+)</dd>`)

// timbroDi is the stamp as the citizen's page prints it.
func timbroDi(t *testing.T, p rispostaPagina) (id, password string) {
	t.Helper()
	voci := map[string]string{}
	for _, m := range voceTimbro.FindAllStringSubmatch(p.Testo, -1) {
		voci[m[1]] = m[2]
	}
	if len(voci["Identificativo"]) != 14 || len(voci["Password"]) != 19 || voci["Scadenza"] != "senza scadenza" || voci["Protocollo"] != "2026/0000001" {
		t.Fatalf("stamp: %v", voci)
	}
	return voci["Identificativo"], voci["Password"]
}

// Anybody verifies an answer: by its id, with the password, with a file; and is told
// nothing of what is not there.
//
// ref: cad art. 23
func TestContrassegno(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		h := pagineDi(t, b)
		codice, chiave := codiceChiave(t, apriBrowser(t, h).spedita("reclamo"))
		const testo = "Gentile Lucia,\nci scusiamo per l'attesa.\n\nFirmato"
		rispondi(t, b, testo)
		n := apriBrowser(t, h)
		n.invia("/segui", campi("codice", codice, "chiave", chiave))
		p := n.vuole(n.apri("/segui/risposta"), 200, "", "Contrassegno elettronico", "inquadra il codice QR")
		controllaMarche(t, p)
		if !strings.Contains(p.Testo, "<svg") {
			t.Error("no QR")
		}
		id, password := timbroDi(t, p)
		scaricato := n.apri("/segui/risposta?file")
		if scaricato.Testo != testo || !strings.HasPrefix(scaricato.Testa.Get("Content-Disposition"), "attachment") || scaricato.Testa.Get("Cache-Control") != "private, no-store" {
			t.Errorf("downloaded: %q %v", scaricato.Testo, scaricato.Testa)
		}
		somma := sha256.Sum256([]byte(testo))
		impronta := hex.EncodeToString(somma[:])

		chiunque := apriBrowser(t, h)
		controllaMarche(t, chiunque.vuole(chiunque.apri("/verifica"), 200, "", "Verifica un documento", "Identificativo", "Password"))
		qui := "/verifica/" + strings.ReplaceAll(id, "-", "")
		p = chiunque.vuole(chiunque.invia("/verifica", campi("id", strings.ToLower(id))), 200, qui,
			"autentico", "ASST Montelago", "2026/0000001", "lunedì 2 marzo 2026", impronta, "senza scadenza")
		controllaMarche(t, p)
		if strings.Contains(p.Testo, "scusiamo") || strings.Contains(p.Testo, "Direttore") {
			t.Error("the id alone tells what is in it")
		}
		if !strings.Contains(p.Testo, "data-frammento") {
			t.Error("the page does not take the password of the QR")
		}
		p = chiunque.vuole(chiunque.invia(qui, campi("password", password)), 200, qui, "autentico", "ci scusiamo per l'attesa", "Direttore sanitario")
		controllaMarche(t, p)
		if strings.Contains(p.Testo, strings.ReplaceAll(password, "-", "")) || strings.Contains(p.Testo, password) {
			t.Error("the password stands in the page")
		}
		chiunque.vuole(chiunque.invia("/verifica", campi("id", id, "password", strings.ToLower(password))), 200, "/verifica", "ci scusiamo per l'attesa")
		for _, no := range []string{"", "x", vault.NewChiave().Valore()} {
			p = chiunque.vuole(chiunque.invia(qui, campi("password", no)), 422, qui, "autentico")
			if strings.Contains(p.Testo, "scusiamo") || !strings.Contains(p.Testo, `id="password-err"`) {
				t.Errorf("password %q", no)
			}
			controllaMarche(t, p)
		}
		chiunque.vuole(chiunque.inviaFile(qui, nil, fileProva{"file", "r.txt", []byte(testo)}), 200, qui, "Sì: il file è uguale")
		chiunque.vuole(chiunque.inviaFile(qui, nil, fileProva{"file", "r.txt", []byte(testo + "\n")}), 200, qui, "No: il file non è uguale")
		sum := sha256.Sum256([]byte(testo)) // a browser that keeps the file sends its digest
		chiunque.vuole(chiunque.inviaFile(qui, campi("impronta", hex.EncodeToString(sum[:]))), 200, qui, "Sì: il file è uguale")
		chiunque.vuole(chiunque.inviaFile(qui, campi("impronta", strings.Repeat("ab", 32))), 200, qui, "No: il file non è uguale")
		chiunque.vuole(chiunque.inviaFile(qui, campi("impronta", "abc")), 422, qui, "Scegli il file")
		controllaMarche(t, chiunque.vuole(chiunque.inviaFile(qui, nil), 422, qui, "Scegli il file"))
		chiunque.vuole(chiunque.inviaFile(qui, nil, fileProva{"file", "r.bin", make([]byte, 20<<20+1)}), 413, qui, "il massimo è 20 MB", "autentico")
		chiunque.vuole(chiunque.inviaFile(qui, nil, fileProva{"file", "a", []byte("a")}, fileProva{"file", "b", []byte("b")}), 400, "")

		altro, _ := vault.NewContrassegno()
		la := "/verifica/" + altro
		for _, p := range []rispostaPagina{chiunque.apri(la), chiunque.invia(la, campi("password", password)), chiunque.invia(la, nil), chiunque.inviaFile(la, nil, fileProva{"file", "r.txt", []byte(testo)}),
			chiunque.apri("/verifica/x"), chiunque.apri("/verifica/" + codice)} {
			controllaMarche(t, chiunque.vuole(p, 404, "", "Non conosciamo questo documento"))
		}
		p = chiunque.vuole(chiunque.invia("/verifica", campi("id", "K7QF")), 422, "", "12 tra lettere e cifre")
		if !strings.Contains(p.Testo, `value="K7QF"`) {
			t.Error("what was typed is lost")
		}
		caso := n.apri("/segui/stato")
		if strings.Contains(caso.Testo, password) {
			t.Error("the password stands on the page of the state")
		}
	})
}

// Of a file that was eliminated the page says what stays, and compares with the password.
func TestContrassegnoEliminato(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	codice, chiave := codiceChiave(t, apriBrowser(t, h).spedita("reclamo"))
	rispondi(t, b, "Gentile Lucia, ci scusiamo.")
	n := apriBrowser(t, h)
	n.invia("/segui", campi("codice", codice, "chiave", chiave))
	id, password := timbroDi(t, n.apri("/segui/risposta"))
	capo, da := b.Chi(access.URPAziendale, ""), b.Chi(access.DirettoreAmministrativo, "")
	pag, err := b.Servizio.Elenco(t.Context(), capo, pratica.Filtro{Limite: 1})
	if err != nil || len(pag.Righe) != 1 {
		t.Fatal(len(pag.Righe), err)
	}
	if _, err := b.Servizio.Esegui(t.Context(), capo, pratica.Comando{Pratica: pag.Righe[0].ID, Atto: "archiviazione"}); err != nil {
		t.Fatal(err)
	}
	b.Orologio.Avanza((5*366 + 2) * 24 * time.Hour)
	capo, da = b.Conferma(capo), b.Conferma(da)
	x, err := b.Servizio.ProponiScarto(t.Context(), capo, pratica.RegistroURP, "n. 12", []vault.ID{pag.Righe[0].ID})
	if err == nil {
		err = b.Servizio.ApprovaScarto(t.Context(), da, pratica.RegistroURP, x)
	}
	if err == nil {
		err = b.Servizio.EseguiScarti(t.Context(), b.Chiavi)
	}
	if err != nil {
		t.Fatal(err)
	}
	chiunque := apriBrowser(t, h)
	qui := "/verifica/" + strings.ReplaceAll(id, "-", "")
	p := chiunque.vuole(chiunque.apri(qui), 200, "", "autentico", "2026/0000001", "il documento non c’è più", "Confronta un file", "Password")
	controllaMarche(t, p)
	if strings.Contains(p.Testo, "SHA-256") || strings.Contains(p.Testo, ">Leggi<") {
		t.Error("what was eliminated is offered")
	}
	file := fileProva{"file", "r.txt", []byte("Gentile Lucia, ci scusiamo.")}
	chiunque.vuole(chiunque.inviaFile(qui, campi("password", password), file), 200, qui, "Sì: il file è uguale")
	chiunque.vuole(chiunque.inviaFile(qui, campi("password", vault.NewChiave().Valore()), file), 200, qui, "No: il file non è uguale", "o una password che non è la sua")
	chiunque.vuole(chiunque.inviaFile(qui, nil, file), 422, qui, "Scrivi la password")
	chiunque.vuole(chiunque.invia(qui, campi("password", password)), 422, qui, "non c’è più")
}

// Who has an answer whose number was annulled is told so, and who reported reads when
// and why, and that they may object.
//
// ref: dpr445-2000 art. 54
func TestContrassegnoAnnullato(t *testing.T) {
	b := storetest.SQLite(t)
	h := pagineDi(t, b)
	codice, chiave := codiceChiave(t, apriBrowser(t, h).spedita("reclamo"))
	rispondi(t, b, "Gentile Lucia,\nci scusiamo.")
	n := apriBrowser(t, h)
	n.invia("/segui", campi("codice", codice, "chiave", chiave))
	id, _ := timbroDi(t, n.apri("/segui/risposta"))
	caso, err := b.Store.PerNumero(t.Context(), b.Ente, pratica.RegistroURP, 2026, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Servizio.Esegui(t.Context(), b.Conferma(b.Chi(access.URPAziendale, "")), pratica.Comando{Pratica: caso.ID, Atto: "annullamento",
		Dati: pratica.Dati{"numero": "1", "causa": "doppia", "motivo": "L'avevi mandata due volte."}}); err != nil {
		t.Fatal(err)
	}
	qui := "/verifica/" + strings.ReplaceAll(id, "-", "")
	controllaMarche(t, n.vuole(n.apri(qui), 200, "", "Il documento è annullato", "2026/0000001", "2 marzo 2026"))
	p := n.vuole(n.apri("/segui/stato"), 200, "", "Questo numero è stato annullato il 2 marzo 2026", "due volte", "Scrivici un messaggio")
	controllaMarche(t, p)
	chi := apriBrowser(t, h)
	if p := chi.apri(qui); strings.Contains(p.Testo, "due volte") {
		t.Error("whoever has the id reads why")
	}
}
