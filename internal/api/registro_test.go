package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tutela/internal/registro"
	"tutela/internal/store/storetest"
)

// testimone makes a witness that the bench's ente lists.
func testimone(t *testing.T, b *storetest.Banco, nome string) (segreta, chiave string) {
	t.Helper()
	segreta, chiave, err := registro.NewWitness(nome)
	if err != nil {
		t.Fatal(err)
	}
	amb := *b.Ambiente
	amb.Testimoni = append(amb.Testimoni, chiave)
	b.Ambiente = &amb
	return segreta, chiave
}

func cofirmata(t *testing.T, nota, segreta string) oggetto {
	t.Helper()
	riga, err := registro.Cosign([]byte(nota), segreta)
	if err != nil {
		t.Fatal(err)
	}
	return oggetto{"checkpoint": nota, "cofirma": riga}
}

// The log is signed, shown, proved and witnessed through the public door: with what it
// gives, whoever has the key from outside checks all of it.
func TestRegistroPubblico(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		p := monta(t, b)
		registra := func(n int) {
			for range n {
				p.vuole(201, p.chiama("POST", "/segnalazioni", "", reclamo()))
			}
			b.Orologio.Avanza(2 * time.Minute)
		}
		uno, chiaveUno := testimone(t, b, "associazione.example")
		due, _ := testimone(t, b, "upt.example")
		testimone(t, b, "regione.example")
		estraneo, _, err := registro.NewWitness("associazione.example") // the name of another
		if err != nil {
			t.Fatal(err)
		}
		registra(3)
		r := p.vuole(200, p.chiama("GET", "/registro", "", nil))
		chiave := r.json["chiavi"].([]any)[0].(string)
		nota3 := r.testo("checkpoint")
		prima, err := registro.OpenCheckpoint([]byte(nota3), chiave)
		if err != nil || prima.Size != 3 || r.json["voci"] != 3.0 || r.testo("radice") != prima.Root.String() || r.testo("origine") != prima.Origin {
			t.Fatalf("%+v %v in %s", prima, err, r.byte)
		}
		if d := fmt.Sprint(r.json["testimoniato"]); d != "map[da:0 fino:0 su:3]" || len(r.json["testimoni"].([]any)) != 3 {
			t.Errorf("witnessed: %s", r.byte)
		}

		// One co-signs, twice; then the log grows, and another one does.
		for range 2 {
			x := p.vuole(200, p.chiama("POST", "/registro/cofirme", "", cofirmata(t, nota3, uno)))
			if x.testo("testimone") != "associazione.example" || x.json["fino"] != 3.0 {
				t.Errorf("%s", x.byte)
			}
		}
		x := p.vuole(200, p.chiama("GET", "/registro/checkpoint", "", nil))
		righe := strings.TrimPrefix(string(x.byte), nota3)
		if c, err := registro.CheckCosignature([]byte(nota3), righe, chiaveUno); err != nil || c.Name != "associazione.example" {
			t.Errorf("under the note: %q %v", righe, err)
		}
		registra(4)
		nota7 := string(p.vuole(200, p.chiama("GET", "/registro/checkpoint", "", nil)).byte)
		p.vuole(200, p.chiama("POST", "/registro/cofirme", "", cofirmata(t, nota7, due)))
		if d := fmt.Sprint(p.chiama("GET", "/registro", "", nil).json["testimoniato"]); d != "map[da:2 fino:3 su:3]" {
			t.Errorf("witnessed: %s", d)
		}
		if y := p.vuole(200, p.chiama("GET", "/registro/checkpoint?voci=3", "", nil)); string(y.byte) != string(x.byte) {
			t.Errorf("the earlier one: %s", y.byte)
		}
		p.vuole(404, p.chiama("GET", "/registro/checkpoint?voci=5", "", nil))

		// Growth and a leaf are proved.
		hash := func(via string) (out []registro.Hash) {
			t.Helper()
			for _, s := range p.vuole(200, p.chiama("GET", via, "", nil)).json["prova"].([]any) {
				var h registro.Hash
				if err := h.UnmarshalJSON([]byte(`"` + s.(string) + `"`)); err != nil {
					t.Fatal(err)
				}
				out = append(out, h)
			}
			return out
		}
		dopo, err := registro.OpenCheckpoint([]byte(nota7), chiave)
		if err != nil || registro.CheckGrowth(prima, dopo, hash("/registro/prova?da=3&a=7")) != nil {
			t.Errorf("growth: %v", err)
		}
		if n := len(hash("/registro/prova?indice=2&a=7")); n != 3 {
			t.Errorf("a leaf: %d hashes", n)
		}
		for via, campo := range map[string]string{"da=3&a=8": "a", "da=0&a=7": "da", "da=7&a=3": "da", "a=7": "da", "da=1&indice=0&a=7": "da", "indice=7&a=7": "indice", "indice=-1&a=7": "indice", "da=1&a=0": "a"} {
			if r := p.vuole(422, p.chiama("GET", "/registro/prova?"+via, "", nil)); r.errori()[campo] == "" {
				t.Errorf("%s: %s", via, r.byte)
			}
		}

		// What is not of a listed witness, or not of a state of ours, is not kept.
		falso := cofirmata(t, nota3, uno)
		falso["checkpoint"] = nota7
		altro := strings.Replace(nota7, "\n7\n", "\n8\n", 1)
		for nome, x := range map[string]struct {
			corpo oggetto
			stato int
		}{
			"another's key":    {cofirmata(t, nota7, estraneo), 403},
			"of another state": {falso, 403},
			"not ours":         {cofirmata(t, altro, uno), 422},
			"no note":          {oggetto{"checkpoint": "boh", "cofirma": "boh"}, 422},
			"no line":          {oggetto{"checkpoint": nota7, "cofirma": "boh"}, 403},
			"two lines":        {oggetto{"checkpoint": nota7, "cofirma": cofirmata(t, nota7, uno)["cofirma"].(string) + cofirmata(t, nota7, due)["cofirma"].(string)}, 403},
			"huge":             {oggetto{"checkpoint": nota7, "cofirma": strings.Repeat("a", 1025)}, 403},
		} {
			if r := p.chiama("POST", "/registro/cofirme", "", x.corpo); r.StatusCode != x.stato {
				t.Errorf("%s: %d %s", nome, r.StatusCode, r.byte)
			}
		}

		// A state that we signed and do not have: whoever brings it holds the proof.
		chiavi, err := b.Chiavi.LogKeys(t.Context(), b.Ente)
		if err != nil {
			t.Fatal(err)
		}
		dopo.Size = 70
		persa, err := dopo.Sign(chiavi...)
		if err != nil {
			t.Fatal(err)
		}
		p.vuole(503, p.chiama("POST", "/registro/cofirme", "", cofirmata(t, string(persa), due)))
		if !strings.Contains(p.log.String(), "older than what was signed") {
			t.Errorf("the log does not say it: %s", p.log)
		}
	})
}

// The public calls about the log are held back as the others are.
func TestRegistroFrenato(t *testing.T) {
	b := storetest.SQLite(t)
	p := monta(t, b, func(c *Config) { c.Limite = Limite{AlSecondo: 0.001, Raffica: 1} })
	p.vuole(200, p.chiama("GET", "/registro", "", nil))
	for _, via := range []string{"/registro", "/registro/checkpoint", "/registro/prova?da=1&a=1"} {
		p.vuole(429, p.chiama("GET", via, "", nil))
	}
	p.vuole(429, p.chiama("POST", "/registro/cofirme", "", oggetto{}))
}
