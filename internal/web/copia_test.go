package web

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// apriCopia reads a copy as who receives it does.
func apriCopia(t testing.TB, b string) (c copia, file map[string]string) {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	file = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		x, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(f.Name, err)
		}
		file[f.Name] = string(x)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(file["dati.json"])))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c, file
}

// scaricata is the copy that a request brings, as it comes.
func (p *persona) scaricata(metodo, dove string) (copia, map[string]string) {
	p.u.t.Helper()
	r := httptest.NewRequest(metodo, dove, http.NoBody)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range p.biscotti {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	w := httptest.NewRecorder()
	p.u.h.ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Disposition") != "attachment; filename=segnalazione-2026-0000001.zip" || w.Header().Get("Cache-Control") != "private, no-store" {
		p.u.t.Fatal(w.Code, w.Header())
	}
	return apriCopia(p.u.t, w.Body.String())
}

// A person takes away what there is about him, whole, and corrects what is wrong; the
// office hands the same to who has lost the key, and that it did is on record.
func TestCopiaDeiDati(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		u := apriUfficio(t, b)
		r, err := b.Servizio.Registra(context.Background(), access.Cittadino(b.Ente, "web"), pratica.Nuova{Canale: "web",
			Unita: "Pronto Soccorso", Presidio: "Ospedale Santa Chiara – Montelago",
			Segnalazione: pratica.Chiudi(pratica.Segnalazione{Tipo: "reclamo", Testo: "Nove ore di attesa.", Oggetto: "Attesa",
				Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Telefono: "0376 555 0142"}})})
		if err != nil {
			t.Fatal(err)
		}
		urp, altra, dpo := u.entra("clelia", access.URP, "URP-SANTA-CHIARA"), u.entra("dora", access.Responsabile, "51201"), u.entra("ubaldo", access.DPO, "")
		caso := "/pratica/" + r.ID.String()
		urp.fa(r.ID.String(), "nota", "nota", "notainterna da non dire")
		chi := &persona{u: u, nome: "who wrote", biscotti: map[string]string{}}
		chi.manda("/segui", url.Values{"codice": {r.Codice}, "chiave": {r.Chiave.Valore()}})
		chi.allega("/segui/atto/messaggio", chi.modulo("/segui/atto/messaggio", "/segui/atto/messaggio", "testo", "Ecco."), "uno.txt").vuole(http.StatusSeeOther)

		const dove = "/segui/atto/correzione"
		v := chi.modulo(dove, dove, "giusto", "0376 <111>")
		chi.manda(dove, v).vuole(http.StatusUnprocessableEntity, "Quale dato", "accanto si legge la correzione", "0376 <111></textarea>")
		v.Set("dato", "Il telefono")
		chi.manda(dove, v).vuole(http.StatusSeeOther)
		chi.vai("/segui/stato").vuole(http.StatusOK, "Il telefono: 0376 <111>", "Scarica la copia")
		urp.vai(caso).vuole(http.StatusOK, "Correzioni", "<dt>Il telefono</dt><dd>0376 <111> (", "0376 555 0142")

		c, file := chi.scaricata(http.MethodGet, "/segui/copia")
		if c.Codice != vault.Gruppi(r.Codice) || c.Segnalazione.Testo != "Nove ore di attesa." || c.Segnalazione.Segnalante.Cognome != "Brambati" ||
			len(c.Messaggi) != 2 || len(c.Letture) != 1 || len(c.Documenti) != 1 || c.Anni != 5 {
			t.Errorf("%s %d messages, %d readings, %d documents, %d years", c.Codice, len(c.Messaggi), len(c.Letture), len(c.Documenti), c.Anni)
		}
		for _, d := range c.Documenti {
			h := sha256.Sum256([]byte(file[d.File]))
			if hex.EncodeToString(h[:]) != d.Impronta || int64(len(file[d.File])) != d.Byte || d.File != "documenti/01-uno.txt" {
				t.Errorf("%s is not what was sent", d.File)
			}
		}
		if p := file["leggimi.html"]; !strings.Contains(p, "Il telefono: 0376 &lt;111&gt;") || !strings.Contains(p, "Nove ore di attesa.") || strings.Contains(p+file["dati.json"], "notainterna") {
			t.Error("the page lacks the words, or has what is not the person's")
		} else if strings.Contains(p, "2026-03-02") || !strings.Contains(p, "2 marzo 2026") || !strings.Contains(p, "cartella <strong>documenti") {
			t.Errorf("the page is written for machines: %s", p)
		}

		// The office: with a proof, for who handles the case only.
		altra.manda(caso+"/copia", nil).vuole(http.StatusNotFound)
		_, stessi := urp.scaricata(http.MethodPost, caso+"/copia")
		if len(stessi) != 3 || stessi["documenti/01-uno.txt"] != file["documenti/01-uno.txt"] {
			t.Error("the office's copy is another one")
		}
		dpo.vai("/accessi").vuole(http.StatusOK, "Ha preso la copia per la persona")
		chi.vai("/segui/stato").vuole(http.StatusOK, "Chi ha letto").senza("solo la copia senza i tuoi dati")
		b.Orologio.Avanza(access.DurataConferma + time.Second)
		urp.manda(caso+"/copia", nil).vuole(http.StatusOK, "Stai per portare fuori dei dati.")
	})
}

// The name of a document cannot lead out of its folder.
func TestNomeInCopia(t *testing.T) {
	var out []string
	for i, nome := range []string{"../../etc/passwd", `..\x.pdf`, "c:x", "uno.pdf"} {
		out = append(out, nomeInCopia(i, pratica.FileVisto{Nome: vault.NewRiservato(nome)}))
	}
	if !slices.Equal(out, []string{"documenti/01-..-..-etc-passwd", "documenti/02-..-x.pdf", "documenti/03-c-x", "documenti/04-uno.pdf"}) {
		t.Error(out)
	}
}
