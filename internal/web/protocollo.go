package web

import (
	"context"
	"time"

	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

// maxAttesa is for how long a document may wait for its number before it is grave.
const maxAttesa = 24 * time.Hour

// RilievoProtocollo is what there is to say of the exchange with the ente's protocol:
// nothing where there is none and nothing waits.
func RilievoProtocollo(x pratica.SaluteProtocollo, c bool, ora time.Time) (Rilievo, bool) {
	frase := ""
	for _, t := range frasiProtocollo(x) {
		frase += " " + t
	}
	switch {
	case !c && x.Attendono > 0:
		return Rilievo{Grave: true, Cosa: "Manca il file che dice dov'è il protocollo dell'ente, e nessuno chiede più i numeri." + frase}, true
	case !c:
		return Rilievo{}, false
	case x.Attendono > 0 && ora.Sub(x.Dal) > maxAttesa:
		return Rilievo{Grave: true, Cosa: "Il protocollo dell'ente non dà numeri da più di un giorno." + frase}, true
	case x.Errore != "":
		return Rilievo{Cosa: "Protocollo dell'ente." + frase}, true
	}
	return Rilievo{Nota: true, Cosa: "Protocollo dell'ente." + frase}, true
}

// frasiProtocollo says how the exchange goes: the last number, who waits, the last
// error.
func frasiProtocollo(x pratica.SaluteProtocollo) []string {
	out := []string{"Non ha ancora dato numeri."}
	if !x.Ultimo.IsZero() {
		out[0] = "Ultimo numero arrivato: " + i18n.Instant(x.Ultimo) + "."
	}
	if x.Attendono == 0 {
		return append(out, "Nessun documento aspetta il numero.")
	}
	out = append(out, i18n.Plural(x.Attendono, "documento aspetta il numero", "documenti aspettano il numero")+", il primo dal "+i18n.Instant(x.Dal)+".")
	if x.Errore != "" {
		out = append(out, "Ultimo errore, "+i18n.Instant(x.Provato)+": "+x.Errore)
	}
	return out
}

// schedaProtocollo is the administrator's card of the exchange; false where there is
// none.
func (s *Server) schedaProtocollo(ctx context.Context) (schedaAdm, bool, error) {
	if s.Servizio.Protocollo == nil {
		return schedaAdm{}, false, nil
	}
	x, err := s.Servizio.Arch.SaluteProtocollo(ctx, s.EnteID)
	return schedaAdm{Titolo: "Protocollo dell’ente", Righe: frasiProtocollo(x)}, true, err
}

// numeroEnte is the number of the ente's protocol in words; empty: there is none.
func numeroEnte(p *pratica.NumeroEsterno) string {
	if p == nil {
		return ""
	}
	return p.Registro + " n. " + p.Numero + " del " + i18n.Date(p.Data)
}

// protocolloAtteso is the same, or that it is awaited.
func protocolloAtteso(f *pratica.Fascicolo, seq int) string {
	if p := f.NumeroEnte(seq); p != nil {
		return numeroEnte(p)
	}
	if f.Storia[seq-1].Protocollare != "" {
		return "In arrivo"
	}
	return ""
}
