package main

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/demo"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// prova runs a command line and gives what it printed with its exit code.
func prova(t *testing.T, ingresso string, args ...string) (string, int) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second) // for a server that should not have started
	defer stop()
	var out bytes.Buffer
	code := esegui(&ambito{ctx, strings.NewReader(ingresso), &out, &out}, args)
	return out.String(), code
}

// dice demands an exit code and words.
func dice(t *testing.T, ingresso string, esito int, parole string, args ...string) {
	t.Helper()
	if s, code := prova(t, ingresso, args...); code != esito || !strings.Contains(s, parole) {
		t.Errorf("%.80q: exit code %d, want %d with %q:\n%.400s", args, code, esito, parole, s)
	}
}

// impiantoDi makes an installation on the bench's database and gives the flags
// that name it: folders may have any name.
func impiantoDi(t *testing.T, b *storetest.Banco) []string {
	t.Helper()
	dir := t.TempDir()
	dove := []string{"--data", filepath.Join(dir, "i dati #1 al 50%20?"), "--keys", filepath.Join(dir, "le chiavi")}
	if b.URL != "" {
		dove = append(dove, "--db", b.URL)
	}
	dice(t, "", 0, "Creato ASST Prova", append([]string{"ente", "crea", "--id", "asst", "--nome", "ASST Prova", "--telefono", "0372 000 000"}, dove...)...)
	return dove
}

// conDove are the commands that need an installation.
var conDove = []string{"serve --addr 127.0.0.1:0", "check", "migrate", "utente add anna --nome Anna", "utente token anna", "utente reset anna",
	"organigramma import " + organigrammaDemo, "organigramma export", "registro verify", "registro chiave", "registro ripristino --motivo prova-di-nulla"}

// A folder, a database or a folder of keys mistyped never becomes an installation.
func TestInstallazioneCheNonCe(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		for _, c := range conDove {
			assente := filepath.Join(t.TempDir(), "assente")
			args := append(strings.Fields(c), "--data", assente, "--keys", filepath.Join(assente, "chiavi"))
			if b.URL != "" {
				args = append(args, "--db", b.URL)
			}
			dice(t, "", esitoNo, "In "+assente+" non c'è un'installazione", args...)
			if esiste(assente) {
				t.Errorf("%s made the folder", c)
			}
		}
		if b.URL == "" {
			return
		}
		vuoto, err := url.Parse(b.URL)
		if err != nil {
			t.Fatal(err)
		}
		vuoto.Path = "/postgres"
		for range 2 {
			dice(t, "", esitoNo, "In quel database non c'è un'installazione", "check", "--data", t.TempDir(), "--db", vuoto.String())
		}
		dice(t, "", esitoNo, "Il database non risponde", "check", "--data", t.TempDir(), "--db", "postgres://127.0.0.1:1/x")
	})
}

// Over data there is never a new key, of the server or of the cases.
func TestChiaviMancano(t *testing.T) {
	for _, nome := range []string{"server.key", "chiavi.db"} {
		storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
			dove := impiantoDi(t, b)
			chiave := filepath.Join(dove[3], nome)
			if err := os.Rename(chiave, chiave+".via"); err != nil {
				t.Fatal(err)
			}
			crea := "ente crea --id asst --nome A --telefono 0372000000"
			for _, c := range append(conDove, crea) {
				dice(t, "", esitoNo, "ma non la chiave "+chiave, append(strings.Fields(c), dove...)...)
				if esiste(chiave) {
					t.Fatalf("%s made a new key", c)
				}
			}
			if err := os.Rename(chiave+".via", chiave); err != nil {
				t.Fatal(err)
			}
			dice(t, "", esitoNo, "L'ente c'è già", append(strings.Fields(crea), dove...)...)
		})
	}
}

// A value that cannot be used is exit code 2, says what to write, and nothing is
// made.
func TestMalUso(t *testing.T) {
	t.Chdir(t.TempDir())
	lungo := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		parole string
		args   []string
	}{
		{"manca il comando. Ci sono: ", nil},
		{"non capisco boh: non è un comando, o è di troppo\nCome si scrive: tutela --help", []string{"boh"}},
		{`non capisco serv: forse "serve"`, []string{"serv"}},
		{"l'opzione --boh non esiste\nCome si scrive: tutela ente crea --help", []string{"ente", "crea", "--boh"}},
		{"manca --id=TESTO", []string{"ente", "crea", "--nome", "A", "--telefono", "0372000000"}},
		{"non capisco altro: ", []string{"regolamento", "list", "altro"}},
		{`manca "<nome>"`, []string{"regolamento", "show"}},
		{`manca il comando. Ci sono: "sposta", "ruota"`, []string{"chiavi"}},
		{`l'opzione --dta non esiste: forse "--data"`, []string{"check", "--dta", "x"}},
		{"--data: manca il valore\n", []string{"check", "--data"}},
		{"--data: manca il valore prima di --json", []string{"check", "--data", "--json"}},
		{"--json: scrivi true o false", []string{"check", "--json=forse"}},
		{"--altre: scrivi un numero, non molti", []string{"chiavi", "copia", "--altre", "molti"}},
		{"non capisco altro: ", []string{"termine", "altro"}},
		{"AAAA-MM-GG", []string{"demo", "--today", "ieri"}},
		{"tra 1900 e 2999", []string{"demo", "--today", "1492-10-12"}},
		{"tra il 2026 e il 2299", []string{"demo", "--today", "2999-12-31"}},
		{"tra il 2026 e il 2299", []string{"demo", "--today", "2025-12-31"}},
		{"tra il 2026 e il 2299", []string{"demo", "--today", "2025-12-31T23:59"}},
		{"--today: scrivi l'ora come 08:30", []string{"demo", "--today", "2026-03-02T"}},
		{"--today: scrivi l'ora come 08:30", []string{"demo", "--today", "2026-03-02T8.30"}},
		{"--addr: scrivi INDIRIZZO:PORTA", []string{"demo", "--addr", ""}},
		{"--addr: scrivi INDIRIZZO:PORTA", []string{"demo", "--addr", "8080"}},
		{"--addr: scrivi INDIRIZZO:PORTA", []string{"serve", "--addr", "localhost:http"}},
		{"--addr: scrivi INDIRIZZO:PORTA", []string{"serve", "--addr", ":65536"}},
		{"--proxy: scrivi un indirizzo IP", []string{"serve", "--proxy", "vicino"}},
		{"--data: scrivi una cartella", []string{"check", "--data", ""}},
		{"--data: scrivi una cartella", []string{"demo", "--addr", "127.0.0.1:0", "--data", ""}},
		{"--keys: scrivi una cartella", []string{"check", "--keys", ""}},
		{"scrivi una cartella", []string{"chiavi", "sposta", ""}},
		{"--in: scrivi una cartella", []string{"chiavi", "copia", "--in", ""}},
		{"--id: usa da 1 a 32", []string{"ente", "crea", "--id", "", "--nome", "A", "--telefono", "0372000000"}},
		{"--id: usa da 1 a 32", []string{"ente", "crea", "--id", "ASST", "--nome", "A", "--telefono", "0372000000"}},
		{"--id: usa da 1 a 32", []string{"ente", "crea", "--id", lungo, "--nome", "A", "--telefono", "0372000000"}},
		{"Scrivi: nome dell'ente", []string{"ente", "crea", "--id", "a", "--nome", " ", "--telefono", "0372000000"}},
		{"120", []string{"ente", "crea", "--id", "a", "--nome", lungo, "--telefono", "0372000000"}},
		{"Scrivi un numero", []string{"ente", "crea", "--id", "a", "--nome", "A", "--telefono", "chiama"}},
		{"--regolamento: ", []string{"ente", "crea", "--id", "a", "--nome", "A", "--telefono", "0372000000", "--regolamento", "boh"}},
		{"--dal: la data va scritta AAAA-MM-GG", []string{"organigramma", "import", "x", "--dal", "domani"}},
	} {
		dice(t, "", esitoUso, c.parole, c.args...)
	}
	if f, err := os.ReadDir("."); err != nil || len(f) != 0 {
		t.Errorf("left behind: %v, %v", f, err)
	}
}

// What the library of the command line says is Italian, help of every command too.
func TestAiuto(t *testing.T) {
	inglese := regexp.MustCompile(`(?i)\b(the|and|with|of|usage|flags?|commands?|arguments?|string|run|print|folder)\b`)
	p, err := kong.New(&comandi{}, kong.Name("tutela"))
	if err != nil {
		t.Fatal(err)
	}
	percorsi := [][]string{nil}
	var scendi func(n *kong.Node, via []string)
	scendi = func(n *kong.Node, via []string) {
		for _, x := range n.Children {
			percorsi = append(percorsi, append(slices.Clone(via), x.Name))
			scendi(x, percorsi[len(percorsi)-1])
		}
	}
	scendi(p.Model.Node, nil)
	if len(percorsi) < 20 {
		t.Fatalf("only %v", percorsi)
	}
	for _, via := range percorsi {
		s, esito := prova(t, "", append(slices.Clone(via), "--help")...)
		for _, nome := range append(via, "tutela show", "regolamento show", "utente reset") {
			s = strings.ReplaceAll(s, nome, "")
		}
		if x := inglese.FindString(s); esito != 0 || !strings.HasPrefix(s, "Uso: ") || x != "" {
			t.Errorf("%v: exit code %d, %q in:\n%s", via, esito, x, s)
		}
	}
}

// A file where a folder is wanted is said to be one, by every option.
func TestFileAlPostoDiCartella(t *testing.T) {
	dove := impiantoDi(t, storetest.SQLite(t))
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{file, filepath.Join(file, "x")} {
		for _, c := range []string{"check --data", "serve --data", "demo --data", "migrate --data", "chiavi riprendi --data", "ente crea --id a --nome A --telefono 0372000000 --data"} {
			dice(t, "", esitoUso, "--data: "+f+" è un file", append(strings.Fields(c), f)...)
		}
		dice(t, "", esitoUso, "--keys: "+f+" è un file", "check", "--data", dove[1], "--keys", f)
		for opzione, c := range map[string]string{"--in": "chiavi copia --altre 0 --in", "--out": "organigramma export --out", "cartella": "chiavi sposta"} {
			dice(t, "", esitoUso, opzione+": "+f+" è un file", slices.Concat(strings.Fields(c), []string{f}, dove)...)
		}
	}
}

// The chart is written into the folder one is in only where it covers no file.
func TestEsportaOrganigramma(t *testing.T) {
	dove := impiantoDi(t, storetest.SQLite(t))
	t.Chdir(t.TempDir())
	con := func(s ...string) []string { return slices.Concat([]string{"organigramma", "export"}, s, dove) }
	dice(t, "", 0, "L'organigramma è in questa cartella.", con()...)
	if err := os.WriteFile("presidi.csv", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	dice(t, "", esitoNo, "C'è già", con()...)
	if b, err := os.ReadFile("presidi.csv"); err != nil || string(b) != "mine" {
		t.Errorf("it was written over: %s %v", b, err)
	}
	dice(t, "", 0, "L'organigramma è in ", con("--out", ".")...)
}

func TestDemoOccupata(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	dir := filepath.Join(t.TempDir(), "demo")
	dice(t, "", esitoNo, "ascolta già un altro programma", "demo", "--data", dir, "--addr", l.Addr().String())
	if esiste(dir) {
		t.Error("the data were made all the same")
	}
}

// The demonstration starts on its own data only, and whole.
func TestDemoSuAltriDati(t *testing.T) {
	b := storetest.SQLite(t)
	qui := impiantoDi(t, b)
	dir := qui[1]
	if err := os.Rename(qui[3], filepath.Join(dir, "chiavi")); err != nil {
		t.Fatal(err)
	}
	demoQui := []string{"demo", "--data", dir, "--addr", "127.0.0.1:0"}
	dice(t, "", esitoNo, "non sono i dati di una dimostrazione", demoQui...)
	i, err := apri(t.Context(), dove{Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	err = i.ambienti.SalvaEnte(t.Context(), pratica.Ente{ID: demo.EnteID, Nome: "ASST Montelago", Telefono: "800 000 000"})
	if err != nil || i.chiudi() != nil {
		t.Fatal(err)
	}
	dice(t, "", esitoNo, "rimasta a metà", demoQui...)
}

// Whatever is wrong with a person is said before anything is written.
func TestUtenteAdd(t *testing.T) {
	dove := impiantoDi(t, storetest.SQLite(t))
	dice(t, "s\n", 0, "Fatto.", append([]string{"organigramma", "import", organigrammaDemo}, dove...)...)
	const buona = "tre parole senza senso\n"
	for _, c := range []struct {
		esito                           int
		parole, utente, nome, ruolo, in string
	}{
		{esitoNo, "Manca la password", "anna", "Anna", "", ""},
		{esitoNo, "Manca la password", "anna", "Anna", "", "\r\n" + buona},
		{esitoNo, "È troppo corta", "anna", "Anna", "", "corta\n"},
		{esitoNo, "È troppo lunga", "anna", "Anna", "", strings.Repeat("tre parole ", 100_000)},
		{esitoNo, "non si possono scrivere", "anna", "Anna", "", "tre parole\x00 senza senso"},
		{esitoNo, "non si possono scrivere", "anna", "Anna", "", "tre parole\xff senza senso"},
		{esitoNo, "Non deve contenere", "anna", "Anna", "", "anna ha tre parole"},
		{esitoNo, "Usa da 3 a 64", "", "Anna", "", buona},
		{esitoNo, "Usa da 3 a 64", strings.Repeat("a", 100_000), "Anna", "", buona},
		{esitoNo, "Scrivi nome e cognome", "anna", "", "", buona},
		{esitoNo, "Scrivi nome e cognome", "anna", "Anna\nBianchi", "", buona},
		{esitoUso, "--ruolo: non c'è il ruolo «capo». Ci sono: front-office", "anna", "Anna", "capo", buona},
		{esitoUso, "scrivi urp:UNITA", "anna", "Anna", "urp", buona},
		{esitoUso, "non c'è l'unità «BOH»", "anna", "Anna", "amministratore,urp:BOH", buona},
	} {
		args := append([]string{"utente", "add", c.utente, "--nome", c.nome}, dove...)
		if c.ruolo != "" {
			args = append(args, "--ruolo", c.ruolo)
		}
		dice(t, c.in, c.esito, c.parole, args...)
		for _, x := range []string{"token", "reset"} {
			dice(t, "", esitoNo, "Questa persona non c'è", append([]string{"utente", x, "anna"}, dove...)...)
		}
	}
	dice(t, buona, 0, "Aggiunta: anna\n", append([]string{"utente", "add", "Anna", "--nome", "Anna", "--ruolo", access.Amministratore, "--ruolo", "urp:URP-SANTA-CHIARA"}, dove...)...)
	dice(t, buona, esitoNo, "Questo nome utente c'è già. Scegline un altro.\n", append([]string{"utente", "add", "anna", "--nome", "Anna"}, dove...)...)
	dice(t, buona, 0, "Non ha ancora un ruolo", append([]string{"utente", "add", "bice", "--nome", "Bice"}, dove...)...)
	dice(t, "", 0, "tut_", append([]string{"utente", "token", "anna"}, dove...)...)
	dice(t, "", 0, "Tolti i fattori e i codici di recupero di anna", append([]string{"utente", "reset", "Anna"}, dove...)...)
}

// The office's clock starts at the hour that is said, in Rome, or that it is now.
func TestParti(t *testing.T) {
	o := &orologio{}
	if err := parti(o, "2027-07-01T08:06"); err != nil {
		t.Fatal(err)
	}
	if got := o.Now().In(day.Rome).Format("2006-01-02 15:04"); got != "2027-07-01 08:06" {
		t.Errorf("it is %s", got)
	}
	adesso := o.Now()
	if err := parti(o, "2027-07-02"); err != nil {
		t.Fatal(err)
	}
	if d := o.Now().Sub(adesso); d < 23*time.Hour+59*time.Minute || d > 24*time.Hour+time.Minute {
		t.Errorf("a day after at the same hour is %v after", d)
	}
}

func TestCheckConta(t *testing.T) {
	dove := impiantoDi(t, storetest.SQLite(t))
	dice(t, "", esitoNo, ", 2 gravi.\n", append([]string{"check"}, dove...)...)
	dice(t, "", 0, "", append([]string{"chiavi", "copia", "--altre", "7"}, dove...)...) // who looks after the server makes them
	dice(t, "", esitoNo, ", 1 grave.\n", append([]string{"check"}, dove...)...)
	dice(t, "", esitoNo, "228 differenze. In vigore dal ", append([]string{"organigramma", "import", organigrammaDemo}, dove...)...) // nobody said yes
	dice(t, "s\n", 0, "Fatto.", append([]string{"organigramma", "import", organigrammaDemo}, dove...)...)
	dice(t, "", 0, ", 0 gravi.\n", append([]string{"check"}, dove...)...)
	uno := filepath.Join(t.TempDir(), "organigramma.csv")
	b, err := os.ReadFile(organigrammaDemo + "/organigramma.csv")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(uno, bytes.Join(bytes.SplitAfter(b, []byte("\n"))[:2], nil), 0o600); err != nil {
		t.Fatal(err)
	}
	dice(t, "", 0, "va bene: 1 unità, 0 relazioni, 0 sedi", "organigramma", "check", uno)
}
