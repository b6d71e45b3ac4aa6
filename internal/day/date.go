// Package day counts local days: dates, dated holidays, and terms whose date
// explains itself. It knows no clock and no zone but Europe/Rome, used once, to
// turn an instant into the local day on which it counts.
package day

import (
	"fmt"
	"time"
	_ "time/tzdata" // Europe/Rome must be known on a machine without zoneinfo
)

// Date is a local day in Italy: days since 1970-01-01, with no zone and no hour.
// The zero Date is 1970-01-01 and stands for "no date" (see IsZero).
type Date int32

// Rome is the zone in which instants become local days.
var Rome = mustLoad("Europe/Rome")

func mustLoad(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic("day: the embedded zone table has no " + name)
	}
	return l
}

// Of is the date of a year, month and day; values out of range are carried over
// as time.Date does.
func Of(y int, m time.Month, d int) Date {
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// In is the local day in Italy of the instant t.
func In(t time.Time) Date {
	y, m, d := t.In(Rome).Date()
	return Of(y, m, d)
}

// Parse reads YYYY-MM-DD, and nothing else. Years run from 1900 to 2999.
func Parse(s string) (Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil || len(s) != 10 {
		return 0, fmt.Errorf("la data va scritta AAAA-MM-GG, per esempio 2026-03-31")
	}
	if t.Year() < 1900 || t.Year() > 2999 {
		return 0, fmt.Errorf("l'anno della data deve stare tra 1900 e 2999")
	}
	return Date(t.Unix() / 86400), nil
}

func (d Date) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// IsZero reports whether d stands for "no date".
func (d Date) IsZero() bool { return d == 0 }

// Add is the date n days later, or earlier if n is negative.
func (d Date) Add(n int) Date { return d + Date(n) }

// Date gives year, month and day.
func (d Date) Date() (int, time.Month, int) { return d.time().Date() }

// Year is the year of d.
func (d Date) Year() int { return d.time().Year() }

// Weekday is the day of the week of d.
func (d Date) Weekday() time.Weekday { return d.time().Weekday() }

// Start is the instant at which d begins in Italy.
func (d Date) Start() time.Time {
	y, m, dd := d.Date()
	return time.Date(y, m, dd, 0, 0, 0, 0, Rome)
}

// String is YYYY-MM-DD; empty for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.time().Format("2006-01-02")
}

// MarshalText writes YYYY-MM-DD, or nothing for the zero Date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	v, err := Parse(string(b))
	*d = v
	return err
}
