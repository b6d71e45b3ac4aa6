package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/store/storetest"
)

// The acts of a day are read from where they are, whatever else the ente has.
func TestPianoGiornaliero(t *testing.T) {
	b := storetest.SQLite(t)
	q, args := store.QueryIscritti()
	piano, err := store.Guarda(context.Background(), b.Store, "explain query plan "+q, args...)
	if err != nil {
		t.Fatal(err)
	}
	if p := fmt.Sprint(piano); !strings.Contains(p, "SEARCH t USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)") || strings.Contains(p, "SCAN") || strings.Contains(p, "TEMP B-TREE") {
		t.Error(p)
	}
}

// Any stretch of a register is read by its own index, in its order: nothing is sorted.
func TestPianoRegistro(t *testing.T) {
	b := storetest.SQLite(t)
	az := b.Chi(access.URPAziendale, "")
	oggi := b.Servizio.Oggi()
	for nome, f := range map[string]pratica.Filtro{
		"the whole":  {},
		"a year":     {RegistrataDal: oggi.Add(-200), RegistrataAl: oggi},
		"and a kind": {RegistrataDal: oggi.Add(-200), Tipo: "reclamo"},
	} {
		f.Registro, f.DelRegistro, f.Limite = pratica.RegistroURP, true, 50
		for _, il := range []string{"", "2026-03-02T10:00:00.000Z"} {
			q, args := store.QueryRegistro(az, f, il)
			piano, err := store.Guarda(context.Background(), b.Store, "explain query plan "+q, args...)
			if err != nil {
				t.Fatal(err)
			}
			if il != "" && strings.Contains(q, "p.ricevuta_il < ") {
				t.Errorf("%s: the index is read down from the end of the stretch, not from the place: %s", nome, q)
			}
			if p := fmt.Sprint(piano); !strings.Contains(p, "USING INDEX pratiche_registro") || strings.Contains(p, "TEMP B-TREE") {
				t.Errorf("%s, from %q: %s", nome, il, p)
			}
		}
	}
}
