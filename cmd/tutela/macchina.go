package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/web"
)

// macchina is where the installation lives, as the checks look at it.
type macchina struct {
	dati, chiavi string
	postgres     bool
	proc, sys    string // /proc and /sys
	difesa       bool   // the process keeps its memory to itself
	orologio     bool   // something keeps the clock right
}

// macchina looks at this machine.
func (i *impianto) macchina() macchina {
	return macchina{dati: i.dove.Data, chiavi: i.cartella, postgres: i.dove.DB != "", proc: "/proc", sys: "/sys", difesa: difeso(), orologio: sincrono()}
}

// rilieviMacchina is what check and the administrator's page say of keys, memory and
// clock: the gravest first.
func (i *impianto) rilieviMacchina(ctx context.Context) ([]web.Rilievo, error) {
	m := i.macchina()
	out := append(m.posto(), m.permessi()...)
	if salto := i.orologio.rilievo(); salto != "" {
		out = append([]web.Rilievo{{Grave: true, Cosa: salto}}, out...)
	}
	if i.rotto != nil {
		out = append([]web.Rilievo{{Grave: true, Cosa: fault.Message(nonTorna(i.rotto))}}, out...)
	}
	_, mancano, err := i.chiavi.Ready(ctx)
	if err != nil {
		return nil, err
	}
	if mancano > 0 {
		out = append(out, web.Rilievo{Cosa: "Il deposito delle chiavi è una copia più vecchia dei dati: " + i18n.Plural(int(mancano), "chiave manca", "chiavi mancano") +
			", e le pratiche che la usano non si aprono. Se hai una copia più nuova, riprendila."})
	}
	copie, err := i.rilieviCopie(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, copie...)
	return append(append(out, m.memoria()...), m.resto()...), nil
}

// posto says where the keys are, against where the data are.
func (m macchina) posto() []web.Rilievo {
	dati, err1 := filepath.EvalSymlinks(m.dati)
	chiavi, err2 := filepath.EvalSymlinks(m.chiavi)
	if err1 != nil || err2 != nil {
		return nil // they were opened a moment ago: what comes next will say it
	}
	if dentro, err := filepath.Rel(dati, chiavi); err == nil && dentro != ".." && !strings.HasPrefix(dentro, "../") {
		return []web.Rilievo{{Grave: true, Cosa: "Le chiavi stanno nella cartella dei dati: chi copia quella cartella legge le pratiche dell'URP, e un'eliminazione non si può dimostrare. Spostale con: tutela chiavi sposta CARTELLA."}}
	}
	a, err1 := disco(dati)
	b, err2 := disco(chiavi)
	if err1 == nil && err2 == nil && a == b {
		return []web.Rilievo{{Cosa: "Le chiavi stanno sullo stesso disco dei dati: una copia dell'intero disco le prende insieme. Mettile su un altro disco."}}
	}
	return nil
}

// permessi says who else may read keys and data.
func (m macchina) permessi() []web.Rilievo {
	var out []web.Rilievo
	for _, p := range []struct {
		path  string
		grave bool
	}{{filepath.Join(m.chiavi, "server.key"), true}, {filepath.Join(m.chiavi, "chiavi.db"), true}, {m.chiavi, false}, {m.dati, false}} {
		if s, err := os.Stat(p.path); err == nil && s.Mode().Perm()&0o077 != 0 {
			come := "600"
			if s.IsDir() {
				come = "700"
			}
			out = append(out, web.Rilievo{Grave: p.grave, Cosa: "Altri utenti di questa macchina possono aprire " + p.path + ". Dai i permessi " + come + "."})
		}
	}
	return out
}

// memoria says how what is in memory may come onto a disk.
func (m macchina) memoria() []web.Rilievo {
	var out []web.Rilievo
	if !m.difesa {
		out = append(out, web.Rilievo{Cosa: "Se il programma si rompe, il sistema può scriverne la memoria su disco, con le chiavi. Togli i core dump al servizio: LimitCORE=0."})
	}
	b, err := os.ReadFile(filepath.Join(m.proc, "swaps"))
	if err != nil {
		return append(out, web.Rilievo{Cosa: "Non si vede se lo swap è attivo: controllalo tu."})
	}
	righe := strings.Split(strings.TrimSpace(string(b)), "\n")
	for _, riga := range righe[1:] {
		nome, _, _ := strings.Cut(strings.ReplaceAll(riga, "\t", " "), " ")
		switch m.cifrato(nome) {
		case cifratoSi:
		case cifratoNo:
			out = append(out, web.Rilievo{Cosa: "Lo swap è attivo su " + nome + " e non è cifrato: pezzi di memoria, con testi e chiavi, possono restare sul disco. Spegnilo con swapoff, o cifralo."})
		default:
			out = append(out, web.Rilievo{Cosa: "Lo swap è attivo su " + nome + " e da qui non si vede se è cifrato. Se non lo è, spegnilo con swapoff, o cifralo."})
		}
	}
	return out
}

type cifratura int

const (
	cifratoNonSo cifratura = iota
	cifratoSi              // or it never leaves the memory
	cifratoNo
)

// cifrato says whether what lies on a swap device is encrypted. A file, or a volume
// over other devices, may lie on an encrypted one.
func (m macchina) cifrato(nome string) cifratura {
	dev, err := filepath.EvalSymlinks(nome)
	if err != nil {
		dev = nome
	}
	base := filepath.Base(dev)
	switch {
	case !strings.HasPrefix(dev, "/dev/"):
		return cifratoNonSo
	case strings.HasPrefix(base, "zram"):
		return cifratoSi
	case strings.HasPrefix(base, "dm-"):
		if b, err := os.ReadFile(filepath.Join(m.sys, "block", base, "dm", "uuid")); err == nil && strings.HasPrefix(string(b), "CRYPT-") {
			return cifratoSi
		}
		return cifratoNonSo
	}
	return cifratoNo
}

// resto is the clock, and what has not to be looked at here.
func (m macchina) resto() []web.Rilievo {
	var out []web.Rilievo
	if !m.orologio {
		out = append(out, web.Rilievo{Cosa: "L'orologio di questa macchina non è regolato da nessuno: le date delle pratiche vengono da lì. Controlla con timedatectl."})
	}
	if m.postgres {
		out = append(out, web.Rilievo{Nota: true, Cosa: "Non serve controllare che chiavi e dati siano in due PostgreSQL diversi: le chiavi stanno in una cartella."})
	}
	return out
}
