package web

import (
	"context"
	"sync"
	"time"

	"tutela/internal/vault"
)

// attesaImpronta is how long the public page does without the id of a key that may
// just have been made by another node.
const attesaImpronta = 30 * time.Second

// impronta is the id of the UPT's founding key as everybody reads it, so that the
// public page does not ask the key store each time. Once founded it never changes:
// whoever changed it would be the alarm of every member. Safe for many goroutines.
type impronta struct {
	mu   sync.Mutex
	id   string
	fino time.Time // until when there is none
}

// improntaUPT is the id of the founding key, for everybody to compare; empty before it
// is founded.
func (s *Server) improntaUPT() string {
	if s.Custody == nil {
		return ""
	}
	ora := s.Now()
	s.impronta.mu.Lock()
	defer s.impronta.mu.Unlock()
	if s.impronta.id != "" || ora.Before(s.impronta.fino) {
		return s.impronta.id
	}
	a, err := s.Custody.Look(context.Background(), s.EnteID, comparto)
	if err != nil {
		s.Log.Error("the id of the UPT's key cannot be read", "err", err)
		return ""
	}
	s.impronta.id, s.impronta.fino = vault.Gruppi(a.Prima), ora.Add(attesaImpronta)
	return s.impronta.id
}

// fondata makes the public page read the id at once.
func (i *impronta) fondata() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fino = time.Time{}
}
