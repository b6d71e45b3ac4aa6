package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"tutela/internal/fault"
)

// Limits of a body, in bytes. One with attachments is held in memory while it is
// read, never on disk in clear: so only a few at a time.
const (
	maxCorpo  = 1 << 20
	maxGrande = 30 << 20
	maxGrandi = 4

	attesaGrande = 10 * time.Second
	tempoCorpo   = time.Minute
	tempoScarto  = 10 * time.Second
	maxScarto    = 64 << 20 // read and thrown away, of what is too large
	maxErrori    = 20       // fields said at once
	maxVisti     = 1000     // names watched for a second time, where any name may be
)

// corpo describes the body of a call that was registered.
func corpo[T any](s *server, percorso string) {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	s.api.OpenAPI().Paths[percorso].Post.RequestBody = &huma.RequestBody{Required: true,
		Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}

// leggiCorpo reads the body of a request strictly, and gives it with the SHA-256
// of its bytes. What is no JSON is fault.Bad, what is too large fault.TooLarge;
// fields that do not exist, are there twice or have another type are
// fault.Invalid, each by its name.
func leggiCorpo[T any](ctx context.Context, s *server, massimo int64) (T, [32]byte, error) {
	var v T
	b, err := s.byteCorpo(ctx, massimo)
	if err != nil {
		return v, [32]byte{}, err
	}
	if len(b) == 0 {
		return v, [32]byte{}, fault.New(fault.Bad, "Manca il corpo della richiesta.")
	}
	registro := s.api.OpenAPI().Components.Schemas
	if err := controllaCorpo(registro, registro.Schema(reflect.TypeFor[T](), true, ""), b); err != nil {
		return v, [32]byte{}, err
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return v, [32]byte{}, fault.New(fault.Bad, "Il corpo della richiesta non si legge.") // the cause would quote it
	}
	return v, sha256.Sum256(b), nil
}

// byteCorpo reads a body up to massimo bytes. Past the first MiB it takes one of
// the few places for large ones, until the call is over.
func (s *server) byteCorpo(ctx context.Context, massimo int64) ([]byte, error) {
	c := chiamataDi(ctx)
	if !jsonUTF8(c.r.Header.Values("Content-Type")) {
		return nil, &Problema{Status: http.StatusUnsupportedMediaType, Detail: "Manda il corpo come application/json, in UTF-8: Content-Type: application/json."}
	}
	if c.r.Header.Get("Content-Encoding") != "" {
		return nil, &Problema{Status: http.StatusUnsupportedMediaType, Detail: "Manda il corpo senza comprimerlo."}
	}
	troppo := fault.New(fault.TooLarge, fmt.Sprintf("La richiesta è troppo grande: al massimo %d MB in tutto, allegati compresi.", massimo>>20))
	scarta := func() error { // who is still sending reads the answer only when done
		_ = http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(tempoScarto))
		_, _ = io.CopyN(io.Discard, c.r.Body, maxScarto)
		return troppo
	}
	if c.r.ContentLength > massimo {
		return nil, scarta()
	}
	_ = http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(tempoCorpo))
	var buf bytes.Buffer
	in := io.LimitReader(c.r.Body, massimo+1)
	if _, err := io.CopyN(&buf, in, maxCorpo); err == nil && massimo > maxCorpo {
		if err := s.prendiPosto(ctx, c); err != nil {
			return nil, err
		}
		buf.Grow(int(max(0, min(c.r.ContentLength, massimo)-maxCorpo)) + bytes.MinRead)
	} else if err != nil && err != io.EOF { //nolint:errorlint // io.CopyN gives the very value
		return nil, fault.New(fault.Bad, "La richiesta è arrivata a metà. Riprova.")
	}
	if _, err := io.Copy(&buf, in); err != nil {
		return nil, fault.New(fault.Bad, "La richiesta è arrivata a metà. Riprova.")
	}
	if int64(buf.Len()) > massimo {
		return nil, scarta()
	}
	return buf.Bytes(), nil
}

// jsonUTF8 reports whether a body says that it is JSON, and no other alphabet than
// the one in which it is read.
func jsonUTF8(tipo []string) bool {
	if len(tipo) != 1 {
		return false
	}
	t, p, err := mime.ParseMediaType(tipo[0])
	charset, detto := p["charset"]
	return err == nil && t == "application/json" && (!detto || strings.EqualFold(charset, "utf-8"))
}

func (s *server) prendiPosto(ctx context.Context, c *chiamata) error {
	t := time.NewTimer(attesaGrande)
	defer t.Stop()
	select {
	case s.grandi <- struct{}{}:
		c.lascia = func() { <-s.grandi }
		return nil
	case <-ctx.Done():
	case <-t.C:
	}
	return fault.New(fault.Unavailable, "Stiamo ricevendo molti allegati. Riprova tra poco, oppure manda il testo senza allegati.")
}

// controllaCorpo holds the bytes of a body to its schema.
func controllaCorpo(registro huma.Registry, schema *huma.Schema, b []byte) error {
	if !utf8.Valid(b) {
		return fault.New(fault.Bad, "Il testo non è scritto in UTF-8.")
	}
	if !json.Valid(b) {
		var e *json.SyntaxError
		m := "Il corpo non è JSON valido."
		if errors.As(json.Unmarshal(b, &json.RawMessage{}), &e) {
			m = fmt.Sprintf("Il corpo non è JSON valido: guarda vicino al byte %d.", e.Offset)
		}
		return fault.New(fault.Bad, m)
	}
	c := &controllo{registro: registro, b: b, e: fault.New(fault.Invalid, "Controlla i campi indicati.")}
	if i := c.spazi(0); b[i] != '{' {
		return fault.New(fault.Invalid, "Il corpo deve essere un oggetto JSON.")
	}
	c.valore(0, schema, "")
	if len(c.e.Campi) > 0 {
		return c.e
	}
	return nil
}

// controllo walks over the bytes of a JSON text that is known to be well formed,
// and holds it to a schema without copying it.
type controllo struct {
	registro huma.Registry
	b        []byte
	e        *fault.Error
}

func (c *controllo) no(via, messaggio string) {
	if len(c.e.Campi) < maxErrori {
		c.e.Campo(accorcia(via), messaggio)
	}
}

func (c *controllo) spazi(i int) int {
	for c.b[i] == ' ' || c.b[i] == '\t' || c.b[i] == '\n' || c.b[i] == '\r' {
		i++
	}
	return i
}

var attesi = map[string]string{huma.TypeObject: "un oggetto { }", huma.TypeArray: "un elenco [ ]", huma.TypeString: "un testo tra virgolette",
	huma.TypeInteger: "un numero intero", huma.TypeNumber: "un numero", huma.TypeBoolean: "true oppure false"}

// valore checks the value that begins at i, and gives where it ends. A schema
// without type admits anything.
func (c *controllo) valore(i int, s *huma.Schema, via string) int {
	if s != nil && s.Ref != "" {
		s = c.registro.SchemaFromRef(s.Ref)
	}
	if s == nil {
		s = &huma.Schema{}
	}
	if len(s.OneOf) > 0 { // this one, or null
		s = c.registro.SchemaFromRef(s.OneOf[0].Ref)
	}
	i = c.spazi(i)
	tipo := huma.TypeNumber
	switch c.b[i] {
	case '{':
		tipo = huma.TypeObject
	case '[':
		tipo = huma.TypeArray
	case '"':
		tipo = huma.TypeString
	case 't', 'f':
		tipo = huma.TypeBoolean
	case 'n':
		tipo = ""
	}
	giusto := s.Type == "" || s.Type == tipo || s.Type == huma.TypeInteger && tipo == huma.TypeNumber || tipo == "" && s.Nullable
	if !giusto {
		c.no(via, "Qui serve "+attesi[s.Type]+".")
		s = &huma.Schema{}
	}
	switch tipo {
	case huma.TypeObject:
		return c.oggetto(i, s, via)
	case huma.TypeArray:
		return c.elenco(i, s, via)
	case huma.TypeString:
		fine := c.fineTesto(i)
		if c.nullo(i, fine) {
			c.no(via, "Togli il carattere nullo (\\u0000).")
		}
		return fine
	}
	fine := i
	for fine < len(c.b) && !bytes.ContainsRune([]byte(" \t\r\n,]}"), rune(c.b[fine])) {
		fine++
	}
	if s.Type == huma.TypeInteger && tipo == huma.TypeNumber {
		c.intero(string(c.b[i:fine]), s, via)
	}
	return fine
}

func (c *controllo) intero(t string, s *huma.Schema, via string) {
	n, err := strconv.Atoi(t)
	if s.Minimum != nil && s.Maximum != nil && (err != nil || n < int(*s.Minimum) || n > int(*s.Maximum)) {
		c.no(via, fmt.Sprintf("Scrivi un numero intero da %d a %d.", int(*s.Minimum), int(*s.Maximum)))
	} else if err != nil {
		c.no(via, "Qui serve "+attesi[huma.TypeInteger]+".")
	}
}

func (c *controllo) oggetto(i int, s *huma.Schema, via string) int {
	visti := map[string]bool{}
	altri, _ := s.AdditionalProperties.(*huma.Schema)
	libero := s.Type == "" || altri != nil
	for i = c.spazi(i + 1); c.b[i] != '}'; i = c.spazi(i) {
		if c.b[i] == ',' {
			i = c.spazi(i + 1)
		}
		fine := c.fineTesto(i)
		nome := c.testo(i, fine)
		qui := sotto(via, nome)
		p, noto := s.Properties[nome]
		switch {
		case !noto && !libero:
			c.no(qui, "Questo campo non c'è: controlla come è scritto.")
		case visti[nome]:
			c.no(qui, "Questo campo c'è due volte.")
		}
		if noto || libero && len(visti) < maxVisti {
			visti[nome] = true
		}
		if !noto {
			p = altri
		}
		i = c.spazi(c.spazi(fine) + 1) // past the colon
		if c.b[i] == 'n' && noto && !richiesto(s, nome) {
			i += len("null") // as if it were not there
			continue
		}
		i = c.valore(i, p, qui)
	}
	for _, nome := range s.Required {
		if !visti[nome] {
			c.no(sotto(via, nome), "Manca questo campo.")
		}
	}
	return i + 1
}

// sotto is the name of something inside via: "segnalante.email", "allegati[0]".
// Far inside it stays as it is.
func sotto(via, nome string) string {
	switch {
	case via == "":
		return nome
	case len(via) > 200:
		return via
	case strings.HasPrefix(nome, "["):
		return via + nome
	}
	return via + "." + nome
}

func richiesto(s *huma.Schema, nome string) bool {
	for _, r := range s.Required {
		if r == nome {
			return true
		}
	}
	return false
}

func (c *controllo) elenco(i int, s *huma.Schema, via string) int {
	n := 0
	for i = c.spazi(i + 1); c.b[i] != ']'; i = c.spazi(i) {
		if c.b[i] == ',' {
			i++
		}
		i = c.valore(i, s.Items, sotto(via, "["+strconv.Itoa(n)+"]"))
		n++
	}
	if s.MaxItems != nil && n > *s.MaxItems {
		c.no(via, fmt.Sprintf("Puoi mandarne al massimo %d.", *s.MaxItems))
	}
	return i + 1
}

// fineTesto is where the string that begins at i ends.
func (c *controllo) fineTesto(i int) int {
	for i++; c.b[i] != '"'; i++ {
		if c.b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// nullo reports whether a string holds a NUL, which JSON can only write escaped.
func (c *controllo) nullo(i, fine int) bool {
	for ; i < fine; i++ {
		if c.b[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(c.b[i:fine], []byte(`\u0000`)) {
			return true
		}
		i++
	}
	return false
}

func (c *controllo) testo(i, fine int) string {
	if !bytes.ContainsRune(c.b[i:fine], '\\') {
		return string(c.b[i+1 : fine-1])
	}
	var t string
	_ = json.Unmarshal(c.b[i:fine], &t) // well formed: json.Valid saw it
	return t
}

// accorcia keeps the name of a field that somebody made up short.
func accorcia(t string) string {
	if r := []rune(t); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return t
}
