package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/registro"
	"tutela/internal/vault"
)

type fascicoloCmd struct {
	Export fascicoloExportCmd `cmd:"" help:"Scrive una pratica dell'URP come pacco che si verifica da solo: per l'UPT, il Difensore, un giudice."`
	Verify fascicoloVerifyCmd `cmd:"" help:"Controlla un pacco senza il server: atti, parole, documenti, prove."`
}

type fascicoloExportCmd struct {
	dove
	Pratica string `arg:"" help:"Numero (2026/12) o identificativo della pratica." placeholder:"NUMERO"`
	Out     string `help:"Il file da scrivere, che non deve esserci già." required:"" type:"path" placeholder:"FILE.zip"`
}

// Run writes the package. Half a package is none.
func (c *fascicoloExportCmd) Run(a *ambito) error {
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error { return c.esporta(a, i, e) })
}

func (c *fascicoloExportCmd) esporta(a *ambito, i *impianto, e *pratica.Ente) error {
	id, err := vault.ParseID(c.Pratica)
	if err != nil {
		anno, numero, ok := pratica.LeggiNumero(c.Pratica)
		if !ok || anno == 0 {
			return fault.New(fault.Bad, "Scrivi il numero della pratica con l'anno, per esempio 2026/12, o il suo identificativo.")
		}
		h, err := i.store.PerNumero(a, e.ID, pratica.RegistroURP, anno, numero)
		if err != nil {
			return err
		}
		id = h.ID
	}
	if esiste(c.Out) {
		return fault.New(fault.Bad, "--out: "+c.Out+" c'è già.")
	}
	f, err := os.CreateTemp(filepath.Dir(c.Out), ".fascicolo-*")
	if err != nil {
		return fault.Wrap(err, fault.Bad, "--out: non posso scrivere in "+filepath.Dir(c.Out)+".")
	}
	err = i.servizio.EsportaFascicolo(a, access.Sistema(e.ID), id, e.Nome, f, func(w io.Writer, d pratica.FileVisto) error {
		dove, err := document.ParseAddress(d.Dove)
		if err == nil {
			_, err = i.blobs.Read(w, dove, d.ChiaveFile(), pratica.ContestoFile(d.Ente, d.Pratica, d.ID))
		}
		return err
	})
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), c.Out)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	_, err = fmt.Fprintln(a.out, "Scritto "+c.Out+". Contiene dati personali: consegnalo solo a chi ne ha diritto. Si controlla con: tutela fascicolo verify.")
	return err
}

type fascicoloVerifyCmd struct {
	File string   `arg:"" help:"Il pacco." type:"path" placeholder:"FILE.zip"`
	Key  []string `required:"" help:"Chiave pubblicata del registro dell'ente, o un file che la contiene. Ripeti per averne altre." placeholder:"CHIAVE" sep:"none"`
}

// Run checks a package and says what it proves, or which part is false.
func (c *fascicoloVerifyCmd) Run(a *ambito) error {
	chiavi, err := leggiChiavi("--key", c.Key, controllaChiave)
	if err != nil {
		return err
	}
	z, err := zip.OpenReader(c.File)
	if err != nil {
		return fault.Wrap(err, fault.Bad, "Non riesco ad aprire "+c.File+" come pacco ZIP.")
	}
	defer func() { _ = z.Close() }()
	x, err := pratica.VerificaFascicolo(&z.Reader, chiavi...)
	if f := (*registro.Finding)(nil); errors.As(err, &f) {
		_, _ = fmt.Fprintln(a.out, "Il fascicolo NON è valido. La prima cosa che non torna:\n"+f.Text)
		return &detta{err}
	}
	if err != nil {
		return err
	}
	taciuti := ""
	if x.Taciuti > 0 {
		taciuti = fmt.Sprintf("Mancano le parole di %s: chi l'ha consegnato non le legge.\n", i18n.Plural(x.Taciuti, "contenuto", "contenuti"))
	}
	_, err = fmt.Fprintf(a.out, "Il fascicolo è valido: pratica %s, %s e %s, nel registro %s firmato a %d foglie.\n%sNon sono provati il nome dell'ente (%s), quello dei documenti e il giorno della copia (%s): li dice chi lo consegna.\n",
		x.Numero, i18n.Plural(len(x.Atti), "atto", "atti"), i18n.Plural(x.Documenti, "documento", "documenti"), x.Checkpoint.Origin, x.Checkpoint.Size,
		taciuti, x.Nome, x.Creato.In(day.Rome).Format("02/01/2006, ore 15.04"))
	return err
}
