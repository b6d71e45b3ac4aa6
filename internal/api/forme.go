package api

import (
	"fmt"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// Luogo says where it happened: the code or id, or the words of who writes.
type Luogo struct {
	Presidio string `json:"presidio,omitempty" doc:"Codice o nome della sede." example:"Ospedale Santa Chiara"`
	Unita    string `json:"unita,omitempty" doc:"Id o nome del reparto o servizio." example:"Pronto Soccorso"`
}

// AllegatoInviato is a file sent with a segnalazione.
type AllegatoInviato struct {
	Nome      string `json:"nome,omitempty" example:"referto.pdf"`
	Contenuto string `json:"contenuto" contentEncoding:"base64" doc:"Al massimo 20 MB: PDF, JPG, PNG, HEIC, ODT, DOCX, TXT."`
}

// NuovaSegnalazione is the body of POST /segnalazioni.
type NuovaSegnalazione struct {
	Tipo         string            `json:"tipo,omitempty" doc:"Uno dei tipi della procedura; senza, reclamo." example:"reclamo"`
	Oggetto      string            `json:"oggetto,omitempty" maxLength:"200"`
	Testo        string            `json:"testo" minLength:"1" maxLength:"10000" doc:"Che cosa è successo."`
	Chiede       string            `json:"chiede,omitempty" doc:"Che cosa chiede la persona."`
	Luogo        *Luogo            `json:"luogo,omitempty"`
	Quando       string            `json:"quando,omitempty" doc:"Il fatto: una data o parole."`
	ConosciutoIl string            `json:"conosciutoIl,omitempty" format:"date" doc:"Quando la persona lo ha saputo."`
	Lingua       string            `json:"lingua,omitempty"`
	Aiuto        string            `json:"aiuto,omitempty" doc:"Di quale aiuto ha bisogno per leggere o capire la risposta."`
	Segnalante   *pratica.Persona  `json:"segnalante,omitempty" doc:"null: anonima."`
	Assistito    *pratica.Persona  `json:"assistito,omitempty" doc:"La persona curata, se è un'altra."`
	Ricapito     string            `json:"ricapito,omitempty" doc:"Come rispondere: email, pec, telefono, posta, sportello."`
	Ritardo      string            `json:"ritardo,omitempty" doc:"Perché arriva tardi."`
	Allegati     []AllegatoInviato `json:"allegati,omitempty" maxItems:"10" nullable:"false"`
	Canale       string            `json:"canale,omitempty" doc:"Solo con il token dell'ufficio: come è arrivata."`
	RicevutaIl   string            `json:"ricevutaIl,omitempty" format:"date" doc:"Solo con il token: il giorno di arrivo della carta."`
	Testimone    string            `json:"testimone,omitempty" doc:"Solo con il token."`
	Delega       string            `json:"delega,omitempty" doc:"Solo con il token: il titolo per agire per un altro."`
}

// TransformSchema lets the two persons be null.
func (NuovaSegnalazione) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	for _, k := range []string{"segnalante", "assistito"} {
		p := s.Properties[k]
		s.Properties[k] = &huma.Schema{Description: p.Description, OneOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
	}
	return s
}

// Termine is a term with the reasons of its date.
type Termine struct {
	ID       string   `json:"id" example:"risposta"`
	Natura   string   `json:"natura" enum:"legale,regolamento"`
	Scadenza *string  `json:"scadenza" format:"date" doc:"null: il termine è sospeso."`
	Fonte    string   `json:"fonte" doc:"La norma o il paragrafo della procedura."`
	Perche   []string `json:"perche" nullable:"false" doc:"Come si arriva alla data, frase per frase."`
}

func termine(t pratica.TermineVisto) Termine {
	out := Termine{ID: t.ID, Natura: "regolamento", Scadenza: data(t.Scadenza), Fonte: t.Fonte, Perche: i18n.Perche(t.Passi)}
	if t.Legge {
		out.Natura = "legale"
	}
	return out
}

func termini(in []pratica.TermineVisto) []Termine {
	out := make([]Termine, 0, len(in))
	for _, t := range in {
		out = append(out, termine(t))
	}
	return out
}

// Registrata is the answer to a segnalazione. It is the only place where the key
// is ever written.
type Registrata struct {
	Numero   string    `json:"numero" example:"2026/0000123"`
	Registro string    `json:"registro" example:"urp"`
	Ricevuta time.Time `json:"ricevuta"`
	Tipo     string    `json:"tipo" doc:"Senza nome, un reclamo o un elogio diventa un rilievo."`
	Codice   string    `json:"codice" example:"ABCD2345WXYZ"`
	Chiave   string    `json:"chiave" doc:"Apre la segnalazione con il codice. Non la conserviamo: non si può riavere."`
	Termini  []Termine `json:"termini" nullable:"false"`
}

// RicevutaVerificabile proves that a segnalazione was registered: its number and its
// instant, in the ente's log. It carries neither key nor name.
type RicevutaVerificabile struct {
	V          int      `json:"v" doc:"La versione del formato."`
	Foglia     string   `json:"foglia" doc:"L'atto come sta nel registro: numero, istante, impronte."`
	Indice     int64    `json:"indice" doc:"Il posto della foglia nel registro."`
	Prova      []string `json:"prova" nullable:"false" doc:"Le impronte che portano dalla foglia alla radice."`
	Checkpoint string   `json:"checkpoint" doc:"Lo stato del registro, firmato dall'ente."`
	Cofirme    []string `json:"cofirme,omitempty" doc:"Le righe dei testimoni."`
}

// EventoVisto is a line of the citizen's history.
type EventoVisto struct {
	Data  string `json:"data" format:"date"`
	Testo string `json:"testo"`
}

// StatoVisto is what the holder of the key sees.
type StatoVisto struct {
	Stato    string        `json:"stato" enum:"ricevuta,in_esame,risposta_pronta,chiusa"`
	Entro    *string       `json:"entro" format:"date" doc:"Entro quando avrà una risposta; null se non c'è una data."`
	Eventi   []EventoVisto `json:"eventi" nullable:"false"`
	Risposta string        `json:"risposta,omitempty"`
}

// ProssimoTermine is the term that drives the work list.
type ProssimoTermine struct {
	_            struct{} `nullable:"true"`
	ID           string   `json:"id" example:"risposta"`
	Scadenza     string   `json:"scadenza" format:"date"`
	Responsabile string   `json:"responsabile" doc:"L'ufficio che lo deve: ruolo:unità." example:"urp-aziendale:"`
}

// Riga is a case in a list.
type Riga struct {
	ID              string           `json:"id" format:"uuid"`
	Numero          string           `json:"numero" example:"2026/0000123"`
	Registro        string           `json:"registro" example:"urp" doc:"Di quale registro è il numero. A voce, «UPT» va davanti ai numeri dell'UPT."`
	Tipo            string           `json:"tipo"`
	Oggetto         string           `json:"oggetto" doc:"Vuoto per chi ha solo ricevuto una richiesta."`
	Stato           string           `json:"stato" doc:"La fase della procedura."`
	Struttura       *string          `json:"struttura" doc:"L'id della struttura, null se non è ancora nota o se ti è stato chiesto solo un chiarimento."`
	Incaricato      *string          `json:"incaricato" doc:"L'id della persona, null se nessuno."`
	ProssimoTermine *ProssimoTermine `json:"prossimoTermine" doc:"null: nessun termine corre, o sono sospesi."`
}

// Elenco is a page of cases.
type Elenco struct {
	Pratiche []Riga `json:"pratiche" nullable:"false"`
	Dopo     string `json:"dopo" doc:"Da ridare per la pagina dopo; vuoto alla fine."`
	Ancora   bool   `json:"ancora" doc:"La ricerca si è fermata prima di guardare tutto: stringi le parole."`
}

// Ricerca is the body of POST /pratiche/ricerca: words never travel in an address.
type Ricerca struct {
	Q      string `json:"q,omitempty" maxLength:"500" doc:"Parole, nomi, filtri." example:"attesa tipo:reclamo scade:<7g"`
	Limite int    `json:"limite,omitempty" minimum:"1" maximum:"100" default:"50"`
	Dopo   string `json:"dopo,omitempty"`
}

// Atto is an act of a case, as far as the reader may see it.
type Atto struct {
	ID          string            `json:"id" format:"uuid"`
	Seq         int               `json:"seq"`
	Atto        string            `json:"atto" example:"presa_in_carico"`
	Etichetta   string            `json:"etichetta"`
	Il          time.Time         `json:"il" doc:"L'istante in cui è stato registrato."`
	Giorno      string            `json:"giorno" format:"date" doc:"Il giorno in cui conta."`
	Persona     string            `json:"persona,omitempty" doc:"L'id; assente per il cittadino."`
	Ufficio     string            `json:"ufficio,omitempty"`
	Mezzo       string            `json:"mezzo"`
	Per         string            `json:"per,omitempty" doc:"La struttura per cui risponde."`
	Destinatari []string          `json:"destinatari,omitempty" nullable:"false"`
	Dati        map[string]string `json:"dati,omitempty" doc:"I dati in chiaro."`
	Testi       map[string]string `json:"testi,omitempty" doc:"Quello che c'è scritto."`
}

// TerminePratica is a term of a case, running or ended.
type TerminePratica struct {
	Termine
	Etichetta    string  `json:"etichetta"`
	Per          string  `json:"per,omitempty" doc:"La struttura che lo deve."`
	Stato        string  `json:"stato" enum:"corre,sospeso,adempiuto,decaduto"`
	Dal          string  `json:"dal" format:"date"`
	FinitoIl     *string `json:"finitoIl" format:"date"`
	Responsabile string  `json:"responsabile"`
}

// Richiesta is what one structure was asked, and what it answered.
type Richiesta struct {
	Struttura  string     `json:"struttura"`
	Il         string     `json:"il" format:"date"`
	Entro      *string    `json:"entro" format:"date"`
	Quesito    string     `json:"quesito"`
	Copia      string     `json:"copia" doc:"Il testo oscurato: è tutto ciò che la struttura legge, con le copie dei documenti."`
	Documenti  []Allegato `json:"documenti" nullable:"false" doc:"Le copie oscurate dei documenti che la struttura ha ricevuto."`
	Lasciati   []Lasciato `json:"lasciati,omitempty" nullable:"false" doc:"Che cosa la copia lascia leggere, e perché: per chi tratta la pratica."`
	Risposta   string     `json:"risposta,omitempty"`
	RispostaIl *string    `json:"rispostaIl" format:"date"`
}

// Lasciato is a passage that a copy leaves readable, with the reason.
type Lasciato struct {
	Testo  string `json:"testo"`
	Motivo string `json:"motivo"`
}

// Allegato is a file of the case.
type Allegato struct {
	ID         string `json:"id" format:"uuid"`
	Nome       string `json:"nome"`
	Tipo       string `json:"tipo"`
	Dimensione int64  `json:"dimensione" doc:"In byte."`
}

// Consentito is an act that who asks may do now.
type Consentito struct {
	Atto      string         `json:"atto"`
	Etichetta string         `json:"etichetta"`
	Primo     bool           `json:"primo" doc:"Il prossimo passo che la procedura propone."`
	Per       []string       `json:"per" nullable:"false" doc:"Le strutture per cui si può rispondere."`
	Schema    map[string]any `json:"schema" doc:"Lo JSON Schema dei suoi dati."`
}

// Pratica is a whole case, as much of it as the reader may see.
type Pratica struct {
	Riga
	Versione       int                   `json:"versione" doc:"Da rimandare con l'atto."`
	Registro       string                `json:"registro"`
	Codice         string                `json:"codice,omitempty"`
	StatoCittadino string                `json:"statoCittadino" enum:"ricevuta,in_esame,risposta_pronta,chiusa"`
	Ricevuta       time.Time             `json:"ricevuta"`
	Giorno         string                `json:"giorno" format:"date" doc:"Il giorno da cui contano i termini."`
	Canale         string                `json:"canale"`
	Attributi      map[string]string     `json:"attributi,omitempty"`
	SoloRichieste  bool                  `json:"soloRichieste" doc:"Chi legge vede solo ciò che gli è stato chiesto."`
	Segnalazione   *pratica.Segnalazione `json:"segnalazione,omitempty"`
	Atti           []Atto                `json:"atti" nullable:"false"`
	Termini        []TerminePratica      `json:"termini" nullable:"false"`
	Richieste      []Richiesta           `json:"richieste" nullable:"false"`
	Allegati       []Allegato            `json:"allegati" nullable:"false"`
	Consentiti     []Consentito          `json:"consentiti" nullable:"false"`
}

// NuovoAtto is the body of POST /pratiche/{id}/atti.
type NuovoAtto struct {
	Atto     string         `json:"atto" example:"presa_in_carico"`
	Dati     map[string]any `json:"dati,omitempty" doc:"Secondo lo schema che l'atto ha fra i consentiti."`
	Versione int            `json:"versione,omitempty" minimum:"0" maximum:"1000000" doc:"Quella che avevi davanti; 0 o assente: qualunque."`
	Per      string         `json:"per,omitempty" doc:"La struttura per cui rispondi, se ne dirigi più di una."`
}

// What is of a person never prints, whoever prints the whole of it.

// Format prints [riservato] for every verb.
func (NuovaSegnalazione) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (AllegatoInviato) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Registrata) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (StatoVisto) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Riga) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Ricerca) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Atto) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Richiesta) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Lasciato) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Allegato) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (NuovoAtto) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// data is a date, or null.
func data(d day.Date) *string { return oNulla(d.String()) }

func oNulla(t string) *string {
	if t == "" {
		return nil
	}
	return &t
}

func uuid(id vault.ID) string { return id.String() }
