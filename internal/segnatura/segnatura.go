// Package segnatura writes, signs, reads and checks the segnatura of a registered
// document, as AgID's schema 3.0.0 wants it: who registered it, under which number and
// day, and the digest of its bytes.
//
// ref: dpr445-2000 art. 55
package segnatura

import (
	"encoding/base64"
	"regexp"
	"strings"

	"tutela/internal/fault"
)

// Spazio is the namespace of the schema.
const Spazio = "http://www.agid.gov.it/protocollo/"

// Segnatura is what is said of a registered document. The schema has more that nobody
// here says.
type Segnatura struct {
	Identificatore Identificatore
	Oggetto        string
	Classifica     Classifica
	Riservato      bool
	Mittente       Soggetto
	Destinatari    []Soggetto
	Primario       Documento
	Allegati       []Documento
}

// Identificatore is who registered a document, where, and under which number.
type Identificatore struct {
	Amministrazione, AOO string // codes of the IPA
	Registro, Numero     string
	Data                 string // YYYY-MM-DD
	Ora                  string // hh:mm:ss; empty: not said
}

// Classifica is the place of a document in the body's filing plan.
type Classifica struct{ Denominazione, Codice string }

// Soggetto is who sends or is sent to: a body by its code of the IPA, or somebody by a
// name alone.
type Soggetto struct {
	IPA           string // code of a public body; empty: it is none
	Denominazione string
	Nome, Cognome string // of a person
}

// Documento is a file of the message, known by its digest.
type Documento struct {
	Nome, Tipo string // file name, media type
	Impronta   []byte // SHA-256
}

var (
	codiceRegistro = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,16}$`)
	numero         = regexp.MustCompile(`^[0-9]{7,20}$`)
	data           = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`)
	ora            = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$`)
)

// Controlla says what a segnatura lacks that the schema wants.
func (s Segnatura) Controlla() error {
	i := s.Identificatore
	no := func(frase string) error { return fault.New(fault.Invalid, "La segnatura non va bene: "+frase) }
	switch {
	case i.Amministrazione == "" || i.AOO == "":
		return no("mancano i codici IPA dell'amministrazione e dell'AOO.")
	case !codiceRegistro.MatchString(i.Registro):
		return no("il codice del registro ha da 1 a 16 tra lettere, cifre, punto, trattino e _.")
	case !numero.MatchString(i.Numero):
		return no("il numero ha almeno 7 cifre.")
	case !data.MatchString(i.Data) || i.Ora != "" && !ora.MatchString(i.Ora):
		return no("la data o l'ora non si leggono.")
	case s.Oggetto == "" || s.Classifica.Denominazione == "" || s.Classifica.Codice == "":
		return no("mancano l'oggetto o la classifica.")
	case len(s.Destinatari) == 0:
		return no("manca un destinatario.")
	}
	for _, d := range append([]Documento{s.Primario}, s.Allegati...) {
		if d.Nome == "" || d.Tipo == "" || len(d.Impronta) != 32 {
			return no("a un documento mancano nome, tipo o impronta.")
		}
	}
	for _, x := range append([]Soggetto{s.Mittente}, s.Destinatari...) {
		if x.Denominazione == "" && (x.Nome == "" || x.Cognome == "") {
			return no("chi manda o chi riceve non ha un nome.")
		}
	}
	return nil
}

// Scrivi is the segnatura without a signature, which the schema wants: Firma adds it.
func (s Segnatura) Scrivi() ([]byte, error) {
	if err := s.Controlla(); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString(`<prot:SegnaturaInformatica xmlns:prot="` + Spazio + `" prot:lang="it" prot:versione="3.0.0"><prot:Intestazione><prot:Identificatore>`)
	i := s.Identificatore
	metti(&b, "CodiceAmministrazione", i.Amministrazione)
	metti(&b, "CodiceAOO", i.AOO)
	metti(&b, "CodiceRegistro", i.Registro)
	metti(&b, "NumeroRegistrazione", i.Numero)
	metti(&b, "DataRegistrazione", i.Data)
	if i.Ora != "" {
		metti(&b, "OraRegistrazione", i.Ora)
	}
	b.WriteString("</prot:Identificatore>")
	metti(&b, "Oggetto", s.Oggetto)
	b.WriteString("<prot:Classifica>")
	metti(&b, "Denominazione", s.Classifica.Denominazione)
	metti(&b, "CodiceFlat", s.Classifica.Codice)
	b.WriteString("</prot:Classifica>")
	if s.Riservato {
		metti(&b, "Riservato", "true")
	}
	b.WriteString("</prot:Intestazione><prot:Descrizione><prot:Mittente>")
	s.Mittente.scrivi(&b)
	b.WriteString("</prot:Mittente>")
	for _, d := range s.Destinatari {
		b.WriteString(`<prot:Destinatario prot:confermaRicezione="false">`)
		d.scrivi(&b)
		b.WriteString("</prot:Destinatario>")
	}
	s.Primario.scrivi(&b, "DocumentoPrimario")
	for _, d := range s.Allegati {
		d.scrivi(&b, "Allegato")
	}
	b.WriteString("</prot:Descrizione></prot:SegnaturaInformatica>")
	return []byte(b.String()), nil
}

func metti(b *strings.Builder, nome, valore string) {
	b.WriteString("<prot:" + nome + ">" + testo(valore) + "</prot:" + nome + ">")
}

func (s Soggetto) scrivi(b *strings.Builder) {
	switch {
	case s.IPA != "":
		b.WriteString("<prot:Amministrazione>")
		metti(b, "DenominazioneAmministrazione", s.Denominazione)
		metti(b, "CodiceIPAAmministrazione", s.IPA)
		b.WriteString("</prot:Amministrazione>")
	case s.Denominazione != "":
		b.WriteString("<prot:PersonaGiuridica>")
		metti(b, "Denominazione", s.Denominazione)
		b.WriteString("</prot:PersonaGiuridica>")
	default:
		b.WriteString("<prot:PersonaFisica>")
		metti(b, "Nome", s.Nome)
		metti(b, "Cognome", s.Cognome)
		b.WriteString("</prot:PersonaFisica>")
	}
}

func (d Documento) scrivi(b *strings.Builder, come string) {
	b.WriteString("<prot:" + come + ` prot:mimeType="` + attributo(d.Tipo) + `" prot:nomeFile="` + attributo(d.Nome) + `"><prot:Impronta prot:algoritmo="SHA-256">` +
		base64.StdEncoding.EncodeToString(d.Impronta) + "</prot:Impronta></prot:" + come + ">")
}
