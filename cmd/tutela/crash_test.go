package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tutela/internal/document"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

// TestMain lets the test binary be the program itself, so that a test can kill a
// real server without building one.
func TestMain(m *testing.M) {
	riga := os.Getenv("TUTELA_PROVA")
	if len(os.Args) == 2 && os.Args[1] == "figlio" { // the child that opens files, which has no environment
		riga = "figlio"
	}
	if riga != "" {
		os.Exit(esegui(&ambito{context.Background(), os.Stdin, os.Stdout, os.Stderr}, strings.Split(riga, " ")))
	}
	code := m.Run()
	storetest.Ferma()
	os.Exit(code)
}

// server is the program in a process of its own.
type server struct {
	cmd  *exec.Cmd
	base string
}

// accendi starts the program; what it says is added to diario.
func accendi(t *testing.T, diario string, args ...string) *server {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "TUTELA_PROVA="+strings.Join(args, " "))
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(diario, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = f
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{cmd: c}
	righe := bufio.NewScanner(out)
	for righe.Scan() {
		_, _ = fmt.Fprintln(f, righe.Text())
		if base, ok := strings.CutPrefix(righe.Text(), "pronto "); ok {
			s.base = base
			go func() {
				for righe.Scan() {
					_, _ = fmt.Fprintln(f, righe.Text())
				}
				_ = f.Close()
			}()
			return s
		}
	}
	_ = c.Wait()
	_ = f.Close()
	b, _ := os.ReadFile(diario)
	t.Fatalf("the server did not start: %s", b[max(0, len(b)-2000):])
	return nil
}

func (s *server) uccidi() {
	_ = s.cmd.Process.Signal(syscall.SIGKILL)
	_ = s.cmd.Wait()
}

type ricevutaAPI struct {
	Numero, Codice, Chiave string
	ConFile                bool `json:"-"` // a file went with it
}

// chiedi calls the API; it gives the status, 0 when there was no answer.
func (s *server) chiedi(ctx context.Context, metodo, via, bearer string, testate map[string]string, corpo string, out any) int {
	r, err := http.NewRequestWithContext(ctx, metodo, s.base+"/api/v1"+via, strings.NewReader(corpo))
	if err != nil {
		return 0
	}
	if corpo != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	for k, v := range testate {
		r.Header.Set(k, v)
	}
	risp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer func() { _ = risp.Body.Close() }()
	b, err := io.ReadAll(risp.Body)
	if err != nil {
		return 0
	}
	if out != nil && json.Unmarshal(b, out) != nil {
		return 0
	}
	return risp.StatusCode
}

// pdfProva is the least that is taken as a PDF, in base64.
var pdfProva = base64.StdEncoding.EncodeToString([]byte("%PDF-1.7\n%%EOF\n"))

// Killed at any instant under load, the program loses no receipt that was shown,
// nor a file that came with one, and leaves no number unexplained. TUTELA_GIRI says
// how many times (make soak).
func TestUcciso(t *testing.T) {
	giri := 3
	if n, err := strconv.Atoi(os.Getenv("TUTELA_GIRI")); err == nil && n > 0 {
		giri = n
	}
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true // another installation is in its database
		ucciso(t, b.URL, giri)
	})
}

func ucciso(t *testing.T, url string, giri int) {
	var mu sync.Mutex
	var viste []ricevutaAPI
	dir := cartellaResti(t, func() any { return viste })
	diario := filepath.Join(dir, "server.log")
	comando := []string{"demo", "--data", dir, "--addr", "127.0.0.1:0"}
	if url != "" {
		comando = append(comando, "--db", url)
	}
	for giro := range giri {
		orfano(t, dir)
		s := accendi(t, diario, comando...)
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for c := range 8 {
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					r := ricevutaAPI{ConFile: (c+i)%4 == 0}
					allegati := ""
					if r.ConFile {
						allegati = `"allegati":[{"nome":"a.pdf","contenuto":"` + pdfProva + `"}],`
					}
					corpo := fmt.Sprintf(`{%s"testo":"Prova %d.%d.%d di una segnalazione sotto carico.","segnalante":{"nome":"Prova","cognome":"Carico","email":"prova@esempio.example"}}`, allegati, giro, c, i)
					if s.chiedi(ctx, "POST", "/segnalazioni", "", map[string]string{"Idempotency-Key": fmt.Sprintf("giro-%d-%d-%d", giro, c, i)}, corpo, &r) == http.StatusCreated {
						mu.Lock()
						viste = append(viste, r)
						mu.Unlock()
					}
				}
			})
		}
		time.Sleep(time.Duration(150+137*giro%1301) * time.Millisecond)
		s.uccidi()
		stop()
		wg.Wait()
	}
	if len(viste) < giri {
		t.Fatalf("only %d receipts in %d rounds", len(viste), giri)
	}
	s := accendi(t, diario, comando...)
	defer s.uccidi()
	var numeri []int
	conFile := 0
	for _, r := range viste {
		if st := s.chiedi(t.Context(), "GET", "/segnalazioni/"+r.Codice, r.Chiave, nil, "", nil); st != http.StatusOK {
			t.Errorf("receipt %s was shown and is lost: status %d", r.Numero, st)
		}
		numeri = append(numeri, coda(r.Numero))
		if r.ConFile {
			conFile++
		}
	}
	slices.Sort(numeri)
	if slices.Compact(slices.Clone(numeri))[0] != numeri[0] || len(slices.Compact(slices.Clone(numeri))) != len(numeri) {
		t.Error("a number was given twice")
	}
	i, err := apri(t.Context(), dove{Data: dir, DB: url})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = i.chiudi() }()
	controllaNumeri(t, i, numeri[len(numeri)-1])
	controllaFile(t, i, conFile)
	dove := []string{"--data", dir}
	if url != "" {
		dove = append(dove, "--db", url)
	}
	dice(t, "", 0, "Il registro è intero", append([]string{"registro", "verify"}, dove...)...)
	for _, r := range viste[:min(20, len(viste))] {
		p, err := i.servizio.Prova(t.Context(), i.ambienti.Enti()[0], r.Codice, vault.NewRiservato(r.Chiave))
		if err != nil {
			t.Fatal(err)
		}
		chiavi, err := i.servizio.Log.Published(t.Context(), i.ambienti.Enti()[0])
		if err != nil {
			t.Fatal(err)
		}
		if f, _, err := p.Verify(chiavi...); err != nil || f.Numero != r.Numero {
			t.Errorf("receipt %s does not prove its number: %+v %v", r.Numero, f, err)
		}
	}
	if !t.Failed() {
		t.Logf("%d receipts in %d rounds, %d with a file: all there", len(viste), giri, conFile)
	}
}

// cartellaResti is a folder that stays, with the receipts shown, when the test
// fails.
func cartellaResti(t *testing.T, viste func() any) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tutela-ucciso-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			_ = os.RemoveAll(dir)
			return
		}
		b, err := json.Marshal(viste())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "ricevute.json"), b, 0o600)
		}
		t.Logf("data, log and receipts are kept in %s (%v)", dir, err)
	})
	return dir
}

// orfano leaves an old file that no case has, for the sweep.
func orfano(t *testing.T, dir string) {
	t.Helper()
	b, err := document.OpenBlobs(filepath.Join(dir, "allegati"))
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Put(strings.NewReader("x"), vault.NewKey(), "prova")
	if err == nil {
		err = b.Touch(x.Address, time.Now().Add(-2*vitaFile))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// controllaFile demands every file of a case, at least as many as were shown, and
// none that is old and nobody's.
func controllaFile(t *testing.T, i *impianto, almeno int) {
	t.Helper()
	if err := i.spazzaFile(t.Context()); err != nil {
		t.Error(err)
	}
	tenuti := map[document.Address]bool{}
	if err := i.store.Attached(t.Context(), func(dove string) {
		a, err := document.ParseAddress(dove)
		if err == nil {
			err = i.blobs.Verify(a)
		}
		if err != nil {
			t.Errorf("the file %.8s of a case: %v", dove, err)
		}
		tenuti[a] = true
	}); err != nil {
		t.Error(err)
	}
	if len(tenuti) < almeno {
		t.Errorf("%d files for %d receipts that had one", len(tenuti), almeno)
	}
	n, err := i.blobs.Sweep(t.Context(), time.Now().Add(-vitaFile), func(a document.Address) bool { return tenuti[a] })
	if n != 0 || err != nil {
		t.Errorf("%d old files that no case has, %v", n, err)
	}
}

func coda(numero string) int {
	_, b, _ := strings.Cut(numero, "/")
	n, _ := strconv.Atoi(b)
	return n
}
