package web

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"tutela/internal/day"
	"tutela/internal/fault"
)

// Whatever comes as a form is read or refused; what is read holds nothing that
// has no place in a text.
func FuzzLeggiModulo(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", []byte("tipo=reclamo&testo=ciao%00%E2%80%AE"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"g\"\r\n\r\nh\r\n--x--"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"f\"; filename*=utf-8''%e2%80%ae\r\n\r\nh"))
	f.Add("text/plain", []byte("x"))
	f.Fuzz(func(t *testing.T, tipo string, corpo []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(corpo))
		r.Header["Content-Type"] = []string{tipo}
		v, err := leggiModulo(httptest.NewRecorder(), r, func(_, nome string, file io.Reader) error {
			if m := nomeMostrato(nome); !utf8.ValidString(m) || strings.ContainsAny(m, "\x00\n\u202e/\\") || m == "" || utf8.RuneCountInString(m) > 80 {
				t.Errorf("name shown %q", m)
			}
			_, err := io.Copy(io.Discard, file)
			return err
		})
		if err != nil {
			if k := fault.KindOf(err); k != fault.Bad && k != fault.TooLarge {
				t.Errorf("refused as %d: %v", k, err)
			}
			return
		}
		for _, vv := range v {
			for _, x := range vv {
				if !utf8.ValidString(x) || strings.ContainsAny(x, "\x00\r\u202e\u2066\u200f") {
					t.Errorf("read %q", x)
				}
			}
		}
	})
}

// Whatever answers are given, each is taken within its limits or refused with
// words beside its field, and what is taken makes a segnalazione.
func FuzzRisposte(f *testing.F) {
	f.Add("luogo=x&quando-giorno=31&quando-mese=2&quando-anno=2026&testo=y&per=me&nome=a&cognome=b&ricapito=email&email=a@b.it")
	f.Add("non-ricordo=1&luogo=q&saputo-giorno=-1&saputo-mese=99999999999999999999&saputo-anno=0")
	f.Add("per=altra&titolo=erede&nome-altro=%F0%9F%99%8F&nascita-giorno=1&nascita-mese=1&nascita-anno=2999")
	oggi := day.Of(2026, 3, 2)
	f.Fuzz(func(t *testing.T, q string) {
		v, err := url.ParseQuery(q)
		if err != nil {
			return
		}
		if v, err = pulisciValori(v); err != nil {
			return
		}
		var r risposte
		var errori []erroreCampo
		r.Tipo, errori = leggi1(v, []string{"reclamo", "rilievo"})
		errori = append(errori, leggi2(v, true, oggi, &r)...)
		errori = append(errori, leggi3(v, &r)...)
		errori = append(errori, leggiPer(v, &r)...)
		errori = append(errori, leggi5(v, oggi, &r)...)
		for _, e := range errori {
			if e.Campo == "" || e.Frase == "" {
				t.Errorf("a fault without field or words: %+v", e)
			}
		}
		if len(errori) > 0 {
			return
		}
		if m := r.manca(); m != "" {
			t.Errorf("no fault, yet %s is missing", m)
		}
		seg := r.segnalazione()
		if utf8.RuneCountInString(seg.Testo) > 10_000 || seg.ConosciutoIl > oggi || (seg.Segnalante == nil) != (r.Per == "anonimo") {
			t.Errorf("%d letters, known on %s", utf8.RuneCountInString(seg.Testo), seg.ConosciutoIl)
		}
	})
}
