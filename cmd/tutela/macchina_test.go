package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tutela/internal/store/storetest"
	"tutela/internal/web"
)

func detti(rr []web.Rilievo) string {
	var b strings.Builder
	for _, r := range rr {
		b.WriteString(map[bool]string{true: "GRAVE ", false: ""}[r.Grave] + r.Cosa + "\n")
	}
	return b.String()
}

// vuole demands words, in their order, and nothing more than that many findings.
func vuoleDetti(t *testing.T, rr []web.Rilievo, parole ...string) {
	t.Helper()
	s := detti(rr)
	if len(rr) != len(parole) {
		t.Errorf("%d findings, want %d:\n%s", len(rr), len(parole), s)
	}
	for i, r := range rr {
		if i < len(parole) && !strings.Contains(detti([]web.Rilievo{r}), parole[i]) {
			t.Errorf("no %q in: %s", parole[i], s)
		}
	}
}

// Where the keys are, who may read them, what of the memory may come onto a disk.
func TestMacchina(t *testing.T) {
	dir := t.TempDir()
	fai := func(nome, testo string) string {
		t.Helper()
		p := filepath.Join(dir, nome)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(testo), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	const testa = "Filename Type Size Used Priority\n"
	fai("dati/tutela.db", "")
	fai("dati/chiavi/server.key", "")
	server := fai("chiavi/server.key", "")
	fai("proc/swaps", testa)
	fai("sys/block/dm-3/dm/uuid", "CRYPT-PLAIN-swap\n")
	fai("sys/block/dm-4/dm/uuid", "LVM-abc\n")
	m := macchina{dati: filepath.Join(dir, "dati"), chiavi: filepath.Join(dir, "chiavi"), proc: filepath.Join(dir, "proc"), sys: filepath.Join(dir, "sys"), difesa: true, orologio: true}

	vuoleDetti(t, m.posto(), "sullo stesso disco")
	dentro := m
	dentro.chiavi = filepath.Join(dir, "dati/chiavi")
	vuoleDetti(t, dentro.posto(), "GRAVE Le chiavi stanno nella cartella dei dati")
	if err := os.Symlink(filepath.Join(dir, "chiavi"), filepath.Join(dir, "dati/altrove")); err != nil {
		t.Fatal(err)
	}
	dentro.chiavi = filepath.Join(dir, "dati/altrove") // they are where the link leads
	vuoleDetti(t, dentro.posto(), "sullo stesso disco")
	vuoleDetti(t, m.permessi())
	if err := os.Chmod(server, 0o640); err != nil {
		t.Fatal(err)
	}
	vuoleDetti(t, m.permessi(), "GRAVE Altri utenti di questa macchina possono aprire "+server+". Dai i permessi 600.")

	vuoleDetti(t, m.memoria())
	fai("proc/swaps", testa+"/dev/zram0 partition 1 0 100\n/dev/dm-3 partition 1 0 -2\n/dev/sda2 partition 1 0 -3\n/dev/dm-4 partition 1 0 -4\n/swap.img\tfile 1 0 -5\n")
	m.difesa = false
	vuoleDetti(t, m.memoria(), "LimitCORE=0", "su /dev/sda2 e non è cifrato", "su /dev/dm-4 e da qui non si vede", "su /swap.img e da qui non si vede")
	m.difesa, m.proc = true, dir
	vuoleDetti(t, m.memoria(), "Non si vede se lo swap")
	vuoleDetti(t, m.resto())
	m.orologio, m.postgres = false, true
	vuoleDetti(t, m.resto(), "timedatectl", "due PostgreSQL diversi")
}

// Whoever opens an installation has keys in memory, which no core file may hold.
func TestDifesa(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		dove := impiantoDi(t, b)
		if !difeso() {
			t.Error("the memory of this process may come into a core file")
		}
		s, _ := prova(t, "", append([]string{"check"}, dove...)...)
		if strings.Contains(s, "core dump") || !strings.Contains(s, "avviso Le chiavi stanno sullo stesso disco") || strings.Contains(s, "nota   ") != (b.URL != "") {
			t.Error(s)
		}
	})
}

// A key store older than the data is told: cases newer than it do not open.
func TestDepositoVecchio(t *testing.T) {
	b := storetest.SQLite(t)
	i := &impianto{chiavi: b.Chiavi, orologio: &orologio{}}
	dice := func(si bool) {
		t.Helper()
		if rr, err := i.rilieviMacchina(t.Context()); err != nil || strings.Contains(detti(rr), "copia più vecchia dei dati: ") != si {
			t.Fatalf("%v: %s", err, detti(rr))
		}
	}
	dice(false)
	if _, err := b.Chiavi.Lease(t.Context(), 300); err != nil {
		t.Fatal(err)
	}
	dice(false)
	if err := b.Chiavi.Oltre(t.Context(), 9000); err != nil {
		t.Fatal(err)
	}
	dice(true)
	if _, err := b.Chiavi.Lease(t.Context(), 300); err != nil {
		t.Fatal(err)
	}
	dice(true) // those that are missing never come back
}
