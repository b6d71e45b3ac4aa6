package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tutela/internal/store/storetest"
)

// TestMain lets the test binary be the program itself, so that a test can kill a
// real server without building one.
func TestMain(m *testing.M) {
	if riga := os.Getenv("TUTELA_PROVA"); riga != "" {
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

func accendi(t *testing.T, args ...string) *server {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "TUTELA_PROVA="+strings.Join(args, " "))
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errori bytes.Buffer
	c.Stderr = &errori
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{cmd: c}
	righe := bufio.NewScanner(out)
	for righe.Scan() {
		if base, ok := strings.CutPrefix(righe.Text(), "pronto "); ok {
			s.base = base
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s
		}
	}
	_ = c.Wait()
	t.Fatalf("the server did not start: %s", errori.String())
	return nil
}

func (s *server) uccidi() {
	_ = s.cmd.Process.Signal(syscall.SIGKILL)
	_ = s.cmd.Wait()
}

type ricevutaAPI struct {
	Numero, Codice, Chiave string
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

// Killed at any instant under load, the program loses no receipt that was shown
// and leaves no number unexplained. TUTELA_GIRI says how many times (make soak).
func TestUcciso(t *testing.T) {
	giri := 3
	if n, err := strconv.Atoi(os.Getenv("TUTELA_GIRI")); err == nil {
		giri = n
	}
	dir := t.TempDir()
	comando := []string{"demo", "--data", dir, "--addr", "127.0.0.1:0"}
	var mu sync.Mutex
	var viste []ricevutaAPI
	for giro := range giri {
		s := accendi(t, comando...)
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for c := range 8 {
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					var r ricevutaAPI
					corpo := fmt.Sprintf(`{"testo":"Prova %d.%d.%d di una segnalazione sotto carico.","segnalante":{"nome":"Prova","cognome":"Carico","email":"prova@esempio.example"}}`, giro, c, i)
					if s.chiedi(ctx, "POST", "/segnalazioni", "", map[string]string{"Idempotency-Key": fmt.Sprintf("giro-%d-%d-%d", giro, c, i)}, corpo, &r) == http.StatusCreated {
						mu.Lock()
						viste = append(viste, r)
						mu.Unlock()
					}
				}
			})
		}
		time.Sleep(time.Duration(300+137*(giro%7)) * time.Millisecond)
		s.uccidi()
		stop()
		wg.Wait()
	}
	if len(viste) < giri {
		t.Fatalf("only %d receipts in %d rounds", len(viste), giri)
	}
	s := accendi(t, comando...)
	defer s.uccidi()
	var numeri []int
	for _, r := range viste {
		if st := s.chiedi(t.Context(), "GET", "/segnalazioni/"+r.Codice, r.Chiave, nil, "", nil); st != http.StatusOK {
			t.Errorf("receipt %s was shown and is lost: status %d", r.Numero, st)
		}
		numeri = append(numeri, coda(r.Numero))
	}
	slices.Sort(numeri)
	if slices.Compact(slices.Clone(numeri))[0] != numeri[0] || len(slices.Compact(slices.Clone(numeri))) != len(numeri) {
		t.Error("a number was given twice")
	}
	controllaNumeri(t, dir, numeri[len(numeri)-1])
	t.Logf("%d receipts in %d rounds, all there", len(viste), giri)
}

func coda(numero string) int {
	_, b, _ := strings.Cut(numero, "/")
	n, _ := strconv.Atoi(b)
	return n
}
