package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"tutela/internal/api"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/registro"
)

// porta is the public door of an ente, as whoever checks it from another machine calls
// it.
type porta struct {
	api    string // address of the calls
	client *http.Client
}

const (
	tempoPorta = 30 * time.Second
	maxPorta   = 256 << 10 // bytes of an answer
)

// nuovaPorta is the door of the ente that an address leads to.
func nuovaPorta(via string) (*porta, error) {
	u, err := url.Parse(via)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New(fault.Bad, "Scrivi un indirizzo intero, come https://segnalazioni.esempio.it.")
	}
	return &porta{u.Scheme + "://" + u.Host + api.Prefisso, &http.Client{Timeout: tempoPorta}}, nil
}

// notaDi is where the signed state is: the file that a witness publishes, or, of an
// address that names no file, the ente's call.
func notaDi(via string) string {
	u, err := url.Parse(via)
	if err != nil || strings.Trim(u.Path, "/") != "" {
		return via
	}
	return u.Scheme + "://" + u.Host + api.Prefisso + "/registro/checkpoint"
}

// errRifiuto is an answer that is not a yes.
type errRifiuto struct {
	stato int
	frase string
}

func (e errRifiuto) Error() string { return fmt.Sprintf("HTTP %d", e.stato) }

func senzaComandi(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return -1
}

// cheRifiuto is what an answer that is no yes is to us: fault.Unavailable is worth
// another try.
func cheRifiuto(stato int) fault.Kind {
	switch {
	case stato == http.StatusForbidden:
		return fault.Forbidden
	case stato >= http.StatusInternalServerError || stato == http.StatusTooManyRequests:
		return fault.Unavailable
	}
	return fault.NotFound // it is no ente of this program, or not one that we know to talk to
}

func (p *porta) chiama(ctx context.Context, metodo, via string, corpo any) ([]byte, error) {
	var in io.Reader
	if corpo != nil {
		b, err := json.Marshal(corpo)
		if err != nil {
			return nil, err
		}
		in = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, metodo, via, in)
	if err != nil {
		return nil, fault.Wrap(err, fault.Bad, "L'indirizzo non si legge.")
	}
	if corpo != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	w, err := p.client.Do(r)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Non risponde: "+via)
	}
	defer func() { _ = w.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(w.Body, maxPorta))
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Ha risposto a metà: "+via)
	}
	if w.StatusCode != http.StatusOK {
		var detto struct {
			Detail string `json:"detail"`
		}
		_ = json.Unmarshal(b, &detto)
		detto.Detail = strings.Map(senzaComandi, pratica.Pulisci(detto.Detail)) // whoever answers writes on this terminal
		return nil, fault.Wrap(errRifiuto{w.StatusCode, detto.Detail}, cheRifiuto(w.StatusCode), fmt.Sprintf("%s risponde %d. %s", via, w.StatusCode, detto.Detail))
	}
	return b, nil
}

func (p *porta) leggi(ctx context.Context, via string) ([]byte, error) {
	return p.chiama(ctx, http.MethodGet, via, nil)
}

// stato asks for the newest signed state.
func (p *porta) stato(ctx context.Context) ([]byte, error) {
	return p.leggi(ctx, p.api+"/registro/checkpoint")
}

// consegna gives a witness's line to the ente.
func (p *porta) consegna(ctx context.Context, nota []byte, riga string) error {
	_, err := p.chiama(ctx, http.MethodPost, p.api+"/registro/cofirme", api.NuovaCofirma{Checkpoint: string(nota), Cofirma: riga})
	return err
}

// cresce demands the proof that a log only grew from one state to another:
// fault.Invalid when it did not.
func (p *porta) cresce(ctx context.Context, prima, dopo registro.Checkpoint) error {
	var prova []registro.Hash
	if 0 < prima.Size && prima.Size < dopo.Size {
		b, err := p.leggi(ctx, fmt.Sprintf("%s/registro/prova?da=%d&a=%d", p.api, prima.Size, dopo.Size))
		var no errRifiuto
		if errors.As(err, &no) && no.stato == http.StatusUnprocessableEntity {
			return fault.Wrap(err, fault.Invalid, fmt.Sprintf("L'ente non sa provare che il suo registro di %d voci è l'inizio di quello di %d: %s", prima.Size, dopo.Size, no.frase))
		} else if err != nil {
			return err
		}
		var v struct {
			Prova []registro.Hash `json:"prova"`
		}
		if err := json.Unmarshal(b, &v); err != nil {
			return fault.Wrap(err, fault.Invalid, "La prova dell'ente non si legge.")
		}
		prova = v.Prova
	}
	if err := registro.CheckGrowth(prima, dopo, prova); err != nil {
		return fault.Wrap(err, fault.Invalid, fmt.Sprintf("I due stati firmati si contraddicono: quello di %d voci non è l'inizio di quello di %d. Il registro è stato riscritto o è tornato indietro: conserva la ricevuta e i due stati, sono la prova.", prima.Size, dopo.Size))
	}
	return nil
}
