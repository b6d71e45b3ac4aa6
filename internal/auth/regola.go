package auth

import (
	"context"
	"fmt"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
)

// Regola is whether the people of an ente must have a second factor: everybody,
// unless the ente says otherwise.
type Regola struct {
	Libero bool     // who has none signs in with the password alone
	Dal    day.Date // the first day on which it must be had; zero: always
	Motivo string   // why it is free, as everybody reads it
}

const maxMotivo = 120 // characters

// Obbliga reports whether it must be had on that day.
func (r Regola) Obbliga(oggi day.Date) bool { return !r.Libero && r.Dal <= oggi }

// Regola is that of the ente, at most half a minute old.
func (a *Auth) Regola(ctx context.Context, ente string) (Regola, error) {
	now := a.now()
	a.mu.Lock()
	v, c := a.regole[ente]
	genera := a.genera
	a.mu.Unlock()
	if c && now.Before(v.fino) {
		return v.regola, nil
	}
	r, err := a.archivio.Regola(ctx, ente)
	if err != nil {
		return Regola{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.genera == genera {
		a.regole[ente] = voceRegola{r, now.Add(durataVoce)}
	}
	return r, nil
}

// SetRegola changes it. To set people free of a second factor wants a reason,
// which stands on the sign-in page.
func (a *Auth) SetRegola(ctx context.Context, chi access.Chi, r Regola) error {
	if err := a.amministra(chi, access.Regole); err != nil {
		return err
	}
	nota := "obbligatorio"
	motivo, ok := testoBreve(r.Motivo, maxMotivo)
	switch {
	case r.Libero && !ok:
		return fault.New(fault.Invalid, "La regola non è cambiata.").Campo("motivo", "Scrivi perché, in 120 caratteri al massimo: lo leggono tutti nella pagina di accesso.")
	case r.Libero:
		r, nota = Regola{Libero: true, Motivo: motivo}, "non obbligatorio: "+motivo
	case r.Dal > day.In(a.now()):
		a, m, g := r.Dal.Date()
		r, nota = Regola{Dal: r.Dal}, fmt.Sprintf("obbligatorio dal %d/%d/%d", g, m, a)
	default:
		r = Regola{}
	}
	defer a.Dimentica()
	return a.archivio.SalvaRegola(ctx, chi.Ente, r, *a.notizia(chi, "", RegolaCambiata, nota, false))
}
