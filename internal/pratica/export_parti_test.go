package pratica

import (
	"testing"

	"tutela/internal/vault"
)

// No two parts of a case have one name: not of offices whose units' codes begin alike,
// not of requests, whatever part of theirs it is.
func TestNomiDelleParti(t *testing.T) {
	visti := map[string]string{}
	for _, nome := range []string{ParteNucleo, ParteCittadino, ParteRichiesta(1), ParteRichiesta(2), ParteRichiesta(12), ParteUscita(1), ParteUscita(12),
		parteMacro("direttore-macrostruttura:M"), parteMacro("direttore-macrostruttura:M-2"), parteMacro("direttore-macrostruttura:M-2-3"), parteMacro("direttore-macrostruttura:M."),
		parteMacro("direttore-macrostruttura:M.-2"), parteMacro("direttore-macrostruttura:"), parteMacro("responsabile:M")} {
		for n := 1; n <= 12; n++ {
			parte := parteN(nome, n)
			if prima, doppio := visti[parte]; doppio {
				t.Errorf("%q is the part %d of %q, and one of %q", parte, n, nome, prima)
			}
			visti[parte] = nome
		}
		vault.Context("involucro", "ente", "pratica", parteN(nome, 2), nomeLettore(DiStruttura("A/1_x-"+nome)), "1") // takes it, or panics
		if unita := unitaDi(nil, parteMacro("responsabile:"+nome)); unita != nome {
			t.Errorf("the unit of %q is %q", nome, unita)
		}
	}
}
