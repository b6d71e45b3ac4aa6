package storetest

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/jackc/pgx/v5"
)

// Tracce are the places in which somebody who has every file of the bench, and every
// row of its database, finds one of the words: as they are, in UTF-16, base64 or
// hexadecimal, or packed.
func (b *Banco) Tracce(t testing.TB, parole ...string) []string {
	t.Helper()
	var out []string
	guarda := func(dove string, x []byte) {
		for _, p := range parole {
			for come, forma := range forme(p) {
				if bytes.Contains(x, forma) {
					out = append(out, fmt.Sprintf("%s: %q as %s", dove, p, come))
				}
			}
		}
	}
	disco := os.DirFS(b.Dir)
	err := fs.WalkDir(disco, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		x, err := fs.ReadFile(disco, path)
		if err != nil {
			return err
		}
		guarda(path, x)
		for i, y := range spacchettati(x) {
			guarda(fmt.Sprintf("%s, packed %d", path, i), y)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if b.URL != "" {
		righe, err := tutteLeRighe(b.URL)
		if err != nil {
			t.Fatal(err)
		}
		guarda("postgres", righe)
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

// forme are a word as it may lie on a disk.
func forme(parola string) map[string][]byte {
	out := map[string][]byte{"UTF-8": []byte(parola)}
	var le, be []byte
	for _, u := range utf16.Encode([]rune(parola)) {
		le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
	}
	out["UTF-16LE"], out["UTF-16BE"] = le, be
	h := hex.EncodeToString([]byte(parola))
	out["hex"], out["HEX"] = []byte(h), []byte(strings.ToUpper(h))
	for i := range 3 { // at each place within three bytes: the symbols that its neighbours do not change
		x := base64.RawStdEncoding.EncodeToString(append(make([]byte, i), parola...))
		out[fmt.Sprintf("base64, %d", i)] = []byte(x[(i*8+5)/6 : (i+len(parola))*8/6])
	}
	return out
}

// spacchettati are what opens within the bytes as gzip or zlib, wherever it begins.
func spacchettati(x []byte) [][]byte {
	var out [][]byte
	for i := range len(x) - 2 {
		var r io.Reader
		switch {
		case x[i] == 0x1f && x[i+1] == 0x8b && x[i+2] == 8:
			z, err := gzip.NewReader(bytes.NewReader(x[i:]))
			if err != nil {
				continue
			}
			r = z
		case x[i] == 0x78 && (x[i+1] == 0x01 || x[i+1] == 0x9c || x[i+1] == 0xda):
			r = flate.NewReader(bytes.NewReader(x[i+2:]))
		default:
			continue
		}
		y, _ := io.ReadAll(io.LimitReader(r, 1<<20)) // what comes out before it breaks counts
		if len(y) > 8 {
			out = append(out, y)
		}
	}
	return out
}

// tutteLeRighe are all the rows of a PostgreSQL database, one after the other.
func tutteLeRighe(url string) ([]byte, error) {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close(ctx) }()
	rows, err := c.Query(ctx, `select table_name from information_schema.tables where table_schema = current_schema()`)
	if err != nil {
		return nil, err
	}
	tabelle, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, nome := range tabelle {
		rows, err := c.Query(ctx, "select * from "+pgx.Identifier{nome}.Sanitize())
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			v, err := rows.Values()
			if err != nil {
				return nil, err
			}
			for _, x := range v {
				if y, ok := x.([]byte); ok {
					out = append(append(out, y...), '\n')
				} else {
					out = fmt.Appendf(out, "%v\n", x)
				}
			}
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
