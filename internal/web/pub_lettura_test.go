package web_test

import (
	"html"
	"regexp"
	"strings"

	"tutela/internal/i18n"
)

var (
	corpo   = regexp.MustCompile(`(?s)<main.*</main>`)
	via     = regexp.MustCompile(`(?s)<(script|style|datalist|svg|textarea|select)\b.*?</(script|style|datalist|svg|textarea|select)>`)
	blocchi = regexp.MustCompile(`</?(p|li|h1|h2|h3|dt|dd|div|label|legend|summary|button|ul|ol|section|article|aside|span|strong|progress)\b[^>]*>`)
	segni   = regexp.MustCompile(`<[^>]*>`)
	nomi    = regexp.MustCompile(`[A-Z2-9]{4}(-[A-Z2-9]{4})+|https?://\S+|\S+@\S+|\d{4}/\d+|ASST Montelago|MOD 01|Via dei Tigli 40, Montelago|800 123 456`)
	vietate = regexp.MustCompile(`(?i)\b(si prega|istanza|fruizione|il sottoscritto|ai sensi|vittima|non hai compilato|nonché|altresì)\b`)
	finiFra = regexp.MustCompile(`[.!?:;…]\s|\n`)
)

// frasiDi are the sentences of a page's main part, a block a line, without what
// is a name, a code or an address.
func frasiDi(p string) string {
	t := via.ReplaceAllString(corpo.FindString(p), " ")
	t = blocchi.ReplaceAllStringFunc(t, func(x string) string {
		if strings.Contains(x, "strong") || strings.Contains(x, "span") {
			return " "
		}
		return "\n"
	})
	t = strings.NewReplacer("☐", "\n", "☒", "\n").Replace(t)
	t = nomi.ReplaceAllString(html.UnescapeString(segni.ReplaceAllString(t, "")), "")
	var out []string
	for _, r := range strings.Split(t, "\n") {
		if r = strings.Join(strings.Fields(r), " "); strings.ContainsAny(r, "abcdefghijklmnopqrstuvwxyz") {
			out = append(out, r)
		}
	}
	return strings.Join(out, "\n")
}

func gulpease(t string) int { return i18n.Gulpease(t) }

// lunghe are the sentences of more than 20 words.
func lunghe(t string) []string {
	var out []string
	for _, f := range finiFra.Split(t, -1) {
		if len(strings.Fields(f)) > 20 {
			out = append(out, f)
		}
	}
	return out
}
