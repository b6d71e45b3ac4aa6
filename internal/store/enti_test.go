package store_test

import (
	"context"
	"testing"

	"tutela/internal/day"
	"tutela/internal/pratica"
	"tutela/internal/store"
)

func TestDecorrenze(t *testing.T) {
	perPersone(t, func(t *testing.T, ctx context.Context, s *store.Store) {
		primo, poi := day.Of(2026, 1, 1), day.Of(2026, 9, 1)
		va(t, s.SalvaOrganigramma(ctx, "uno", primo, "o1", []byte("{}")))
		va(t, s.SalvaOrganigramma(ctx, "uno", primo, "o2", []byte("{}")))
		va(t, s.SalvaOrganigramma(ctx, "due", poi, "o3", []byte("{}")))
		va(t, s.Pubblica(ctx, "uno", pratica.RegistroURP, poi, pratica.Testo{Nome: "pga01", Hash: "r1", Bytes: []byte("{}")}, pratica.Testo{Hash: "c1", Bytes: []byte("x")}))
		d, err := s.Decorrenze(ctx, "uno")
		va(t, err)
		uguali(t, d, []pratica.Decorrenza{
			{Registro: pratica.RegistroURP, Dal: poi, Hash: "r1", Nome: "pga01"},
			{Dal: primo, Hash: "o2"}, {Dal: primo, Hash: "o1"},
		})
		n, err := s.Attese(ctx, "uno")
		va(t, err)
		uguali(t, n, map[string]int{})
	})
}
