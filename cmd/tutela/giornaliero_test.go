package main

import (
	"archive/zip"
	"path/filepath"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
)

// What goes on by itself makes the register of a day that is over; the command hands
// some days over to be preserved, and says what it was not told or what is not there.
func TestRegistroGiornaliero(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		b.Manomesso = true // another installation is in its database
		dove := impiantoDi(t, b)
		con := func(args ...string) []string { return append(args, dove...) }
		dice(t, "", 0, "Fatto", con("organigramma", "import", organigrammaDemo, "--si")...)
		i, err := apri(t.Context(), doveDi(dove[1]).con(dove[3], b.URL))
		if err != nil {
			t.Fatal(err)
		}
		r, err := i.servizio.Registra(t.Context(), access.Cittadino("asst", "web"), pratica.Nuova{Canale: "web", Segnalazione: pratica.Chiudi(pratica.Segnalazione{
			Testo: "Mancano le panchine.", Segnalante: &pratica.Persona{Nome: "Ilaria", Cognome: "Brambati", Email: "ilaria@esempio.example"}})})
		if err != nil {
			t.Fatal(err)
		}
		i.orologio.metti(i.orologio.Now().Add(48 * time.Hour))
		if err := i.chiudiGiorni(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := i.chiudi(); err != nil {
			t.Fatal(err)
		}
		giorno := day.In(r.Ricevuta)
		dir := filepath.Join(t.TempDir(), "conservazione")
		fai := func(dal, al day.Date, altro ...string) []string {
			return con(append([]string{"registro", "giornaliero", "--export", dir, "--dal", dal.String(), "--al", al.String()}, altro...)...)
		}
		dice(t, "", 0, "1 registro giornaliero", fai(giorno.Add(-3), giorno)...)
		z, err := zip.OpenReader(filepath.Join(dir, pratica.NomePacchetto("urp", giorno.Add(-3), giorno)))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = z.Close() }()
		if len(z.File) != 5 {
			t.Errorf("%d files", len(z.File))
		}
		dice(t, "", 1, "non c'è nessun registro giornaliero", fai(giorno.Add(-9), giorno.Add(-5))...)
		dice(t, "", 1, "non c'è nessun registro giornaliero", fai(giorno, giorno, "--registro", "upt")...)
		dice(t, "", 2, "--dal e --al", fai(giorno, giorno.Add(-1))...)
		dice(t, "", 0, "Il registro è intero", con("registro", "verify")...)
	})
}
