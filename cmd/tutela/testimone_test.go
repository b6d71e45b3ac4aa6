package main

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tutela/internal/api"
	"tutela/internal/registro"
	"tutela/internal/store/storetest"
)

// veglia is a witness at work on an ente.
type veglia struct {
	*enteVivo
	pubblica, chiave, stato string
	davanti                 func(http.ResponseWriter, *http.Request) bool // answers instead of the ente
}

func nuovaVeglia(t *testing.T, nome string) *veglia {
	t.Helper()
	v := &veglia{enteVivo: nuovoEnte(t, storetest.SQLite(t))}
	vero := api.New(api.Config{Servizio: v.b.Servizio, Ente: v.b.Ente})
	v.srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v.davanti == nil || !v.davanti(w, r) {
			vero.ServeHTTP(w, r)
		}
	})
	v.chiave, v.stato = filepath.Join(v.dir, "testimone.key"), filepath.Join(v.dir, "montelago.nota")
	s, code := prova(t, "", "testimone", "chiave", nome, "--file", v.chiave)
	if code != 0 {
		t.Fatal(s)
	}
	v.pubblica = strings.TrimSpace(s)
	amb := *v.b.Ambiente
	amb.Testimoni = []string{v.pubblica}
	v.b.Ambiente = &amb
	prima := attesePorta
	attesePorta = []time.Duration{time.Millisecond, time.Millisecond}
	t.Cleanup(func() { attesePorta = prima })
	return v
}

// guarda demands what one look says.
func (v *veglia) guarda(esito int, parole string, altro ...string) {
	v.t.Helper()
	dice(v.t, "", esito, parole, append([]string{"testimone", "osserva", "--ente", v.srv.URL, "--key", v.enteVivo.chiave, "--chiave", v.chiave, "--stato", v.stato}, altro...)...)
}

// visto demands up to where the witness has seen, and whether under it stands its line.
func (v *veglia) visto(n int64, cofirmato bool) []byte {
	v.t.Helper()
	b, err := os.ReadFile(v.stato)
	if err != nil {
		v.t.Fatal(err)
	}
	c, err := registro.OpenCheckpoint(b, v.enteVivo.chiave)
	if err != nil || c.Size != n || (rigaDi(b, v.pubblica) != "") != cofirmato {
		v.t.Errorf("kept: %d leaves, want %d, co-signed %v: %v\n%s", c.Size, n, cofirmato, err, b)
	}
	return b
}

// conservati are the files with what was seen and what was shown.
func (v *veglia) conservati() []string {
	v.t.Helper()
	var out []string
	for _, k := range []string{"visto", "mostrato"} {
		ff, err := filepath.Glob(v.stato + "." + k + "-*")
		if err != nil || len(ff) != 1 {
			v.t.Fatalf("%s: %q %v", k, ff, err)
		}
		out = append(out, ff[0])
	}
	return out
}

func (v *veglia) testimoniato() (int64, int) {
	v.t.Helper()
	x, err := v.b.Servizio.PublicLog(v.t.Context(), v.b.Ente)
	if err != nil {
		v.t.Fatal(err)
	}
	return x.Agreed, x.How
}

// A log that only grows is kept and co-signed as it goes, however often one looks and
// whatever the network does.
func TestTestimone(t *testing.T) {
	v := nuovaVeglia(t, "associazione.example")
	if f, err := os.Stat(v.chiave); err != nil || f.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", f, err)
	}
	dice(t, "", 1, "c'è già", "testimone", "chiave", "altro.example", "--file", v.chiave)
	dice(t, "", 2, "NOME", "testimone", "chiave", "due parole", "--file", v.chiave+"2")

	v.registra(3)
	v.guarda(0, "Visto per la prima volta: tutela/registro/montelago/1 fino alla voce n. 3")
	v.visto(3, true)
	v.guarda(0, "fermo alla voce n. 3")
	v.registra(4)
	v.guarda(0, "Da 3 a 7 voci")
	v.visto(7, true)
	if n, how := v.testimoniato(); n != 7 || how != 1 {
		t.Errorf("witnessed up to %d by %d", n, how)
	}

	// The network: errors, a page that is no note, silence. Nothing is kept of it.
	v.registra(1)
	guasti := 0
	v.davanti = func(w http.ResponseWriter, _ *http.Request) bool {
		guasti++
		switch guasti {
		case 1:
			w.WriteHeader(http.StatusBadGateway)
		case 2:
			_, _ = w.Write([]byte("<h1>Accesso alla rete</h1>"))
		}
		return guasti <= 2
	}
	v.guarda(0, "Da 7 a 8 voci")
	v.davanti = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte(`{"detail":"Torno\u001b[2J\u0007 subito."}`))
		return true
	}
	v.guarda(1, "risponde 502. Torno[2J subito.")
	v.visto(8, true)

	// Another machine of the ente's, which is behind.
	v.davanti = nil
	vecchia := v.nota(7)
	v.davanti = mostra(vecchia)
	v.guarda(1, "più vecchio di quello che hai")
	v.visto(8, true)

	// Who is not listed keeps the state all the same.
	v.davanti = nil
	v.registra(1)
	elenco := v.b.Ambiente.Testimoni
	v.b.Ambiente.Testimoni = nil
	v.guarda(1, "Mandagli la tua chiave pubblica: associazione.example+")
	v.visto(9, false)
	v.b.Ambiente.Testimoni = elenco
	v.guarda(0, "cofirmato")
	v.visto(9, true)

	for _, x := range [][]string{{"--ente", "boh"}, {"--key", "boh"}, {"--chiave", v.dir + "/assente"}, {"--chiave", v.stato}, {"--stato", v.dir + "/non/c'è"}, {"--ogni", "1s"}} {
		v.guarda(2, "", x...)
	}
	if err := os.WriteFile(v.stato, []byte("rovinato"), 0o600); err != nil {
		t.Fatal(err)
	}
	v.guarda(1, "non è uno stato firmato con la chiave")
}

// Killed after it kept a state and before, or after, the ente had its line: the next
// look ends what was begun.
func TestTestimoneUcciso(t *testing.T) {
	for _, arrivata := range []bool{false, true} {
		v := nuovaVeglia(t, "associazione.example")
		v.registra(3)
		ctx, uccidi := context.WithCancel(t.Context())
		vero := api.New(api.Config{Servizio: v.b.Servizio, Ente: v.b.Ente})
		v.davanti = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			if arrivata {
				vero.ServeHTTP(httptest.NewRecorder(), r)
			}
			_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that who called is gone
			uccidi()
			<-r.Context().Done()
			return true
		}
		code := esegui(&ambito{ctx, strings.NewReader(""), t.Output(), t.Output()}, []string{"testimone", "osserva", "--ente", v.srv.URL, "--key", v.enteVivo.chiave,
			"--chiave", v.chiave, "--stato", v.stato})
		if code != 1 {
			t.Errorf("killed: exit code %d", code)
		}
		v.visto(3, false)
		v.davanti = nil
		v.guarda(0, "cofirmato")
		v.visto(3, true)
		if n, how := v.testimoniato(); n != 3 || how != 1 {
			t.Errorf("witnessed up to %d by %d", n, how)
		}
	}
}

// nota is the state of so many leaves, as the ente signed it.
func (v *veglia) nota(n int64) []byte {
	v.t.Helper()
	b, err := v.b.Servizio.Checkpoint(v.t.Context(), v.b.Ente, n)
	if err != nil {
		v.t.Fatal(err)
	}
	return b
}

// mostra shows a state that is not the newest.
func mostra(nota []byte) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/checkpoint") {
			return false
		}
		_, _ = w.Write(nota)
		return true
	}
}

// firma signs a state with the ente's own key, or with another.
func (v *veglia) firma(c registro.Checkpoint, chiave ed25519.PrivateKey) []byte {
	v.t.Helper()
	if chiave == nil {
		kk, err := v.b.Chiavi.LogKeys(v.t.Context(), v.b.Ente)
		if err != nil {
			v.t.Fatal(err)
		}
		chiave = kk[0]
	}
	b, err := c.Sign(chiave)
	if err != nil {
		v.t.Fatal(err)
	}
	return b
}

// An ente that shows a state which is not signed with its key, or one of an earlier
// epoch, or a new epoch that nobody accepted, is refused; both states are kept.
func TestTestimoneRifiuta(t *testing.T) {
	_, altra, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	origine := func(epoca int) string { return registro.Origin(storetest.Ente, epoca) }
	for nome, x := range map[string]struct {
		nota   func(v *veglia) []byte
		parole string
	}{
		"another key":      {func(v *veglia) []byte { return v.firma(registro.Checkpoint{Origin: origine(1), Size: 9}, altra) }, "non è firmato con la chiave che hai"},
		"a fork":           {func(v *veglia) []byte { return v.firma(registro.Checkpoint{Origin: origine(1), Size: 3}, nil) }, "si contraddicono"},
		"a fork that grew": {func(v *veglia) []byte { return v.firma(registro.Checkpoint{Origin: origine(1), Size: 5}, nil) }, "si contraddicono"},
		"more than it has": {func(v *veglia) []byte { return v.firma(registro.Checkpoint{Origin: origine(1), Size: 50}, nil) }, "non sa provare"},
		"less, and other":  {func(v *veglia) []byte { return v.firma(registro.Checkpoint{Origin: origine(1), Size: 2}, nil) }, "è tornato indietro"},
		"a new epoch":      {func(v *veglia) []byte { return v.firma(registro.Checkpoint{Origin: origine(2), Size: 3}, nil) }, "ripeti con --accetta-epoca 2"},
	} {
		t.Run(nome, func(t *testing.T) {
			v := nuovaVeglia(t, "associazione.example")
			v.registra(3)
			v.guarda(0, "prima volta")
			v.registra(2)
			v.davanti = mostra(x.nota(v))
			for range 2 {
				v.guarda(1, x.parole)
				v.guarda(1, "RIFIUTATO. ")
				v.visto(3, true)
			}
			v.guarda(1, x.parole, "--ogni", "1h") // nor does it go on
			ff := v.conservati()
			if b, err := os.ReadFile(ff[1]); err != nil || string(b) != string(x.nota(v)) {
				t.Errorf("what was shown is not kept: %v", err)
			}
			v.davanti = nil
			v.guarda(0, "Da 3 a 5 voci") // a passing attack on the way, and not the ente
		})
	}
}

// An epoch that a person accepted is followed; the one before is not believed again.
func TestTestimoneEpoca(t *testing.T) {
	v := nuovaVeglia(t, "associazione.example")
	v.registra(5)
	v.guarda(0, "prima volta")
	tre := registro.Checkpoint{Origin: registro.Origin(v.b.Ente, 2), Size: 3}
	presa := ""
	nuova := v.firma(tre, nil)
	v.davanti = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			presa = r.URL.Path
			_, _ = w.Write([]byte("{}"))
			return true
		}
		return mostra(nuova)(w, r)
	}
	v.guarda(1, "--accetta-epoca 2")
	v.guarda(1, "--accetta-epoca 2", "--accetta-epoca", "3")
	v.guarda(0, "Accettata l'epoca 2: prima avevi visto 5 voci", "--accetta-epoca", "2")
	if v.visto(3, true); presa == "" {
		t.Error("not delivered")
	}
	v.conservati()
	v.davanti = nil
	v.guarda(1, "l'epoca 1, e hai già visto la 2")
}

// An ente put back as it was, keys and all, and that then takes other cases: two
// histories of one log, each signed. The witness has the proof.
func TestTestimoneRipristinoTaciuto(t *testing.T) {
	v := nuovaVeglia(t, "associazione.example")
	v.registra(3)
	v.guarda(0, "prima volta")
	tre := v.visto(3, true)
	db := v.apri("tutela.db")
	var n int64
	var bordo []byte
	if err := db.QueryRow(`select n, bordo from log_testa`).Scan(&n, &bordo); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	v.registra(4)
	v.guarda(0, "Da 3 a 7 voci")
	sette := v.visto(7, true)

	// Back to three.
	for _, q := range []string{`delete from log_checkpoint where n > 3`, `delete from log_cofirme where n > 3`} {
		v.esegui(db, q)
	}
	v.esegui(db, `delete from log_hash where idx >= $1`, tlog.StoredHashCount(3))
	v.esegui(db, `update log_testa set n = 3, bordo = $1`, bordo)
	v.esegui(v.apri("chiavi/chiavi.db"), `delete from stato_log`)
	v.b.Servizio.Log = &registro.Log{Arch: v.b.Store, Keys: v.b.Chiavi, Now: v.b.Orologio.Now}
	v.guarda(1, "è tornato indietro: ne hai visto 7 voci, e l'ente ne mostra 3")

	// It goes on from there.
	v.registra(4)
	v.guarda(1, "si contraddicono")
	v.visto(7, true)
	altra := v.file("altra.nota", string(v.nota(7)))
	dice(t, "", 1, "PROVATO: l'ente ha firmato due registri diversi di 7 voci", "testimone", "confronta", v.stato, altra, "--key", v.enteVivo.chiave)
	v.registra(2)
	v.guarda(1, "si contraddicono")
	nove := v.file("nove.nota", string(v.nota(9)))
	dice(t, "", 1, "CONTRADDIZIONE", "testimone", "confronta", nove, v.file("sette.nota", string(sette)), "--key", v.enteVivo.chiave, "--ente", v.srv.URL)
	dice(t, "", 0, "Da soli non bastano", "testimone", "confronta", nove, v.stato, "--key", v.enteVivo.chiave)
	dice(t, "", 0, "è solo cresciuto", "testimone", "confronta", nove, v.file("tre.nota", string(tre)), "--key", v.enteVivo.chiave, "--ente", v.srv.URL)
	dice(t, "", 0, "lo stesso stato", "testimone", "confronta", v.stato, v.stato, "--key", v.enteVivo.chiave)
	due := v.file("due.nota", string(v.firma(registro.Checkpoint{Origin: registro.Origin(v.b.Ente, 2), Size: 3}, nil)))
	dice(t, "", 0, "epoche diverse", "testimone", "confronta", v.stato, due, "--key", v.enteVivo.chiave)
	dice(t, "", 2, "non prova nulla", "testimone", "confronta", v.stato, v.chiave, "--key", v.enteVivo.chiave)
}

// apri opens a file of the ente's behind its back.
func (v *veglia) apri(nome string) *sql.DB {
	v.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(v.b.Dir, nome))
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = db.Close() })
	return db
}

func (v *veglia) esegui(db *sql.DB, q string, args ...any) {
	v.t.Helper()
	if _, err := db.ExecContext(v.t.Context(), q, args...); err != nil {
		v.t.Fatal(q, err)
	}
}
