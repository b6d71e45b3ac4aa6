package web

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

const (
	biscottoBozza = "__Host-b"
	durataBozza   = 7 * 24 * time.Hour
)

// bozza is what a citizen has written so far, and, once it is sent, the receipt.
// It is stored sealed under a key that only the cookie holds: nobody else can
// open it, the server included.
type bozza struct {
	ID       vault.ID `json:"id"`
	Chiave   []byte   `json:"chiave"` // 128 bits of its own: the form's idempotency key
	Slot     int64    `json:"slot,omitempty"`
	SlotKey  []byte   `json:"slotKey,omitempty"`
	Risposte risposte `json:"risposte"`
	File     []fileBozza
	Ricevuta *ricevutaBozza `json:"ricevuta,omitempty"`
}

// fileBozza is a file taken in already, encrypted under the key its case will have.
type fileBozza struct {
	ID         vault.ID
	Nome       string
	Tipo       string
	Dimensione int64
	Dove       string
	Impronta   [32]byte
	Chiave     []byte // its own half of its key
	Delega     bool
}

// ricevutaBozza is the receipt as it is shown again from the same browser.
type ricevutaBozza struct {
	Registro       string
	Anno, Numero   int
	Codice, Chiave string
	Ricevuta       time.Time
	Giorno         day.Date
	Tipo           string
	Anonima        bool
	Termini        []pratica.TermineVisto
	Scade          time.Time // of the receipt in this browser
}

// chiaveBozza is what a cookie holds: 32 random bytes.
type chiaveBozza []byte

func (c chiaveBozza) id() []byte      { return c.deriva("id")[:16] }
func (c chiaveBozza) sigillo() []byte { return c.deriva("bozza") }

func (c chiaveBozza) deriva(a string) []byte {
	k, err := hkdf.Key(sha256.New, c, nil, a, 32)
	if err != nil {
		panic("web: hkdf of 32 bytes: " + err.Error())
	}
	return k
}

func (s *Server) contestoBozza(c chiaveBozza) string {
	return vault.Context("bozza", s.EnteID, hex.EncodeToString(c.id()))
}

// leggiBiscotto gives the draft's key, nil when the browser holds none.
func leggiBiscotto(r *http.Request) chiaveBozza {
	c, err := r.Cookie(biscottoBozza)
	if err != nil {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || len(b) != 32 {
		return nil
	}
	return b
}

// bozzaDi opens the draft of the request's cookie; nil when there is none.
func (s *Server) bozzaDi(r *http.Request) (chiaveBozza, *bozza, error) {
	c := leggiBiscotto(r)
	b, err := s.apriBozza(r.Context(), c)
	return c, b, err
}

// apriBozza opens a draft; nil when there is none, it has expired, or the key
// opens nothing.
func (s *Server) apriBozza(ctx context.Context, c chiaveBozza) (*bozza, error) {
	if c == nil {
		return nil, nil
	}
	sig, err := s.Bozze.LeggiBozza(ctx, s.EnteID, c.id(), s.Now())
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	testo, err := vault.OpenText(c.sigillo(), s.contestoBozza(c), sig)
	if err != nil {
		return nil, nil //nolint:nilerr // another ente's, or damaged: as if there were none
	}
	var b bozza
	if err := json.Unmarshal([]byte(testo), &b); err != nil {
		return nil, nil //nolint:nilerr // of a shape no longer read
	}
	if b.Ricevuta != nil && !s.Now().Before(b.Ricevuta.Scade) {
		return nil, nil
	}
	return &b, nil
}

// nuovaBozza begins a draft under a new cookie.
func (s *Server) nuovaBozza() (chiaveBozza, *bozza) {
	k := make([]byte, 16)
	_, _ = rand.Read(k)
	return vault.NewKey(), &bozza{ID: vault.NewID(s.Now()), Chiave: k}
}

// salvaBozza stores the draft and sends its cookie; both last seven days more, and
// so do its files.
func (s *Server) salvaBozza(w http.ResponseWriter, r *http.Request, c chiaveBozza, b *bozza) error {
	testo, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode draft: %w", err)
	}
	sig := vault.SealText(c.sigillo(), s.contestoBozza(c), string(testo))
	ctx := r.Context()
	if b.Ricevuta != nil {
		ctx = context.WithoutCancel(ctx) // the case exists: its receipt must be found again
	}
	for _, f := range b.File {
		s.tieni(f)
	}
	if err := s.Bozze.SalvaBozza(ctx, s.EnteID, c.id(), sig, s.Now().Add(durataBozza)); err != nil {
		return err
	}
	http.SetCookie(w, biscotto(biscottoBozza, base64.RawURLEncoding.EncodeToString(c), durataBozza))
	return nil
}

// eliminaBozza forgets the draft here and in the browser.
func (s *Server) eliminaBozza(w http.ResponseWriter, r *http.Request, c chiaveBozza) error {
	http.SetCookie(w, biscotto(biscottoBozza, "", -time.Second))
	return s.Bozze.EliminaBozza(r.Context(), s.EnteID, c.id())
}

// biscotto is a cookie that only this site reads and no script sees; a negative
// duration deletes it.
func biscotto(nome, valore string, dura time.Duration) *http.Cookie {
	secondi := -1
	if dura >= 0 {
		secondi = int(dura / time.Second)
	}
	return &http.Cookie{Name: nome, Value: valore, Path: "/", MaxAge: secondi, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
}

// prendiSlot gives the draft the key of its future case, under which attachments
// are encrypted once and for all.
func (s *Server) prendiSlot(ctx context.Context, b *bozza) error {
	slot, err := s.Servizio.Pool.Take(ctx)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "Ora non riusciamo a salvare i documenti. Puoi andare avanti senza.")
	}
	b.Slot, b.SlotKey = slot.ID, slot.Key
	return nil
}
