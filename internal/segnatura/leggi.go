package segnatura

import (
	"encoding/base64"
	"strings"

	"tutela/internal/fault"
)

// errSegnatura is of XML that is no segnatura of this schema.
var errSegnatura = fault.New(fault.Invalid, "Il file non è una segnatura secondo lo schema 3.0.0 dell'AgID.")

// Leggi reads a segnatura, signed or not. What it does not know of the schema it passes
// over.
func Leggi(b []byte) (Segnatura, error) {
	r, err := leggiAlbero(b)
	if err != nil {
		return Segnatura{}, err
	}
	return leggi(r)
}

func leggi(r *nodo) (Segnatura, error) {
	if r.spazio != Spazio || r.nome != "SegnaturaInformatica" || r.attributo("versione") != "3.0.0" {
		return Segnatura{}, errSegnatura
	}
	in, de := r.figlio(Spazio, "Intestazione"), r.figlio(Spazio, "Descrizione")
	id, cl := in.uno("Identificatore"), in.uno("Classifica")
	s := Segnatura{Oggetto: in.uno("Oggetto").valore(),
		Identificatore: Identificatore{Amministrazione: id.uno("CodiceAmministrazione").valore(), AOO: id.uno("CodiceAOO").valore(), Registro: id.uno("CodiceRegistro").valore(),
			Numero: id.uno("NumeroRegistrazione").valore(), Data: id.uno("DataRegistrazione").valore(), Ora: id.uno("OraRegistrazione").valore()},
		Classifica: Classifica{cl.uno("Denominazione").valore(), cl.uno("CodiceFlat").valore()},
		Mittente:   soggetto(de.uno("Mittente"))}
	if cl.uno("CodicePath") != nil {
		s.Classifica.Codice = percorso(cl.uno("CodicePath"), 0)
	}
	v := strings.TrimSpace(in.uno("Riservato").valore())
	s.Riservato = v == "true" || v == "1"
	for _, d := range de.figliDi(Spazio, "Destinatario") {
		s.Destinatari = append(s.Destinatari, soggetto(d))
	}
	var err error
	if s.Primario, err = documento(de.uno("DocumentoPrimario")); err != nil {
		return s, err
	}
	for _, d := range de.figliDi(Spazio, "Allegato") {
		a, err := documento(d)
		if err != nil {
			return s, err
		}
		s.Allegati = append(s.Allegati, a)
	}
	return s, s.Controlla()
}

func (x *nodo) uno(nome string) *nodo { return x.figlio(Spazio, nome) }

// percorso is a place in a filing plan, level by level, as one code.
func percorso(x *nodo, dentro int) string {
	t := x.uno("Livello").valore()
	if sotto := x.uno("SubLivello"); sotto != nil && dentro < maxDentro {
		t += "." + percorso(sotto, dentro+1)
	}
	return t
}

func soggetto(x *nodo) Soggetto {
	switch {
	case x.uno("Amministrazione") != nil:
		a := x.uno("Amministrazione")
		return Soggetto{IPA: a.uno("CodiceIPAAmministrazione").valore(), Denominazione: a.uno("DenominazioneAmministrazione").valore()}
	case x.uno("AmministrazioneEstera") != nil:
		return Soggetto{Denominazione: x.uno("AmministrazioneEstera").uno("DenominazioneAmministrazione").valore()}
	case x.uno("PersonaGiuridica") != nil:
		return Soggetto{Denominazione: x.uno("PersonaGiuridica").uno("Denominazione").valore()}
	}
	p := x.uno("PersonaFisica")
	return Soggetto{Nome: p.uno("Nome").valore(), Cognome: p.uno("Cognome").valore()}
}

func documento(x *nodo) (Documento, error) {
	im := x.uno("Impronta")
	if alg := im.attributo("algoritmo"); alg != "" && alg != "SHA-256" {
		return Documento{}, fault.New(fault.Invalid, "La segnatura usa un'impronta diversa da SHA-256: non la sappiamo controllare.")
	}
	sum, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(im.valore()), ""))
	if err != nil {
		return Documento{}, errSegnatura
	}
	return Documento{x.attributo("nomeFile"), x.attributo("mimeType"), sum}, nil
}
