package web

import (
	"fmt"
	"net/http"

	"tutela/internal/fault"
)

// paginaErrore writes the page of a refusal.
func (s *Server) paginaErrore(w http.ResponseWriter, _ *http.Request, k fault.Kind, frase string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(k.Status())
	_, _ = fmt.Fprintf(w, "%s\nServe aiuto? Chiama l'URP: %s\n", frase, s.Ente.Telefono)
}
