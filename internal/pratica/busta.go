package pratica

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tutela/internal/day"
	"tutela/internal/registro"
	"tutela/internal/vault"
)

// Versione of the envelope's shape. Older ones are brought up when read; their
// bytes and hashes stay.
const VersioneBusta = 1

// Atto is the envelope of an act: what the fold, the lists and the figures read.
// It is clear and pseudonymous: dates, kinds, codes of units, opaque ids; never
// free text, since it outlives the case's content. It is immutable once stored.
type Atto struct {
	V       int       `json:"v"`
	ID      vault.ID  `json:"id"`
	Pratica vault.ID  `json:"pratica"`
	N       int64     `json:"-"`
	Ente    string    `json:"ente"`
	Seq     int       `json:"seq"`
	Kind    string    `json:"atto"`
	Il      time.Time `json:"il"`     // UTC, milliseconds: when it was recorded
	Giorno  day.Date  `json:"giorno"` // the local day on which it counts

	Persona string `json:"persona,omitempty"` // opaque id; empty for the citizen
	Ufficio string `json:"ufficio,omitempty"` // office key in which the person acted
	Mezzo   string `json:"mezzo"`

	Pone        map[string]string   `json:"pone,omitempty"`
	Destinatari []string            `json:"destinatari,omitempty"`
	Per         string              `json:"per,omitempty"`
	Giorni      int                 `json:"giorni,omitempty"`
	Date        map[string]day.Date `json:"date,omitempty"`
	Dati        map[string]string   `json:"dati,omitempty"` // clear fields: numbers, dates, choices, units

	Apertura    *Apertura           `json:"apertura,omitempty"`
	Incaricato  *string             `json:"incaricato,omitempty"` // when the act assigns the case
	Luogo       *Luogo              `json:"luogo,omitempty"`      // when the act says which structure it is about
	Allegati    []FileBusta         `json:"allegati,omitempty"`
	Contenuti   []Impronta          `json:"contenuti,omitempty"`
	Involucri   []ImprontaInvolucro `json:"involucri,omitempty"`
	Cartellino  []byte              `json:"cartellino,omitempty"` // SHA-256 of the sealed card
	Concessione *Concessione        `json:"concessione,omitempty"`
	Affidamento *Affidamento        `json:"affidamento,omitempty"`
	Seduta      *Seduta             `json:"seduta,omitempty"`
	Timbro      *Timbro             `json:"contrassegno,omitempty"` // when the act sends a document
	// Protocollare says which way the document of the act goes by the ente's own protocol,
	// from which it waits for a number; Protocollo is that number, come for an earlier act.
	Protocollare string         `json:"protocollare,omitempty"`
	Protocollo   *NumeroEsterno `json:"protocollo,omitempty"`
	Prima        []byte         `json:"prima,omitempty"` // hash of the case's previous act
}

// Apertura is what only the opening act carries.
type Apertura struct {
	Registro    string `json:"registro"`
	Anno        int    `json:"anno"`
	Numero      int    `json:"numero"`
	Codice      string `json:"codice"`
	Slot        int64  `json:"slot"`
	Regolamento string `json:"regolamento"`
	Calendario  string `json:"calendario"`
	Canale      string `json:"canale,omitempty"`
	Presidio    string `json:"presidio,omitempty"`
	Struttura   string `json:"struttura,omitempty"`
	Macro       string `json:"macro,omitempty"`
	URP         string `json:"urp,omitempty"`
	Ricezione   string `json:"ricezione,omitempty"`
	Scheda      []byte `json:"scheda"`   // SHA-256 of the sealed summary
	Mittente    []byte `json:"mittente"` // see Segnalazione.Pseudonimo
}

// Luogo is the structure that a case is about, and the offices that follow from it by
// the chart of that day.
type Luogo struct {
	Struttura string `json:"struttura"`
	Macro     string `json:"macro,omitempty"`
	URP       string `json:"urp,omitempty"`
}

// Concessione is a file of the URP that an act of the UPT gives to read to its case,
// with the wraps that it adds there.
type Concessione struct {
	Pratica   vault.ID            `json:"pratica"`
	Involucri []ImprontaInvolucro `json:"involucri,omitempty"`
}

// Affidamento is a case of members given to read to an assistant, for a time: who
// leaves the roll after that version of the compartment's key has it no more.
type Affidamento struct {
	Persona  string   `json:"persona"`
	Fino     day.Date `json:"fino"` // included
	Versione int      `json:"versione"`
}

// FileBusta is what the envelope says of an attachment.
type FileBusta struct {
	ID         vault.ID `json:"id"`
	Dimensione int64    `json:"dimensione"` // clear bytes
	Dove       string   `json:"dove"`       // SHA-256 of the ciphertext, hex
	Parte      string   `json:"parte"`
	Prova      []byte   `json:"prova"` // of its clear bytes: see provaFile
}

// Impronta binds one sealed part of the content to the envelope.
type Impronta struct {
	N     int    `json:"n"`
	Parte string `json:"parte"`
	Hash  []byte `json:"hash"` // SHA-256 of the sealed bytes
	K     []byte `json:"k"`    // SHA-256 of the very key: the same bytes can never be opened as another text
}

// ImprontaInvolucro binds a part's key, as it was wrapped for one reader, to the
// envelope of the act that gave it to read.
type ImprontaInvolucro struct {
	Parte        string `json:"parte"`
	Destinatario string `json:"per"`
	Versione     int    `json:"v"`
	Hash         []byte `json:"hash"`
}

// sigilla makes the stored form of an act: the exact bytes, their hash, a salt.
func sigilla(a Atto) (Registrato, error) {
	a.V = VersioneBusta
	b, err := json.Marshal(a)
	if err != nil {
		return Registrato{}, fmt.Errorf("encode envelope: %w", err)
	}
	h := sha256.Sum256(b)
	sale := make([]byte, 16)
	_, _ = rand.Read(sale)
	return Registrato{Busta: b, Hash: h[:], Sale: sale, Atto: a}, nil
}

// Leaf is what an act leaves in the ente's log: the opening says of which register and
// number its case is; prima is the act before it, nil for the first.
func (r Registrato) Leaf(log string, apertura *Apertura, prima *Registrato) registro.Leaf {
	l := registro.Leaf{Log: log, Pratica: r.Atto.Pratica.String(), Seq: r.Atto.Seq, Kind: r.Atto.Kind, Istante: r.Atto.Il}
	if apertura != nil {
		l.Registro, l.Numero = apertura.Registro, NumeroScritto(apertura.Anno, apertura.Numero)
	}
	copy(l.Busta[:], r.Hash)
	copy(l.Sale[:], r.Sale)
	var contenuti [][]byte
	for _, c := range r.Atto.Contenuti {
		contenuti = append(contenuti, c.Hash)
	}
	l.Contenuto = registro.Contents(contenuti)
	if prima != nil && len(prima.Foglia) == len(l.Busta) {
		l.Precedente = (*registro.Hash)(prima.Foglia)
	}
	return l
}

// DecodeBusta reads the bytes of an envelope strictly.
func DecodeBusta(b []byte) (Atto, error) {
	var a Atto
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("decode envelope: %w", err)
	}
	if a.V != VersioneBusta {
		return a, fmt.Errorf("decode envelope: unknown version %d", a.V)
	}
	return a, nil
}

// NumeroScritto is a registration number as people read it: "2026/0000123".
func NumeroScritto(anno, numero int) string { return fmt.Sprintf("%d/%07d", anno, numero) }

// NumeroScritto is the number of a case as people read it: with its register, unless
// it is the URP's.
func (h Testa) NumeroScritto() string { return NumeroRegistro(h.Registro, h.Anno, h.Numero) }

// NumeroRegistro is a number of a register as people read it.
func NumeroRegistro(registro string, anno, numero int) string {
	if registro == RegistroURP || registro == "" {
		return NumeroScritto(anno, numero)
	}
	return strings.ToUpper(registro) + " " + NumeroScritto(anno, numero)
}

// LeggiNumero reads "2026/0000012", "2026-12" or "12".
func LeggiNumero(t string) (anno, numero int, ok bool) {
	t = strings.ReplaceAll(strings.TrimSpace(t), "-", "/")
	a, b, due := strings.Cut(t, "/")
	if !due {
		n, err := strconv.Atoi(a)
		return 0, n, err == nil && n > 0
	}
	anno, err1 := strconv.Atoi(a)
	numero, err2 := strconv.Atoi(b)
	return anno, numero, err1 == nil && err2 == nil && numero > 0
}
