package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed" // the common passwords
	"encoding/base64"
	"errors"
	"fmt"
	"runtime/debug"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"tutela/internal/fault"
	"tutela/internal/vault"
)

// The limits of a password, in characters and bytes.
const (
	minPassword      = 12
	maxPassword      = 256 // bytes
	diversiPassword  = 5   // different characters at least
	lunghezzaSale    = 16
	lunghezzaChiave  = 32
	maxMemoria       = 256 << 10 // KiB; what a stored hash may ask of us
	maxGiri          = 16
	maxFili          = 4
	memoriaDaRendere = 16 << 10 // KiB; from here a hash's memory is given back at once
)

// fattore is a stored password: with its own price, so that prices can change.
type fattore struct {
	provvisorio  bool // chosen by somebody else: to be changed before anything
	costo        vault.Costo
	sale, chiave []byte
}

const segnoProvvisorio = "provvisoria "

// String is the usual form $argon2id$v=19$m=…,t=…,p=…$salt$key, after a mark if
// the password is provisional.
func (f fattore) String() string {
	b := base64.RawStdEncoding
	s := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, f.costo.Memoria, f.costo.Giri, f.costo.Fili,
		b.EncodeToString(f.sale), b.EncodeToString(f.chiave))
	if f.provvisorio {
		return segnoProvvisorio + s
	}
	return s
}

var errFattore = errors.New("auth: the stored form of a password cannot be read")

// leggiFattore reads what String wrote, and nothing else.
func leggiFattore(s string) (fattore, error) {
	var f fattore
	testo := s
	if dopo, ok := strings.CutPrefix(testo, segnoProvvisorio); ok {
		f.provvisorio, testo = true, dopo
	}
	parti := strings.Split(testo, "$")
	if len(parti) != 6 || len(s) > 256 {
		return fattore{}, errFattore
	}
	if _, err := fmt.Sscanf(parti[3], "m=%d,t=%d,p=%d", &f.costo.Memoria, &f.costo.Giri, &f.costo.Fili); err != nil {
		return fattore{}, errFattore
	}
	var err1, err2 error
	f.sale, err1 = base64.RawStdEncoding.Strict().DecodeString(parti[4])
	f.chiave, err2 = base64.RawStdEncoding.Strict().DecodeString(parti[5])
	c := f.costo
	if err1 != nil || err2 != nil || len(f.sale) != lunghezzaSale || len(f.chiave) != lunghezzaChiave ||
		c.Fili < 1 || c.Fili > maxFili || c.Giri < 1 || c.Giri > maxGiri ||
		c.Memoria < 8*uint32(c.Fili) || c.Memoria > maxMemoria || f.String() != s {
		return fattore{}, errFattore
	}
	return f, nil
}

// argon is the hash. Its memory is returned to the machine at once: a server at
// rest must not keep what one sign-in took.
func argon(password string, sale []byte, c vault.Costo) []byte {
	k := argon2.IDKey([]byte(password), sale, c.Giri, c.Memoria, c.Fili, lunghezzaChiave)
	if c.Memoria >= memoriaDaRendere {
		debug.FreeOSMemory()
	}
	return k
}

// nuovoFattore hashes a password that was accepted. The caller holds the turn.
func (a *Auth) nuovoFattore(password string, provvisorio bool) string {
	f := fattore{provvisorio: provvisorio, costo: a.costo, sale: make([]byte, lunghezzaSale)}
	rand.Read(f.sale)
	f.chiave = a.hash(norm.NFC.String(password), f.sale, f.costo)
	return f.String()
}

// giusta hashes the password against the stored form, or against the empty one
// when there is none: the work is the same. The caller holds the turn.
func (a *Auth) giusta(stored, password string) bool {
	f, err := leggiFattore(stored)
	c := err == nil && len(password) <= maxPassword
	if !c {
		f, password = a.vuoto, ""
	}
	k := a.hash(norm.NFC.String(password), f.sale, f.costo)
	return subtle.ConstantTimeCompare(k, f.chiave) == 1 && c
}

// Words of ours, and the digests of the passwords and words that are tried first:
// scripts/password-comuni says whence.
var (
	//go:embed comuni.txt
	testoComuni string
	//go:embed comuni.bin
	impronteComuni string

	nostri = leggiComuni(testoComuni)
)

const lunghezzaImpronta = 4

func leggiComuni(testo string) map[string]bool {
	out := map[string]bool{}
	for r := range strings.Lines(testo) {
		if r = strings.TrimSpace(r); r != "" && !strings.HasPrefix(r, "#") {
			out[r] = true
		}
	}
	return out
}

// comune reports whether a text, in lower case, is a common password or word. Of
// a hundred thousand others it takes two for one.
func comune(s string) bool {
	h := sha256.Sum256([]byte(s))
	cerca := string(h[:lunghezzaImpronta])
	riga := func(i int) string { return impronteComuni[i*lunghezzaImpronta : (i+1)*lunghezzaImpronta] }
	n := len(impronteComuni) / lunghezzaImpronta
	i := sort.Search(n, func(i int) bool { return riga(i) >= cerca })
	return nostri[s] || i < n && riga(i) == cerca
}

// accettabile says whether a password may be chosen by who has that sign-in name
// and that name, or why not. Which sorts of characters it mixes is nobody's
// business, and it never expires.
func accettabile(password, utente, nome string) error {
	no := func(m string) error {
		return fault.New(fault.Invalid, "La password non va bene.").Campo("password", m)
	}
	if len(password) > maxPassword {
		return no("È troppo lunga: il massimo è 256 caratteri semplici.")
	}
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return no("Contiene caratteri che non si possono scrivere da tastiera.")
	}
	password = norm.NFC.String(password)
	if utf8.RuneCountInString(password) < minPassword {
		return no("È troppo corta: scrivi almeno 12 caratteri. Vanno bene tre o quattro parole a caso.")
	}
	basso := strings.ToLower(password)
	if strings.Contains(basso, utente) {
		return no("Non deve contenere il tuo nome utente.")
	}
	if soloNome(basso, nome) {
		return no("È fatta soprattutto del tuo nome. Usa tre o quattro parole che non c'entrano con te.")
	}
	if prevedibile(basso) {
		return no("È troppo facile da indovinare. Usa tre o quattro parole che non c'entrano tra loro.")
	}
	return nil
}

// prevedibile finds the passwords that are tried first: those that leaked, one
// common word with figures and signs around it, one piece repeated, few
// characters, no letter.
func prevedibile(basso string) bool {
	diversi := map[rune]bool{}
	for _, r := range basso {
		diversi[r] = true
	}
	lettere := strings.Map(soloLettere, basso)
	if len(diversi) < diversiPassword || lettere == "" {
		return true
	}
	return comune(basso) || comune(pezzo(lettere)) || comune(pezzo(leggibili.Replace(strings.TrimFunc(basso, nonLettera))))
}

func nonLettera(r rune) bool { return !unicode.IsLetter(r) }

// soloNome reports whether little is left of a password without the person's name.
func soloNome(basso, nome string) bool {
	resta, c := basso, false
	for n := range strings.FieldsFuncSeq(strings.ToLower(norm.NFC.String(nome)), nonLettera) {
		if utf8.RuneCountInString(n) > 2 && strings.Contains(resta, n) {
			resta, c = strings.ReplaceAll(resta, n, ""), true
		}
	}
	return c && utf8.RuneCountInString(strings.Map(soloLettere, resta)) < diversiPassword
}

// soloLettere is for strings.Map.
func soloLettere(r rune) rune {
	if nonLettera(r) {
		return -1
	}
	return r
}

// leggibili undoes the figures written for letters (passw0rd).
var leggibili = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s",
	"2", "", "6", "", "8", "", "9", "", "!", "", ".", "", "-", "", "_", "", " ", "", "?", "", "#", "", "*", "")

// pezzo is the shortest piece of which s is a repetition; often s itself.
func pezzo(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n]
		}
	}
	return s
}
