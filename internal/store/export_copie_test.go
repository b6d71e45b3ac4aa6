package store

import "time"

// DiTroppo is for its test.
func DiTroppo(cc []Copia, ora time.Time) []Copia { return diTroppo(cc, ora) }
