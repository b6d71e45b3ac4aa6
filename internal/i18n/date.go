// Package i18n writes what people read: dates, quantities, the reasons of a
// date, in plain Italian. It takes values and gives sentences; it knows no
// clock and keeps nothing.
package i18n

import (
	"fmt"
	"strings"
	"time"

	"tutela/internal/day"
)

var (
	settimana = [...]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"}
	mesi      = [...]string{
		"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
		"luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
	}
)

// Date writes d in full: "lunedì 21 dicembre 2026". The first of the month is
// "1°". No date gives an empty string, here and in the other functions.
func Date(d day.Date) string {
	if d.IsZero() {
		return ""
	}
	return settimana[d.Weekday()] + " " + LongDate(d)
}

// LongDate writes d without the day of the week: "21 dicembre 2026".
func LongDate(d day.Date) string {
	if d.IsZero() {
		return ""
	}
	y, m, g := d.Date()
	numero := fmt.Sprint(g)
	if g == 1 {
		numero = "1°"
	}
	return fmt.Sprintf("%s %s %d", numero, mesi[m-1], y)
}

// Instant writes when something was, to the second, as Italy's clocks showed it:
// "il 21 dicembre 2026 alle 10:11:12".
func Instant(t time.Time) string {
	return il(day.In(t)) + " alle " + t.In(day.Rome).Format(time.TimeOnly)
}

// ShortDate writes d for lists: "lun 21 dic".
func ShortDate(d day.Date) string {
	if d.IsZero() {
		return ""
	}
	_, m, g := d.Date()
	return fmt.Sprintf("%s %d %s", breve(settimana[d.Weekday()]), g, breve(mesi[m-1]))
}

// breve is the first three letters.
func breve(s string) string { return string([]rune(s)[:3]) }

// dal, al and il put the word before a date as speech does: "dal 5 agosto
// 2026", "dall'8 agosto 2026".
func dal(d day.Date) string { return davanti("dal ", "dall'", d) }
func al(d day.Date) string  { return davanti("al ", "all'", d) }
func il(d day.Date) string  { return davanti("il ", "l'", d) }

// davanti chooses the form before a vowel for otto and undici.
func davanti(consonante, vocale string, d day.Date) string {
	if _, _, g := d.Date(); g == 8 || g == 11 {
		return vocale + LongDate(d)
	}
	return consonante + LongDate(d)
}

// capital makes the first letter a capital; s begins with an ASCII letter.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
