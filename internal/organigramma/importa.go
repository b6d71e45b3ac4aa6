package organigramma

import (
	"io"
	"strings"

	"tutela/internal/day"
)

// Kinds of link that say who takes over from a unit that closes. The second is a
// reading of ours where the document is silent.
const (
	successione         = "successione"
	successioneInferita = "successione_inferita"
)

var (
	tipiUnita = []string{string(Direzione), string(Dipartimento), string(DipartimentoFunzionale), string(DipartimentoInteraziendale),
		string(StrutturaComplessa), string(StrutturaDipartimentale), string(StrutturaSemplice), string(StrutturaDistrettuale),
		string(Funzione), string(EnteEsterno)}
	afferenze     = []string{"gerarchica", "staff", "funzionale"}
	statiUnita    = []string{"attiva", "da_attivare", "da_chiudere", "chiusa"}
	tipiRelazione = []string{"funzionale", "gerarchica_a_monte", "gerarchica_a_valle", "membro_dipartimento_funzionale",
		"membro_dipartimento_interaziendale", successione, successioneInferita, "afferenza_sc_stampata", "svolta_da", "compreso_in"}
	tipiSede = []string{"ospedale", "padiglione", "sede_aziendale", "sede_territoriale", "polo_territoriale", "polo_sanitario", "area",
		"casa_di_comunita", "ospedale_di_comunita", "poliambulatorio", "consultorio", "comunita_protetta", "info_point",
		"istituto_penitenziario", "presidio_altro_ente", "altro"}
	statiSede = []string{"attivo", "previsto", "non_precisato", "chiuso"}
	siNo      = []string{"si", "no"}
)

// The columns of the three files; their order is that of Export.
var (
	colonneUnita = []colonna{{"id", 64, true, true}, {"codice", 64, true, false}, {"tipo", 64, true, true}, {"nome", 200, true, true},
		{"padre", 64, true, false}, {"tipo_afferenza", 64, true, false}, {"presidio", 64, true, false}, {"ente", 64, true, false},
		{"stato", 64, true, true}, {"valida_dal", 64, true, false}, {"valida_al", 64, true, false}, {"note", 2000, false, false}, {"fonte", 500, false, false}}
	colonneRelazioni = []colonna{{"da", 64, true, true}, {"a", 64, true, false}, {"tipo", 64, true, true}, {"testo", 500, true, false}}
	colonneSedi      = []colonna{{"codice", 64, true, true}, {"nome", 200, true, true}, {"tipo", 64, true, true}, {"comune", 100, true, false},
		{"indirizzo", 200, true, false}, {"stato", 64, true, true}, {"codice_stampato", 64, false, false}, {"note", 2000, false, false}}
)

// Positions of the fields that need a check of their own.
const (
	uID, uTipo, uPadre, uAfferenza, uPresidio, uStato, uDal, uAl = 0, 2, 4, 5, 6, 8, 9, 10
	rDa, rA, rTipo, rTesto                                       = 0, 1, 2, 3
	sCodice, sTipo, sStato, sStampato                            = 0, 2, 5, 6
)

// Import reads a chart from its three CSV files: UTF-8, with or without BOM, lines
// ended by LF or CRLF, fields parted by commas or semicolons, columns in any order.
// It gives a whole chart or the list of what is wrong, by file, line and column,
// up to MaxErrori; never both. relazioni and presidi may be nil, or have a header
// alone: there are then no links, or no sites, and the sites that units name are
// not looked up.
func Import(unita, relazioni, presidi io.Reader) (*Versione, []Errore) {
	e := &errori{}
	c := &controllo{err: e, unita: leggi(FileUnita, unita, colonneUnita, e)}
	if presidi != nil {
		c.sedi = leggi(FilePresidi, presidi, colonneSedi, e)
	}
	if relazioni != nil {
		c.relazioni = leggi(FileRelazioni, relazioni, colonneRelazioni, e)
	}
	c.tutto()
	if len(e.lista) > 0 {
		return nil, e.fine()
	}
	return costruisci(c.leUnita(), c.leRelazioni(), c.leSedi()), nil
}

func (c *controllo) leUnita() []Unita {
	tutte := make([]Unita, len(c.unita.righe))
	for i, r := range c.unita.righe {
		k := r.campi
		tutte[i] = Unita{ID: k[0], Codice: k[1], Tipo: Tipo(k[2]), Nome: k[3], Padre: k[4], Afferenza: k[5], Presidio: k[6], Ente: k[7],
			Stato: k[8], ValidaDal: data(k[9]), ValidaAl: data(k[10]), Note: k[11], Fonte: k[12]}
	}
	return tutte
}

func (c *controllo) leRelazioni() []Relazione {
	if c.relazioni == nil || len(c.relazioni.righe) == 0 {
		return nil
	}
	tutte := make([]Relazione, len(c.relazioni.righe))
	for i, r := range c.relazioni.righe {
		k := r.campi
		tutte[i] = Relazione{Da: k[0], A: k[1], Tipo: k[2], Testo: k[3]}
	}
	return tutte
}

func (c *controllo) leSedi() []Sede {
	if c.sedi == nil || len(c.sedi.righe) == 0 {
		return nil
	}
	tutte := make([]Sede, len(c.sedi.righe))
	for i, r := range c.sedi.righe {
		k := r.campi
		tutte[i] = Sede{Codice: k[0], Nome: k[1], Tipo: k[2], Comune: k[3], Indirizzo: k[4], Stato: k[5], Stampato: k[6], Note: k[7]}
	}
	return tutte
}

// data reads a date that the checks have passed.
func data(s string) day.Date {
	d, err := day.Parse(s)
	if err != nil {
		return 0
	}
	return d
}

// elenco writes the values that a field may take.
func elenco(valori []string) string {
	return "I valori ammessi sono: " + strings.Join(valori, ", ") + "."
}
