package pratica

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"tutela/internal/access"
	"tutela/internal/vault"
)

// Cartellino is what a case of a compartment of members is counted by. The acts say
// nothing of it: it is sealed to the key of the members alone, so it outlives the
// case's own key, and names nobody.
type Cartellino struct {
	Tipo      string `json:"tipo,omitempty"` // as the person chose it
	Canale    string `json:"canale,omitempty"`
	Presidio  string `json:"presidio,omitempty"`
	Struttura string `json:"struttura,omitempty"`
	Diritto   string `json:"diritto,omitempty"`
	Esito     string `json:"esito,omitempty"`
}

// Format prints [riservato] for every verb.
func (Cartellino) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// CartellinoChiuso is a card as it is stored: each act that adds to it makes a new
// one, and the newest counts.
type CartellinoChiuso struct {
	Seq      int
	Versione int // of the compartment's key
	Bytes    []byte
}

func contestoCartellino(h Testa, seq int) string {
	return vault.Context("cartellino", h.Ente, h.ID.String(), strconv.Itoa(seq))
}

// chiudi seals a card to the compartment of its case, and binds it to the act.
func (c Cartellino) chiudi(h Testa, a *Atto, per vault.Recipient) (*CartellinoChiuso, error) {
	testo, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode card: %w", err)
	}
	lungo := bytes.Repeat([]byte{' '}, (len(testo)/256+1)*256) // its length tells little
	copy(lungo, testo)
	v, b := per.Seal(contestoCartellino(h, a.Seq), lungo)
	impronta := sha256.Sum256(b)
	a.Cartellino = impronta[:]
	return &CartellinoChiuso{a.Seq, v, b}, nil
}

// cartellini opens the newest card of each case, for who has the key.
func (s *Servizio) cartellini(ctx context.Context, chi access.Chi, righe []Testa) (map[int64]Cartellino, error) {
	out := map[int64]Cartellino{}
	var n []int64
	for _, h := range righe {
		if DeiMembri(h.Registro) && chi.Apre(h.Registro) {
			n = append(n, h.N)
		}
	}
	chiusi, err := s.Arch.Cartellini(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, h := range righe {
		x, ok := chiusi[h.N]
		if !ok {
			continue
		}
		apre, _ := chi.Aperti.Opener(h.Registro)
		b, err := apre.Open(x.Versione, contestoCartellino(h, x.Seq), x.Bytes)
		if err != nil {
			return nil, err
		}
		var c Cartellino
		if err := json.Unmarshal(b, &c); err != nil {
			return nil, err
		}
		out[h.N] = c
	}
	return out, nil
}

// cartelliniElenco puts on the rows of a list their cards, of those that have one.
func (s *Servizio) cartelliniElenco(ctx context.Context, chi access.Chi, righe []Riga) error {
	var teste []Testa
	for _, r := range righe {
		if !r.Richiesta {
			teste = append(teste, r.Testa)
		}
	}
	di, err := s.cartellini(ctx, chi, teste)
	for i, r := range righe {
		if c, ok := di[r.N]; ok {
			righe[i].Cartellino = Chiudi(c)
		}
	}
	return err
}

// aggiungi puts what an act says of a case on its card, and reports whether it said
// anything.
func (c *Cartellino) aggiungi(letti campiLetti) bool {
	prima := *c
	for campo, v := range map[string]*string{"diritto": &c.Diritto, "esito": &c.Esito, "struttura": &c.Struttura} {
		*v = nonVuoto(nonVuoto(letti.chiari[campo], letti.testi[campo]), *v)
	}
	return *c != prima
}

// sigillaCartellino makes a new card of a case whose act says something of it.
func (s *Servizio) sigillaCartellino(ctx context.Context, p *pronto, chi access.Chi, letti campiLetti) error {
	if !DeiMembri(p.testa.Registro) || !chi.Apre(p.testa.Registro) {
		return nil
	}
	di, err := s.cartellini(ctx, chi, []Testa{p.testa})
	if err != nil {
		return err
	}
	c := di[p.testa.N]
	if !c.aggiungi(letti) {
		return nil
	}
	if err := s.segnaLettori(ctx, p, chi); err != nil {
		return err
	}
	p.cartellino, err = c.chiudi(p.testa, &p.atto, *p.per)
	return err
}
