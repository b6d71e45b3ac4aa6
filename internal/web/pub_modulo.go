package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tutela/internal/fault"
	"tutela/internal/pratica"
)

const (
	maxModulo  = 256 << 10 // bytes of a form's fields: 10,000 characters, whatever they are
	maxCampi   = 200       // fields of a form, boxes of one name counted once
	maxInvio   = 220 << 20 // bytes of a form with files: ten of 20 MiB, and the fields
	maxScarto  = 16 << 20  // bytes read and thrown away, so that the refusal is seen
	tempoCampi = 20 * time.Second
	tempoFile  = 10 * time.Minute
)

var (
	errLungo    = fault.New(fault.TooLarge, "Quello che hai scritto è troppo lungo. Torna indietro e accorcialo: il massimo è 10.000 caratteri.")
	errEnorme   = fault.New(fault.TooLarge, "I file sono troppo grandi. Puoi mandare al massimo 10 file di 20 MB. Torna indietro e togline qualcuno.")
	errModulo   = fault.New(fault.Bad, "Il modulo è arrivato a metà. Torna indietro e riprova.")
	errDoppio   = fault.New(fault.Bad, "Un campo del modulo è arrivato due volte, e non sappiamo quale vale. Torna indietro e riprova.")
	errNoModulo = fault.New(fault.Bad, "Questa pagina riceve solo il suo modulo. Torna indietro e riprova.")
)

// ripetuti are the fields that come once for each box ticked, or for each page
// that took files in. Any other that comes twice is refused: to take one of the
// two would be to guess.
var ripetuti = []string{"chiede", "file", "membri", "oscura", "perche", "pratica", "presi", "scelta", "sede", "struttura", "togli", "visto"}

// prendiFile takes in one file of a form while it arrives. What it leaves unread
// is skipped.
type prendiFile func(campo, nome string, file io.Reader) error

// leggiModulo reads the fields of a form, url-encoded or multipart, within their
// limits: no page reads one otherwise. Files are handed on while they arrive,
// never kept; without file they are skipped. A field comes once, but for those in
// ripetuti. Values are cleaned of what has no place in a text.
func leggiModulo(w http.ResponseWriter, r *http.Request, file prendiFile) (url.Values, error) {
	tempo := tempoCampi
	if file != nil {
		tempo = tempoFile
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(tempo)) // a recorder in a test has none
	defer func() { _ = c.SetReadDeadline(time.Time{}) }()
	tipo, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, errNoModulo
	}
	switch tipo {
	case "application/x-www-form-urlencoded":
		if r.ContentLength > maxModulo+maxScarto {
			return nil, errLungo
		}
		return leggiCodificato(r)
	case "multipart/form-data":
		if r.ContentLength > maxInvio {
			return nil, errEnorme
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxInvio)
		return leggiParti(r, file)
	}
	return nil, errNoModulo
}

func leggiCodificato(r *http.Request) (url.Values, error) {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxModulo+1))
	if err != nil {
		return nil, errModulo
	}
	if len(b) > maxModulo {
		_, _ = io.CopyN(io.Discard, r.Body, maxScarto)
		return nil, errLungo
	}
	v, err := url.ParseQuery(string(b))
	if err != nil {
		return nil, errModulo
	}
	return pulisciValori(v)
}

// leggiParti reads a multipart form part by part: nothing of it touches the disk
// in clear.
func leggiParti(r *http.Request, file prendiFile) (url.Values, error) {
	mr, err := r.MultipartReader()
	if err != nil {
		return nil, errModulo
	}
	v := url.Values{}
	resto, n := int64(maxModulo), 0
	for {
		p, err := mr.NextRawPart()
		if err == io.EOF { //nolint:errorlint // wrapped, it is a form that broke off
			return pulisciValori(v)
		}
		if err != nil {
			return nil, colpaDi(err)
		}
		if n++; n > maxCampi {
			return nil, errModulo
		}
		if nome, ok := nomeFile(p); ok {
			if file == nil || nome == "" {
				continue // a field left empty; the reader skips to the next part
			}
			if err := file(p.FormName(), nome, p); err != nil {
				return nil, colpaDi(err)
			}
			continue
		}
		b, err := io.ReadAll(io.LimitReader(p, resto+1))
		if err != nil {
			return nil, colpaDi(err)
		}
		if resto -= int64(len(b)); resto < 0 {
			_, _ = io.CopyN(io.Discard, r.Body, maxScarto)
			return nil, errLungo
		}
		v.Add(p.FormName(), string(b))
	}
}

// colpaDi tells a form too large from one that broke off.
func colpaDi(err error) error {
	var troppo *http.MaxBytesError
	var f *fault.Error
	switch {
	case errors.As(err, &troppo):
		return errEnorme
	case errors.As(err, &f):
		return err
	}
	return fault.Wrap(err, fault.Bad, errModulo.Message)
}

// nomeFile is the name of a part that is a file, as it was given; false for a
// plain field.
func nomeFile(p *multipart.Part) (string, bool) {
	_, par, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil {
		return p.FileName(), p.FileName() != ""
	}
	nome, ok := par["filename"]
	return nome, ok
}

// pulisciValori cleans every value, and refuses a form with more fields than any
// of ours, or with one of them twice.
func pulisciValori(v url.Values) (url.Values, error) {
	if len(v) > maxCampi {
		return nil, errModulo
	}
	for k, vv := range v {
		if len(vv) > 1 && !slices.Contains(ripetuti, k) {
			return nil, errDoppio
		}
		for i := range vv {
			v[k][i] = pratica.Pulisci(strings.ToValidUTF8(vv[i], ""))
		}
	}
	return v, nil
}

// campiLetti reads fields and gathers what is wrong with them, in the order in
// which the page shows them.
type lettura struct {
	url.Values
	Errori []erroreCampo
}

// erroreCampo is what to do about a field: the same words at the top of the page
// and beside it.
type erroreCampo struct{ Campo, Frase string }

func (l *lettura) errore(campo, frase string) {
	l.Errori = append(l.Errori, erroreCampo{campo, frase})
}

// riga is one line of at most max characters; serve is what to say when it is
// missing, empty if it may be.
func (l *lettura) riga(campo string, max int, serve string) string {
	t := strings.Join(strings.Fields(l.Get(campo)), " ")
	l.limiti(campo, t, max, serve)
	return t
}

// testo is a text of several lines.
func (l *lettura) testo(campo string, max int, serve string) string {
	t := l.Get(campo)
	l.limiti(campo, t, max, serve)
	return t
}

func (l *lettura) limiti(campo, t string, max int, serve string) {
	switch n := utf8.RuneCountInString(t); {
	case n == 0 && serve != "":
		l.errore(campo, serve)
	case n > max:
		l.errore(campo, troppo(n, max))
	}
}

// scelta is one of the values, or empty.
func (l *lettura) scelta(campo string, valori []string, serve string) string {
	t := l.Get(campo)
	for _, v := range valori {
		if t == v {
			return t
		}
	}
	if serve != "" || t != "" {
		l.errore(campo, nonVuota(serve, "Scegli una delle risposte."))
	}
	return ""
}
