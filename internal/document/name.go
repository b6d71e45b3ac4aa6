package document

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const maxName = 120 // letters of a file name, ending included

// reserved are names that Windows gives to devices.
var reserved = strings.Fields("con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9")

// CleanName makes the name a person gave to a file safe to show and to save: no
// folders, no control, invisible or direction marks, nothing that a file system
// takes amiss, at most 120 letters, and the ending its type demands. The type is
// what the content is: photo.exe that is a picture becomes photo.exe.jpg. The
// name is personal data.
func CleanName(name string, t Tipo) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0': // fillers: letters that show nothing
			return -1
		case !unicode.IsGraphic(r):
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, norm.NFC.String(name))
	name = norm.NFC.String(name) // again: what was taken out may have stood between two marks
	name = strings.TrimRight(strings.Join(strings.Fields(name), " "), ". ")
	exts := kinds[t].exts
	ext := path.Ext(name)
	if slices.Contains(exts, strings.ToLower(ext)) {
		name = strings.TrimSuffix(name, ext)
	} else if ext = ""; len(exts) > 0 {
		ext = exts[0]
	}
	name = strings.TrimLeft(name, ". ")
	first, _, _ := strings.Cut(strings.ToLower(name), ".")
	if strings.Trim(name, ". ") == "" || slices.Contains(reserved, strings.TrimSpace(first)) {
		name = strings.TrimRight("allegato-"+name, "-. ")
	}
	name = strings.TrimRight(firstLetters(name, maxName-len(ext)), ". ")
	return name + ext
}

func firstLetters(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
