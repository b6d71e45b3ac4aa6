package vault

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Testo gives what Gettoni gives for Parole and the other terms, whatever the
// text, the first time and when its words are known.
func TestTestoIsGettoniOfParole(t *testing.T) {
	tokens := NewTokenizer(make([]byte, 32))
	word := rapid.OneOf(rapid.StringMatching(`[A-Za-zàèéìòùÀÈ'’«».,;-]{1,18}`), rapid.StringMatching(`(\+39 ?)?[0-9٠-٩０-９]{1,12}`),
		rapid.StringMatching(`[0-9]{1,4}[ ./-][0-9]{1,4}[ ./-][0-9]{2,6}`), rapid.StringMatching(`[a-z]{1,8}@[a-z]{1,8}\.it`),
		rapid.StringMatching(`[A-Z]{6}[0-9]{2}[ABC][0-9]{2}[A-Z][0-9]{3}[A-Z]`), rapid.StringN(0, 90, -1))
	space := rapid.SampledFrom([]string{" ", "\n", "\u00a0", "\u3000", "\u200b", "  "})
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(0, 12).Draw(t, "words") {
			b.WriteString(word.Draw(t, "word") + space.Draw(t, "space"))
		}
		text, others := b.String(), Nomi(word.Draw(t, "name"))
		want := tokens.Gettoni(append(Parole(text), others...))
		for _, time := range []string{"first", "second"} {
			if got := tokens.Testo(text, others); !slices.Equal(got, want) {
				t.Fatalf("%s time, %q: %d tokens, want %d", time, text, len(got), len(want))
			}
		}
	})
}
