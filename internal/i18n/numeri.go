package i18n

import (
	"strconv"

	"tutela/internal/day"
)

// Number writes n with a full stop between thousands: "36.500".
func Number(n int) string {
	s := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s
}

// Plural writes n with its noun: Plural(1, "giorno", "giorni") is "1 giorno",
// and with 0 or any other number it is "0 giorni".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Days is Plural for days.
func Days(n int) string { return Plural(n, "giorno", "giorni") }

// Deadline says in words how far the date scadenza is from oggi: "scade oggi",
// "scade domani", "restano 3 giorni", "scaduta da 2 giorni". Days are calendar
// days.
func Deadline(scadenza, oggi day.Date) string {
	if scadenza.IsZero() {
		return ""
	}
	switch n := int(scadenza - oggi); {
	case n == 0:
		return "scade oggi"
	case n == 1:
		return "scade domani"
	case n < 0:
		return "scaduta da " + Days(-n)
	default:
		return "restano " + Days(n)
	}
}
