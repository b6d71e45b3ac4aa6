package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/registro"
)

type ricevutaCmd struct {
	Verify ricevutaVerifyCmd `cmd:"" help:"Controlla una ricevuta senza rete: che cosa prova, o che cosa è falso."`
}

type ricevutaVerifyCmd struct {
	File            string   `arg:"" help:"La ricevuta; - per lo standard input."`
	Key             []string `required:"" help:"Chiave pubblicata del registro dell'ente, o un file che la contiene. Ripeti per averne altre." placeholder:"CHIAVE" sep:"none"`
	ChiaveTestimone []string `name:"chiave-testimone" help:"Chiave pubblicata di un testimone, o un file che la contiene. Ripeti per averne altre." placeholder:"CHIAVE" sep:"none"`
	Testimone       string   `help:"Dove un testimone, o l'ente, pubblica lo stato firmato: la ricevuta deve essere dello stesso registro." placeholder:"URL"`
	Ente            string   `help:"Dove sta l'ente, se il testimone è altrove: prova che il registro è solo cresciuto." placeholder:"URL"`
	JSON            bool     `help:"Scrive JSON."`
}

// maxRicevuta bounds what is read of a receipt, a key or a note: bytes.
const maxRicevuta = 64 << 10

// Run says what a receipt proves.
func (c *ricevutaVerifyCmd) Run(a *ambito) error {
	chiavi, err := leggiChiavi("--key", c.Key, controllaChiave)
	if err != nil {
		return err
	}
	testimoni, err := leggiChiavi("--chiave-testimone", c.ChiaveTestimone, registro.CheckWitnessKey)
	if err != nil {
		return err
	}
	b, err := leggiEntrata(a, c.File)
	if err != nil {
		return err
	}
	r, err := pratica.CheckReceipt(b, chiavi, testimoni)
	frasi := r.Frasi
	if err == nil && c.Testimone != "" {
		var dopo registro.Checkpoint
		if dopo, err = c.cresciuto(a, r.Checkpoint, chiavi, testimoni); err == nil {
			frasi = func() []string {
				return append(r.Frasi(), fmt.Sprintf("Il registro della ricevuta, di %d voci, e quello pubblicato in %s, di %d, sono lo stesso: è solo cresciuto.", r.Checkpoint.Size, c.Testimone, dopo.Size))
			}
		}
	}
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	if c.JSON {
		return errEsito(err, json.NewEncoder(a.out).Encode(esitoRicevuta(r, err)))
	}
	if err != nil {
		_, _ = fmt.Fprintln(a.out, "NON PROVATO. "+fault.Message(err))
		return &detta{err}
	}
	_, err = fmt.Fprintln(a.out, "PROVATO. "+strings.Join(frasi(), "\n")+
		"\nVale quanto la chiave con cui l'hai controllata: prendila da fuori, da un manifesto o da un'associazione.")
	return err
}

// errEsito is a negative answer that was printed, or what kept it from being so.
func errEsito(esito, stampa error) error {
	if esito != nil && stampa == nil {
		return &detta{esito}
	}
	return stampa
}

type ricevutaJSON struct {
	Provata  bool       `json:"provata"`
	Perche   string     `json:"perche,omitempty"`
	Registro string     `json:"registro,omitempty"`
	Numero   string     `json:"numero,omitempty"`
	Atto     string     `json:"atto,omitempty"`
	Istante  *time.Time `json:"istante,omitempty"`
	Voce     int64      `json:"voce,omitempty"`
	Origine  string     `json:"origine,omitempty"`
	Firmato  int64      `json:"firmatoFino,omitempty"`
	Cofirme  []string   `json:"cofirme,omitempty"`
}

func esitoRicevuta(r pratica.CheckedReceipt, err error) ricevutaJSON {
	if err != nil {
		return ricevutaJSON{Perche: fault.Message(err)}
	}
	out := ricevutaJSON{Provata: true, Registro: r.Leaf.Registro, Numero: r.Leaf.Numero, Atto: r.Leaf.Kind, Istante: &r.Leaf.Istante,
		Voce: r.Place, Origine: r.Checkpoint.Origin, Firmato: r.Checkpoint.Size}
	for _, c := range r.Cosigned {
		out.Cofirme = append(out.Cofirme, c.Name)
	}
	return out
}

// cresciuto asks for the newest state that is published, and for the proof that it goes
// on from another one: fault.Invalid when it does not, or when it is not signed.
func (c *ricevutaVerifyCmd) cresciuto(a *ambito, prima registro.Checkpoint, chiavi, testimoni []string) (registro.Checkpoint, error) {
	via := c.Testimone
	ente := c.Ente
	if ente == "" {
		ente = via
	}
	e, err := nuovaPorta(ente)
	if err != nil {
		return prima, err
	}
	nota, err := e.leggi(a, notaDi(via))
	if err != nil {
		return prima, err
	}
	dopo, err := registro.OpenCheckpoint(nota, chiavi...)
	if err != nil {
		return prima, fault.Wrap(err, fault.Invalid, "Lo stato del registro pubblicato in "+via+" non è firmato con la chiave che hai dato.")
	}
	if len(testimoni) > 0 && !slices.ContainsFunc(testimoni, func(k string) bool { return rigaDi(nota, k) != "" }) {
		return prima, fault.New(fault.Invalid, "Lo stato del registro pubblicato in "+via+" non è cofirmato dal testimone di cui hai dato la chiave.")
	}
	da, fino := prima, dopo
	if da.Size > fino.Size { // the receipt is of later than what the witness saw
		da, fino = fino, da
	}
	err = e.cresce(a, da, fino)
	if fault.Is(err, fault.Invalid) && da.Origin != fino.Origin {
		err = fault.Wrap(err, fault.Invalid, "Nel frattempo l'ente ha rimesso una copia più vecchia e ha dichiarato una nuova epoca: nel registro di ora questa ricevuta non risulta. "+
			"Portala all'ente: vale nella sua epoca, e la segnalazione va registrata di nuovo.")
	}
	return dopo, err
}

// rigaDi is a witness's own line under a note; empty: there is none.
func rigaDi(nota []byte, chiave string) string {
	_, firme, _ := strings.Cut(string(nota), "\n\n")
	for riga := range strings.Lines(firme) {
		if _, err := registro.CheckCosignature(nota, riga, chiave); err == nil {
			return riga
		}
	}
	return ""
}

// leggiChiavi reads published keys, each as it is or from a file.
func leggiChiavi(nome string, date []string, controlla func(string) error) ([]string, error) {
	var out []string
	for _, k := range date {
		if b, err := os.ReadFile(k); err == nil {
			k = string(b)
		}
		for r := range strings.FieldsSeq(k) {
			if err := controlla(r); err != nil {
				return nil, fault.New(fault.Bad, nome+": non è una chiave come è stata pubblicata, né un file che la contiene. Copiala intera: nome+impronta+chiave.")
			}
			out = append(out, r)
		}
	}
	return out, nil
}

func controllaChiave(k string) error {
	nome, _, _ := strings.Cut(k, "+")
	_, err := registro.KeyOf(k, nome)
	return err
}

func leggiEntrata(a *ambito, nome string) ([]byte, error) {
	in := a.in
	if nome != "-" {
		f, err := os.Open(nome)
		if err != nil {
			return nil, fault.Wrap(err, fault.Bad, "Non posso leggere "+nome+".")
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxRicevuta+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.Bad, "Non posso leggere "+nome+".")
	}
	return b, nil
}
