package main

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/segnatura"
)

type segnaturaCmd struct {
	Scrivi segnaturaScriviCmd `cmd:"" help:"Scrive e firma la segnatura di una pratica dell'URP, o della sua risposta."`
	Verify segnaturaVerifyCmd `cmd:"" help:"Controlla una segnatura: schema, firma, e se è di questo documento."`
}

type segnaturaScriviCmd struct {
	dove
	Pratica         string `arg:"" help:"Numero della pratica (2026/12)." placeholder:"NUMERO"`
	Verso           string `help:"ingresso: la segnalazione; uscita: l'ultima risposta." enum:"ingresso,uscita" default:"ingresso"`
	Amministrazione string `help:"Codice IPA dell'ente." required:"" placeholder:"CODICE"`
	AOO             string `name:"aoo" help:"Codice IPA dell'AOO." required:"" placeholder:"CODICE"`
	Classifica      string `help:"Codice e nome nel titolario, per esempio: 1.6.02 Reclami." required:"" placeholder:"TESTO"`
	Cert            string `help:"Certificato con cui si firma, in PEM." required:"" type:"path" placeholder:"FILE"`
	Chiave          string `help:"La sua chiave, in PEM, senza password." required:"" type:"path" placeholder:"FILE"`
	Out             string `help:"La segnatura da scrivere, che non deve esserci già." required:"" type:"path" placeholder:"FILE.xml"`
	Documento       string `help:"Scrive anche il documento, qui." type:"path" placeholder:"FILE.txt"`
}

// Run writes the segnatura, and the document that it is of.
func (c *segnaturaScriviCmd) Run(a *ambito) error {
	anno, numero, ok := pratica.LeggiNumero(c.Pratica)
	if !ok || anno == 0 {
		return fault.New(fault.Bad, "Scrivi il numero della pratica con l'anno, per esempio 2026/12.")
	}
	classifica, ok := leggiClassifica(c.Classifica)
	if !ok {
		return fault.New(fault.Bad, "--classifica: scrivi il codice e il nome, per esempio 1.6.02 Reclami.")
	}
	for _, f := range []string{c.Out, c.Documento} {
		if f != "" && esiste(f) {
			return fault.New(fault.Bad, f+" c'è già.")
		}
	}
	cert, chiave, err := leggiCertificato(c.Cert, c.Chiave)
	if err != nil {
		return err
	}
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error {
		d, err := i.servizio.DocumentoRegistrato(a, e.ID, pratica.RegistroURP, anno, numero, c.Verso)
		if err != nil {
			return err
		}
		b, err := d.Segnatura(e.Nome, pratica.Segnante{Amministrazione: c.Amministrazione, AOO: c.AOO, Classifica: classifica, Cert: cert, Chiave: chiave}, i.orologio.Now())
		if err != nil {
			return err
		}
		if c.Documento != "" {
			if err := mettiFile(c.Documento, d.Bytes.Apri()); err != nil {
				return err
			}
		}
		if err := mettiFile(c.Out, b); err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.out, "Scritta "+c.Out+". Si controlla con: tutela segnatura verify.")
		return err
	})
}

func leggiClassifica(t string) (segnatura.Classifica, bool) {
	codice, nome, ok := strings.Cut(strings.TrimSpace(t), " ")
	return segnatura.Classifica{Denominazione: strings.TrimSpace(nome), Codice: codice}, ok
}

// fileSegnatura is where the operator says, in the folder of the data, as whom the ente
// signs segnature: then who handles a case takes them from its page.
const fileSegnatura = "segnatura.json"

// segnante is what that file says; nil where there is none.
func (d dove) segnante() (*pratica.Segnante, error) {
	path := filepath.Join(d.Data, fileSegnatura)
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Non riesco a leggere "+path+".")
	}
	var x struct{ Amministrazione, AOO, Classifica, Cert, Chiave string }
	r := json.NewDecoder(bytes.NewReader(b))
	r.DisallowUnknownFields()
	if err := r.Decode(&x); err != nil || r.More() {
		return nil, fault.New(fault.Bad, path+": non si legge come JSON, o ha una voce che non c'è in docs/operations.md.")
	}
	classifica, ok := leggiClassifica(x.Classifica)
	if !ok || x.Amministrazione == "" || x.AOO == "" {
		return nil, fault.New(fault.Bad, path+": servono «amministrazione» e «aoo», i codici IPA, e «classifica», per esempio 1.6.02 Reclami.")
	}
	cert, chiave, err := leggiCertificato(x.Cert, x.Chiave)
	if err != nil {
		return nil, fault.Wrap(err, fault.Bad, path+": il certificato e la sua chiave non si leggono in PEM, o non vanno insieme.")
	}
	return &pratica.Segnante{Amministrazione: x.Amministrazione, AOO: x.AOO, Classifica: classifica, Cert: cert, Chiave: chiave}, nil
}

// leggiCertificato reads a certificate and its key.
func leggiCertificato(cert, chiave string) (*x509.Certificate, crypto.Signer, error) {
	p, err := tls.LoadX509KeyPair(cert, chiave)
	if err != nil {
		return nil, nil, fault.New(fault.Bad, "--cert, --chiave: il certificato e la sua chiave non si leggono in PEM, o non vanno insieme.")
	}
	k, ok := p.PrivateKey.(crypto.Signer)
	if !ok || p.Leaf == nil {
		return nil, nil, fault.New(fault.Bad, "--chiave: con questa chiave non si firma.")
	}
	return p.Leaf, k, nil
}

type segnaturaVerifyCmd struct {
	File      string   `arg:"" help:"La segnatura." type:"path" placeholder:"FILE.xml"`
	Documento []string `help:"Un documento che deve essere tra quelli della segnatura. Ripeti per altri." placeholder:"FILE" sep:"none"`
}

// Run says what a segnatura says, and what of it is proved: exit code 1 when something
// is not.
func (c *segnaturaVerifyCmd) Run(a *ambito) error {
	b, err := leggiFino(c.File, segnatura.MaxFile)
	if err != nil {
		return err
	}
	s, err := segnatura.Leggi(b)
	if err != nil {
		return err
	}
	dice := func(t string) { _, _ = fmt.Fprintln(a.out, strings.Map(senzaComandi, t)) }
	i := s.Identificatore
	dice(fmt.Sprintf("Registro %s, numero %s del %s; amministrazione %s, AOO %s.", i.Registro, i.Numero, i.Data, i.Amministrazione, i.AOO))
	dice("Oggetto: " + s.Oggetto)
	var no error
	for _, f := range c.Documento {
		sum, err := sommaFile(f)
		if err != nil {
			return err
		}
		trovato := ""
		for _, d := range append([]segnatura.Documento{s.Primario}, s.Allegati...) {
			if bytes.Equal(d.Impronta, sum) {
				trovato = d.Nome
			}
		}
		if trovato == "" {
			dice("NON è tra i documenti della segnatura: " + f)
			no = segnatura.ErrFirma
			continue
		}
		dice("È il documento «" + trovato + "» della segnatura: " + f)
	}
	e, err := segnatura.Verifica(b)
	if err != nil {
		dice(fault.Message(err))
		return &detta{err}
	}
	dice(fmt.Sprintf("La firma è buona: %s, %s. Il certificato vale dal %s al %s.", e.Certificato.Subject.String(), e.Ora.In(day.Rome).Format("02/01/2006 alle 15.04"),
		day.In(e.Certificato.NotBefore), day.In(e.Certificato.NotAfter)))
	dice("Se quel certificato è di chi dice di essere, e se valeva ancora, lo dice l'elenco dei certificatori: qui non lo chiediamo.")
	if no != nil {
		return &detta{no}
	}
	return nil
}

// leggiFino reads a file that must not be larger.
func leggiFino(nome string, massimo int64) ([]byte, error) {
	f, err := os.Open(nome)
	if err != nil {
		return nil, fault.Wrap(err, fault.Bad, "Non riesco a leggere "+nome+".")
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, massimo+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.Bad, "Non riesco a leggere "+nome+".")
	}
	return b, nil
}

func sommaFile(nome string) ([]byte, error) {
	f, err := os.Open(nome)
	if err != nil {
		return nil, fault.Wrap(err, fault.Bad, "Non riesco a leggere "+nome+".")
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fault.Wrap(err, fault.Bad, "Non riesco a leggere "+nome+".")
	}
	return h.Sum(nil), nil
}
