package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// sbloccata is a session with the UPT's key.
type sbloccata struct{}

func (sbloccata) Opener(comparto string) (vault.Opener, bool) {
	return vault.Opener{}, comparto == access.RegistroUPT
}

func (sbloccata) Recipient(string) (vault.Recipient, bool) { return vault.Recipient{}, false }

// A list returns exactly what Can allows: on random worlds of enti, offices,
// cases and people, the ids that the query gives are those that the rule, asked
// one case at a time, lets through.
func TestElencoComeCan(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		mondo := 0
		rapid.Check(t, func(t *rapid.T) {
			mondo++
			enti := []string{fmt.Sprintf("a%d", mondo), fmt.Sprintf("b%d", mondo)}
			ruoli := []string{access.URP, access.FrontOffice, access.Responsabile, access.DirettoreMacrostruttura, access.DirettoreSanitario, access.Amministratore, access.URPAziendale, access.UPT, access.UPTOperatore}
			ufficio := rapid.Custom(func(t *rapid.T) string {
				return access.Ufficio(rapid.SampledFrom(ruoli).Draw(t, "ruolo"), rapid.SampledFrom([]string{"", "u1", "u2", "u3"}).Draw(t, "unita"))
			})
			oggetti := map[string]access.Oggetto{}
			for range rapid.IntRange(1, 12).Draw(t, "pratiche") {
				o := access.Oggetto{Ente: rapid.SampledFrom(enti).Draw(t, "ente"), Registro: rapid.SampledFrom([]string{access.RegistroURP, access.RegistroUPT}).Draw(t, "registro"),
					Nucleo: rapid.SliceOfNDistinct(ufficio, 0, 3, rapid.ID).Draw(t, "nucleo"), Chiesto: rapid.SliceOfNDistinct(ufficio, 0, 3, rapid.ID).Draw(t, "chiesto")}
				id, err := store.FintaPratica(ctx, b.Store, o)
				if err != nil {
					t.Fatal(err)
				}
				oggetti[id.String()] = o
			}
			for range 4 {
				chi := access.Chi{Ente: rapid.SampledFrom(enti).Draw(t, "chi"), Persona: "p", Uffici: rapid.SliceOfNDistinct(ufficio, 0, 4, rapid.ID).Draw(t, "uffici")}
				if rapid.Bool().Draw(t, "sbloccata") {
					chi.Aperti = sbloccata{}
				}
				p, err := b.Store.Elenco(ctx, chi, pratica.Filtro{Limite: 100})
				if err != nil {
					t.Fatal(err)
				}
				var ha, deve []string
				for _, r := range p.Righe {
					ha = append(ha, r.ID.String())
					if nucleo := access.Can(chi, access.VedereNucleo, oggetti[r.ID.String()]); nucleo == r.Richiesta {
						t.Errorf("summary hidden %v, may read the core %v", r.Richiesta, nucleo)
					}
				}
				for id, o := range oggetti {
					if access.Can(chi, access.Elencare, o) {
						deve = append(deve, id)
					}
				}
				slices.Sort(ha)
				slices.Sort(deve)
				if !slices.Equal(ha, deve) {
					t.Errorf("%v of %s lists %v, the rule allows %v", chi.Uffici, chi.Ente, ha, deve)
				}
			}
		})
	})
}
