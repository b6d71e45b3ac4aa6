package i18n

import (
	"strings"
	"unicode"
)

// Gulpease measures how easy an Italian text is, from 0 to 100: below 80 it is
// hard for who left school after the primary, below 60 after the middle school,
// below 40 after the high school. A text without words is 0.
//
// It is 89 + (300 × sentences − 10 × letters) / words, rounded down. Words are
// cut at spaces and apostrophes; digits count as letters. A sentence ends at a
// line break, or at . ! ? … : ; and a space, unless a small letter or a digit
// follows: so "art. 14" does not end one, nor a line broken for width.
func Gulpease(text string) int {
	lettere, parole, frasi := 0, 0, 0
	parola, punto, spazio := false, false, true // inside a word; after a stop; after a space
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if punto && spazio && !unicode.IsLower(r) && !unicode.IsDigit(r) {
				frasi++
			}
			lettere++
			if !parola {
				parole++
			}
			parola, punto, spazio = true, false, false
		case r == '\n':
			parola, punto, spazio = false, parole > 0, true
		case unicode.IsSpace(r):
			parola, spazio = false, true
		case r == '\'' || r == '’':
			parola = false
		case strings.ContainsRune(".!?…:;", r):
			punto, spazio = parole > 0, false
		}
	}
	if parole == 0 {
		return 0
	}
	frasi++ // the last one, stop or not
	return min(100, max(0, 89+(300*frasi-10*lettere)/parole))
}
