package storetest

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// Tracce are the places in which somebody who has every file of the bench, and every
// row of its database, finds one of the words: as they are, in UTF-16, base64 or
// hexadecimal, or packed.
func (b *Banco) Tracce(t testing.TB, parole ...string) []string {
	t.Helper()
	o := NewOcchi(parole...)
	out, err := o.Cartella(b.Dir, time.Time{})
	if err == nil && b.URL != "" {
		var di []string
		di, err = o.Postgres(b.URL)
		out = append(out, di...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Occhi look for words in bytes, in every shape in which they may lie there.
type Occhi struct {
	forme map[[4]byte][]forma // by how they begin
	primi [1 << 16]bool       // the first two bytes of some shape
}

// forma is a word as it may lie on a disk.
type forma struct {
	parola, come string
	byte         []byte
}

// NewOcchi look for these words, whatever the case of their letters.
func NewOcchi(parole ...string) *Occhi {
	o := &Occhi{forme: map[[4]byte][]forma{}}
	for _, p := range parole {
		for _, f := range forme(p) {
			k := [4]byte(f.byte)
			o.forme[k] = append(o.forme[k], f)
			o.primi[int(k[0])<<8|int(k[1])] = true
		}
	}
	return o
}

// Cartella looks into every file under a folder that was written since, and into what
// they pack. A file that goes away meanwhile is not there.
func (o *Occhi) Cartella(dir string, da time.Time) ([]string, error) {
	var out []string
	disco := os.DirFS(dir)
	err := fs.WalkDir(disco, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return spariti(err)
		}
		if i, err := d.Info(); err != nil || i.ModTime().Before(da) {
			return spariti(err)
		}
		x, err := fs.ReadFile(disco, path)
		out = append(out, o.Guarda(path, x)...)
		return spariti(err)
	})
	return out, err
}

func spariti(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// Guarda looks into some bytes, and into what they pack.
func (o *Occhi) Guarda(dove string, x []byte) []string {
	out := o.in(dove, x)
	for i, y := range spacchettati(x) {
		out = append(out, o.in(fmt.Sprintf("%s, packed %d", dove, i), y)...)
	}
	return out
}

// Postgres looks into every row of a PostgreSQL database, as it gives them.
func (o *Occhi) Postgres(url string) ([]string, error) {
	righe, err := righePostgres(url)
	return o.righe(righe), err
}

func (o *Occhi) righe(righe []riga) (out []string) {
	di := map[string][]byte{}
	for _, r := range righe {
		for c := range r.valori {
			di[r.tabella] = append(append(di[r.tabella], r.testo(c)...), '\n')
		}
	}
	for tabella, x := range di {
		out = append(out, o.Guarda("rows of "+tabella, x)...)
	}
	return out
}

// in looks into the bytes as they are: base64 by its case, the rest without.
func (o *Occhi) in(dove string, x []byte) []string {
	visti := map[string]bool{}
	for _, y := range [][]byte{x, minuscole(x)} {
		for i := 0; i+4 <= len(y); i++ {
			if !o.primi[int(y[i])<<8|int(y[i+1])] {
				continue
			}
			for _, f := range o.forme[[4]byte(y[i:])] {
				if bytes.HasPrefix(y[i:], f.byte) {
					visti[fmt.Sprintf("%s: %q as %s", dove, f.parola, f.come)] = true
				}
			}
		}
	}
	out := make([]string, 0, len(visti))
	for v := range visti {
		out = append(out, v)
	}
	slices.Sort(out)
	return out
}

// minuscole lowers the letters A to Z, and leaves every other byte as it is.
func minuscole(x []byte) []byte {
	out := slices.Clone(x)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

// idCasuale is an id as text: a number of five digits is in one of them by chance.
var idCasuale = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// Dice reports whether a text, in lower case, says a word. Of a word of digits the ids
// of the text are left out.
func Dice(testo, parola string) bool {
	if parola != "" && strings.Trim(parola, "0123456789") == "" {
		testo = idCasuale.ReplaceAllString(testo, "")
	}
	return strings.Contains(testo, strings.ToLower(parola))
}

// forme are the shapes of a word: those that are looked for without minding case are
// in small letters.
func forme(parola string) []forma {
	bassa := strings.ToLower(parola)
	var le, be []byte
	for _, u := range utf16.Encode([]rune(bassa)) {
		le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
	}
	out := []forma{{parola, "UTF-8", []byte(bassa)}, {parola, "UTF-16LE", le}, {parola, "UTF-16BE", be}}
	casi := slices.Compact([]string{bassa, parola})
	if alta := strings.ToUpper(parola); alta != parola {
		casi = append(casi, alta)
	}
	for _, p := range casi {
		out = append(out, forma{parola, "hex", []byte(hex.EncodeToString([]byte(p)))})
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			for i := range 3 { // at each place within three bytes: the symbols that its neighbours do not change
				x := e.EncodeToString(append(make([]byte, i), p...))
				out = append(out, forma{parola, "base64", []byte(x[(i*8+5)/6 : (i+len(p))*8/6])})
			}
		}
	}
	return slices.DeleteFunc(out, func(f forma) bool { return len(f.byte) < 4 })
}

// spacchettati are what opens within the bytes as gzip, zlib or a file of a zip,
// wherever it begins: what comes out before it breaks counts.
func spacchettati(x []byte) [][]byte {
	var out [][]byte
	var sgonfia io.ReadCloser
	metti := func(r io.Reader) {
		y, _ := io.ReadAll(io.LimitReader(r, 1<<20))
		if len(y) > 8 {
			out = append(out, y)
		}
	}
	deflate := func(da int) {
		if da >= len(x) {
			return
		}
		if sgonfia == nil {
			sgonfia = flate.NewReader(nil)
		}
		if sgonfia.(flate.Resetter).Reset(bytes.NewReader(x[da:]), nil) == nil {
			metti(sgonfia)
		}
	}
	for i := range len(x) - 2 {
		switch {
		case x[i] == 0x1f && x[i+1] == 0x8b && x[i+2] == 8:
			if z, err := gzip.NewReader(bytes.NewReader(x[i:])); err == nil {
				metti(z)
			}
		case x[i] == 0x78 && (x[i+1] == 0x01 || x[i+1] == 0x5e || x[i+1] == 0x9c || x[i+1] == 0xda):
			deflate(i + 2)
		case i+30 < len(x) && string(x[i:i+4]) == "PK\x03\x04" && uint16(x[i+8])|uint16(x[i+9])<<8 == zip.Deflate:
			deflate(i + 30 + int(x[i+26]) + int(x[i+27])<<8 + int(x[i+28]) + int(x[i+29])<<8)
		}
	}
	return out
}
