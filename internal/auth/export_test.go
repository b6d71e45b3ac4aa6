package auth

import "tutela/internal/vault"

// ContaHash makes the door count its hashes; they are made all the same.
func (a *Auth) ContaHash() *int {
	n, vero := new(int), a.hash
	a.hash = func(p string, sale []byte, c vault.Costo) []byte { *n++; return vero(p, sale, c) }
	return n
}

// What the fuzz and the table tests read.
var (
	Accettabile  = accettabile
	Comune       = comune
	LeggiSegreto = leggiSegreto
	Segreto      = segreto
	Scrivi       = nomeRiga
)

// RileggiFattore reads a stored password and writes it again.
func RileggiFattore(s string) (string, error) {
	f, err := leggiFattore(s)
	return f.String(), err
}

// The codes of an app, which the tests make as it does.
var (
	TOTP    = totp
	PassoDi = passoDi
)
