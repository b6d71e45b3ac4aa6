package demo

import (
	"context"
	"fmt"
	"slices"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

// seduta convenes the Commissione for two of the newest cases of which a structure has
// answered: it reads the copy of one, and all of the other.
func (g *persone) seduta(ctx context.Context) error {
	var membri []string
	for _, u := range g.ordine {
		if g.chi(u).Ha(access.Commissione) {
			membri = append(membri, g.id[u])
		}
	}
	oggi, leggono := g.Servizio.Oggi(), []string{regolamento.LeggonoCopia, regolamento.LeggonoTutto}
	for _, id := range slices.Backward(g.chieste) {
		if len(leggono) == 0 {
			return nil
		}
		_, err := g.Servizio.Esegui(ctx, g.chi("urp.aziendale"), pratica.Comando{Pratica: id, Atto: "convocazione_seduta", Dati: pratica.Dati{
			regolamento.CampoSedutaIl: oggi.Add(9).String(), regolamento.CampoLeggeDal: oggi.String(), regolamento.CampoLeggeAl: oggi.Add(10).String(),
			regolamento.CampoMembri: membri, regolamento.CampoLeggono: leggono[0], "motivo": "La segnalazione è arrivata tramite un'associazione di volontariato."}})
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Forbidden) {
			continue // somebody cannot sit for it: another case
		}
		if err != nil {
			return fmt.Errorf("convene the Commissione: %w", err)
		}
		leggono = leggono[1:]
	}
	return nil
}
