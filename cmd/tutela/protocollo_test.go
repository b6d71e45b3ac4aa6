package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tutela/internal/day"
	"tutela/internal/protocollo"
	"tutela/internal/store/storetest"
)

// A program that is killed when the ente's protocol has given the number, and nobody has
// stored it yet, asks again when it is back: one number.
func TestProtocolloUcciso(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true // another installation is in its database
		dir := t.TempDir()
		posto := dove{Data: dir, DB: b.URL}
		dove := []string{"--data", dir}
		if b.URL != "" {
			dove = append(dove, "--db", b.URL)
		}
		dice(t, "", 0, "Creato", append([]string{"ente", "crea", "--id", "prova", "--nome", "Prova", "--telefono", "0372000000"}, dove...)...)
		p, err := protocollo.ApriProva(filepath.Join(t.TempDir(), "numeri.json"), "tok", func() day.Date { return day.In(time.Now()) })
		if err != nil {
			t.Fatal(err)
		}
		var morti atomic.Int64
		vivi, caduto := make(chan *server, 3), make(chan struct{}, 3)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.ServeHTTP(w, r) // the answer is in a buffer still
			if morti.Add(1) <= 2 {
				_ = (<-vivi).cmd.Process.Kill()
				caduto <- struct{}{}
			}
		}))
		defer s.Close()
		file := filepath.Join(dir, fileProtocollo)
		if err := os.WriteFile(file, []byte(`{"indirizzo":"`+s.URL+`","token":"tok","reti":["127.0.0.0/8"]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		serve := append([]string{"serve", "--addr", "127.0.0.1:0"}, dove...)
		diario := filepath.Join(t.TempDir(), "diario")
		x := accendi(t, diario, serve...)
		vivi <- x
		var r ricevutaAPI
		x.chiedi(t.Context(), "POST", "/segnalazioni", "", map[string]string{"Idempotency-Key": "una-volta-sola"}, `{"testo":"Ho aspettato sei ore."}`, &r)
		for range 2 {
			<-caduto
			_ = x.cmd.Wait()
			x = accendi(t, diario, serve...)
			vivi <- x
		}
		defer x.uccidi()
		i, err := apri(t.Context(), posto)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = i.chiudi() }()
		for fine := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			salute, err := i.store.SaluteProtocollo(t.Context(), "prova")
			if err != nil {
				t.Fatal(err)
			}
			if salute.Attendono == 0 {
				break
			}
			if time.Now().After(fine) {
				t.Fatalf("it still waits: %+v", salute)
			}
		}
		if len(p.Tutte()) != 1 || morti.Load() != 3 {
			t.Errorf("%d numbers, asked for %d times", len(p.Tutte()), morti.Load())
		}
		dice(t, "", esitoNo, "Protocollo dell'ente. Ultimo numero arrivato", append([]string{"check"}, dove...)...)
		dice(t, "", 0, "Il registro è intero", append([]string{"registro", "verify"}, dove...)...)
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
		dice(t, "", esitoUso, "600", append([]string{"check"}, dove...)...)
	})
}
