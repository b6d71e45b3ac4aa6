package main

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
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
	codice, nome, ok := strings.Cut(strings.TrimSpace(c.Classifica), " ")
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
		s, err := c.segnatura(d, e)
		if err != nil {
			return err
		}
		s.Classifica = segnatura.Classifica{Denominazione: strings.TrimSpace(nome), Codice: codice}
		b, err := s.Scrivi()
		if err != nil {
			return err
		}
		if b, err = segnatura.Firma(b, cert, chiave, i.orologio.Now()); err != nil {
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

// segnatura says of a document what registers say. Who reported has no name in it: the
// number of the case stands there.
func (c *segnaturaScriviCmd) segnatura(d pratica.DocumentoRegistrato, e *pratica.Ente) (segnatura.Segnatura, error) {
	h, il := d.Testa, d.Atto.Il.In(day.Rome)
	noi := segnatura.Soggetto{IPA: c.Amministrazione, Denominazione: e.Nome}
	lui := segnatura.Soggetto{Nome: "Segnalante", Cognome: h.NumeroScritto()}
	sum := sha256.Sum256(d.Bytes.Apri())
	s := segnatura.Segnatura{Riservato: true, Oggetto: "Segnalazione n. " + h.NumeroScritto(), Mittente: lui, Destinatari: []segnatura.Soggetto{noi},
		Identificatore: segnatura.Identificatore{Amministrazione: c.Amministrazione, AOO: c.AOO, Registro: strings.ToUpper(h.Registro), Numero: fmt.Sprintf("%07d", h.Numero),
			Data: il.Format("2006-01-02"), Ora: il.Format("15:04:05")},
		Primario: segnatura.Documento{Nome: "documento.txt", Tipo: "text/plain; charset=utf-8", Impronta: sum[:]}}
	for n, f := range d.Allegati {
		s.Allegati = append(s.Allegati, segnatura.Documento{Nome: fmt.Sprintf("allegato-%d", n+1), Tipo: f.Tipo, Impronta: f.Impronta[:]})
	}
	if c.Verso == pratica.VersoUscita { // our register numbers cases: an answer has no number of its own there
		if d.Numero == nil {
			return s, fault.New(fault.NotFound, "La risposta non ha ancora il numero del protocollo dell'ente: senza, non ha una segnatura.")
		}
		s.Oggetto, s.Mittente, s.Destinatari = "Risposta alla segnalazione n. "+h.NumeroScritto(), noi, []segnatura.Soggetto{lui}
		s.Identificatore = segnatura.Identificatore{Amministrazione: c.Amministrazione, AOO: c.AOO, Registro: d.Numero.Registro, Numero: d.Numero.Cifre(), Data: d.Numero.Data.String()}
	}
	return s, nil
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
