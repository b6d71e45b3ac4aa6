package api

import (
	"fmt"
	"strings"
	"testing"
)

// None of what the API takes or gives prints what it holds of a person.
func TestFormeNonSiStampano(t *testing.T) {
	const x = "Canarino"
	for _, v := range []any{NuovaSegnalazione{Testo: x, Allegati: []AllegatoInviato{{Nome: x}}}, []AllegatoInviato{{Nome: x, Contenuto: x}},
		&Registrata{Chiave: x, Codice: x}, uscita[StatoVisto]{StatoVisto{Risposta: x}}, Elenco{Pratiche: []Riga{{Oggetto: x}}}, Ricerca{Q: x},
		Pratica{Riga: Riga{Oggetto: x}, Codice: x, Atti: []Atto{{Testi: map[string]string{x: x}}}}, []Atto{{Dati: map[string]string{"a": x}}},
		[]Richiesta{{Copia: x, Quesito: x, Risposta: x}}, map[string]Allegato{"a": {Nome: x}}, []Lasciato{{Testo: x, Motivo: x}}, NuovoAtto{Dati: map[string]any{"testo": x}}} {
		for _, verbo := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			if t2 := fmt.Sprintf(verbo, v); len(t2) > 0 && (strings.Contains(t2, x) || strings.Contains(t2, fmt.Sprintf("%x", x))) {
				t.Errorf("%s of %T prints %s", verbo, v, t2)
			}
		}
	}
	if fmt.Sprintf("%+v", TerminePratica{Etichetta: "risposta"}) == "[riservato]" {
		t.Error("what is of nobody should print")
	}
}
