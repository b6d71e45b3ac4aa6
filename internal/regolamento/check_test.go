package regolamento

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"tutela/internal/day"
)

// almeno is how many states the whole of each procedure has, or more.
var almeno = map[string]int{"pga01": 1000, "upt-lombardia": 50}

// interaPGA01 is Check of pga01 with all that it looked at, made once.
var interaPGA01 = sync.OnceValue(func() *controllo {
	r, err := Shipped("pga01")
	if err != nil {
		panic(err)
	}
	return controlla(r)
})

func TestCheckSound(t *testing.T) {
	for _, nome := range Names() {
		r, err := Shipped(nome)
		if err != nil {
			t.Fatal(err)
		}
		rep := interaPGA01().rep
		if nome != "pga01" {
			rep = Check(r)
		}
		for _, d := range rep.Difetti {
			t.Errorf("%s: %s", nome, d)
		}
		if rep.Stati < almeno[nome] || rep.Transizioni < rep.Stati || rep.Profondita < 5 {
			t.Errorf("%s: looked at %d states, %d transitions, %d deep: that is not the whole of it", nome, rep.Stati, rep.Transizioni, rep.Profondita)
		}
	}
	if rep := Check(daFile(t, "testdata/difetti/minimo.yaml")); !rep.Sano() {
		t.Error(rep.Difetti)
	}
}

// Each file has one fault, and says in its first lines how Check must tell it:
// the rule, and the shortest sequence that shows it.
func TestCheckFindsFaults(t *testing.T) {
	files, _ := filepath.Glob("testdata/difetti/*-*.yaml")
	if len(files) < 10 {
		t.Fatalf("only %d files found", len(files))
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var attesi []string
			for riga := range strings.Lines(string(src)) {
				x, ok := strings.CutPrefix(strings.TrimRight(riga, "\n"), "# atteso: ")
				switch {
				case ok && strings.HasPrefix(x, "  "):
					attesi[len(attesi)-1] += "\n" + x
				case ok:
					attesi = append(attesi, x)
				}
			}
			var trovati []string
			for _, d := range Check(daFile(t, f)).Difetti {
				trovati = append(trovati, d.String())
			}
			for _, a := range attesi {
				if !slices.Contains(trovati, a) {
					t.Errorf("not found: %s\nfound:\n%s", a, strings.Join(trovati, "\n"))
				}
			}
			if len(attesi) == 0 {
				t.Error("the file expects nothing")
			}
		})
	}
}

// Check is worth what its states are worth: whatever lawful acts do on whatever
// days, the state must be one that it looked at.
func TestCheckCoversRealCases(t *testing.T) {
	c, cal := interaPGA01(), day.Nazionale()
	r := c.r
	rapid.Check(t, func(t *rapid.T) {
		s := r.Iniziale()
		for _, a := range casoQualunque(t, r, cal) {
			var err error
			if s, err = r.Apply(cal, s, a); err != nil {
				t.Fatal(err)
			}
			if _, visto := c.visti[c.x.chiude(&s)]; !visto {
				t.Fatalf("after act %d (%s) the case is where Check never was", a.Seq, a.Kind)
			}
		}
	})
}
