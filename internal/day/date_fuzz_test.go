package day

import "testing"

// A day read is a day of the calendar, and is written as it was.
func FuzzParse(f *testing.F) {
	f.Add("2026-03-31")
	f.Add("2026-02-30")
	f.Add("2026-2-3")
	f.Add("+026-03-31")
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := Parse(s); err == nil && d.String() != s {
			t.Fatalf("%q reads as %s", s, d)
		}
	})
}
