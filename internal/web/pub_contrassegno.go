package web

import (
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// contrassegnoVisto is the stamp at the end of a document, as it is read and printed.
type contrassegnoVisto struct {
	ID, Password, Impronta, Numero, Data, Scade string
	Indirizzo                                   string // of the page that verifies it
	QR                                          template.HTML
}

// senzaScadenza is how long most stamps may be verified.
const senzaScadenza = "senza scadenza"

// contrassegno is the stamp of a document that was sent; nil for one without.
func (s *Server) contrassegno(r *http.Request, sigillato pratica.Riservata[pratica.ContrassegnoVisto]) (*contrassegnoVisto, error) {
	c := sigillato.Apri()
	if c.ID == "" {
		return nil, nil
	}
	v := &contrassegnoVisto{ID: vault.Gruppi(c.ID), Password: vault.Gruppi(c.Password), Impronta: hex.EncodeToString(c.Impronta[:]), Numero: c.Numero,
		Data: i18n.Date(c.Data), Scade: senzaScadenza, Indirizzo: s.base(r) + "/verifica"}
	if !c.Scade.IsZero() {
		v.Scade = i18n.Date(c.Scade)
	}
	qr, err := disegnaQR(v.Indirizzo + "/" + c.ID + "#" + c.Password)
	v.QR = template.HTML(qr) //nolint:gosec // drawn by us: numbers only
	return v, err
}

// vistaTimbro is the page on which anybody verifies a stamped document.
type vistaTimbro struct {
	ID         string // as it was typed; empty: none yet
	Di         string // the id, to whose page the forms go
	Ente       string
	Stato      string // empty: it was not looked for
	Numero     string
	Data       string
	Scade      string
	Impronta   string
	Sostituito string // when
	Annullato  string // likewise
	Eliminato  bool
	Aperto     *documentoVisto
	Confronto  string // uguale, diverso; empty: no file came
}

type documentoVisto struct{ Testo, Firma string }

const (
	timbroIgnoto = "sconosciuto"
	maxConfronto = 20 << 20 // bytes of a file to compare
	sogliaGrande = maxConfronto + maxModulo
	fraseTimbro  = "Scrivi la password: è sul documento, vicino al codice QR."
)

var errConfronto = fault.New(fault.TooLarge, "Il file è troppo grande: il massimo è 20 MB.")

func (s *Server) vediTimbro(w http.ResponseWriter, r *http.Request, stato int, v vistaTimbro, errori ...erroreCampo) error {
	v.Ente = s.presenta().Nome
	indietro := ""
	if v.Di != "" {
		indietro = "/verifica"
	}
	return s.mostra(w, r, stato, "pub_contrassegno", vista{Titolo: "Verifica un documento", Indietro: indietro, Azione: "/verifica", Errori: errori, V: v})
}

func (s *Server) timbro(w http.ResponseWriter, r *http.Request) error {
	return s.vediTimbro(w, r, http.StatusOK, vistaTimbro{})
}

// timbroDi says what the stamp with the id in the address is worth. A network that
// asks too often waits, and may write the password all the same.
func (s *Server) timbroDi(w http.ResponseWriter, r *http.Request) error {
	da := time.Now()
	id, err := vault.ParseContrassegno(r.PathValue("id"))
	if err != nil {
		return s.vediTimbro(w, r, http.StatusNotFound, vistaTimbro{Stato: timbroIgnoto})
	}
	v := vistaTimbro{ID: vault.Gruppi(id), Di: id}
	if err := s.contaTimbri(r, ""); err != nil {
		return s.nonTimbro(w, r, v, "", err)
	}
	if err := s.cercaTimbro(r, &v, da); err != nil {
		return err
	}
	return s.vediTimbro(w, r, v.codice(), v)
}

// codice is the status of the page.
func (v vistaTimbro) codice() int {
	if v.Stato == timbroIgnoto {
		return http.StatusNotFound
	}
	return http.StatusOK
}

// cercaTimbro fills the page with what anybody may know of a stamp. One that is not
// there takes as long as any refusal.
func (s *Server) cercaTimbro(r *http.Request, v *vistaTimbro, da time.Time) error {
	t, err := s.Servizio.VerificaContrassegno(r.Context(), s.EnteID, v.Di)
	switch {
	case fault.Is(err, fault.NotFound):
		v.Stato = timbroIgnoto
		pareggia(r.Context(), da)
		return nil
	case err != nil:
		return err
	}
	v.Stato, v.Numero, v.Data, v.Scade, v.Impronta, v.Eliminato = t.Stato, t.Numero, i18n.Date(t.Data), senzaScadenza, hex.EncodeToString(t.Impronta), t.Eliminato
	if !t.Scade.IsZero() {
		v.Scade = i18n.Date(t.Scade)
	}
	if !t.Annullato.IsZero() {
		v.Annullato = i18n.LongDate(t.Annullato)
	}
	if !t.Sostituito.IsZero() {
		v.Sostituito = i18n.Date(t.Sostituito)
	}
	return nil
}

// contaTimbri counts one more who asks; with an id, one whose password opened
// nothing.
func (s *Server) contaTimbri(r *http.Request, id string) error {
	switch {
	case s.Auth == nil: // nobody signs in here: there are no brakes
		return nil
	case id == "":
		return s.Auth.Verifying(r.Context(), s.EnteID, rete(r))
	}
	return s.Auth.WrongPassword(r.Context(), s.EnteID, id, rete(r))
}

// nonTimbro shows why something was not done, beside its field.
func (s *Server) nonTimbro(w http.ResponseWriter, r *http.Request, v vistaTimbro, campo string, err error) error {
	e, ok := comeFault(err, fault.TooMany, fault.TooLarge, fault.Invalid, fault.NotFound)
	if !ok {
		return err
	}
	stato := e.Kind.Status()
	if e.Kind == fault.NotFound {
		stato = http.StatusUnprocessableEntity
	}
	return s.vediTimbro(w, r, stato, v, erroreCampo{campo, e.Message})
}

// scriviTimbro takes an id, with the password that opens the document, or with a file
// to hold against it. The right password opens at once, whoever tried before; the file
// is read as it comes, and kept nowhere.
func (s *Server) scriviTimbro(w http.ResponseWriter, r *http.Request) error {
	da := time.Now()
	conFile := strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
	v := vistaTimbro{ID: r.PathValue("id")}
	if conFile {
		if err := s.contaTimbri(r, ""); err != nil { // before anything is read
			v.Di, _ = vault.ParseContrassegno(v.ID)
			return s.nonTimbro(w, r, v, "", err)
		}
		r.Body = http.MaxBytesReader(w, r.Body, sogliaGrande)
	}
	var sum *[32]byte
	campi, err := leggiModulo(w, r, func(_, _ string, f io.Reader) error {
		if sum != nil {
			return errDoppio
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		if n > maxConfronto && err == nil {
			err = errConfronto
		}
		sum = (*[32]byte)(h.Sum(nil))
		return err
	})
	if fault.Is(err, fault.TooLarge) {
		err = errConfronto
	}
	if err != nil && !fault.Is(err, fault.TooLarge) {
		return err
	}
	l := &lettura{Values: campi}
	if v.ID == "" {
		v.ID = l.riga("id", 60, "")
	}
	var male error
	if v.Di, male = vault.ParseContrassegno(v.ID); male != nil {
		return s.nonTimbro(w, r, v, "id", male)
	}
	v.ID = vault.Gruppi(v.Di)
	if err != nil {
		return s.seStato(w, r, v, da, "file", err)
	}
	if b, err := hex.DecodeString(campi.Get("impronta")); err == nil && len(b) == sha256.Size && sum == nil { // made in the browser: the file stayed there
		sum = (*[32]byte)(b)
	}
	detta := l.riga("password", 60, "")
	switch {
	case detta == "" && r.PathValue("id") == "" && sum == nil:
		http.Redirect(w, r, "/verifica/"+v.Di, http.StatusSeeOther)
		return nil
	case detta == "" && sum == nil && conFile:
		return s.seStato(w, r, v, da, "file", fault.New(fault.Invalid, "Scegli il file da confrontare."))
	case detta == "" && sum == nil:
		return s.seStato(w, r, v, da, "password", fault.New(fault.Invalid, fraseTimbro))
	}
	var password vault.Riservato
	if detta != "" {
		if password, err = vault.ParsePassword(detta); err != nil {
			return s.seStato(w, r, v, da, "password", err)
		}
	}
	if sum != nil {
		return s.confronta(w, r, v, da, password, *sum)
	}
	return s.apriTimbro(w, r, v, da, password)
}

// seStato shows why something was not done, with what anybody may know of the stamp.
func (s *Server) seStato(w http.ResponseWriter, r *http.Request, v vistaTimbro, da time.Time, campo string, perche error) error {
	if err := s.cercaTimbro(r, &v, da); err != nil {
		return err
	}
	if v.Stato == timbroIgnoto {
		return s.vediTimbro(w, r, http.StatusNotFound, v)
	}
	return s.nonTimbro(w, r, v, campo, perche)
}

// apriTimbro shows the document to who has its password.
func (s *Server) apriTimbro(w http.ResponseWriter, r *http.Request, v vistaTimbro, da time.Time, password vault.Riservato) error {
	doc, err := s.Servizio.ApriContrassegno(r.Context(), s.EnteID, v.Di, password)
	if fault.Is(err, fault.NotFound) { // no such stamp, or another password: one work for both
		if e := s.contaTimbri(r, v.Di); e != nil {
			return s.nonTimbro(w, r, v, "password", e)
		}
		pareggia(r.Context(), da)
		return s.seStato(w, r, v, da, "password", err)
	}
	if err != nil {
		return err
	}
	if err := s.cercaTimbro(r, &v, da); err != nil {
		return err
	}
	firma := []string{doc.Ufficio}
	if s.Auth != nil {
		firma = append(firma, s.nomePersona(r.Context(), doc.Persona))
	}
	v.Aperto = &documentoVisto{doc.Testo.Apri(), strings.Trim(strings.Join(firma, ", "), ", ")}
	return s.vediTimbro(w, r, v.codice(), v)
}

// confronta says whether a file is the stamped document, byte by byte.
func (s *Server) confronta(w http.ResponseWriter, r *http.Request, v vistaTimbro, da time.Time, password vault.Riservato, sum [32]byte) error {
	if err := s.cercaTimbro(r, &v, da); err != nil {
		return err
	}
	if v.Stato == timbroIgnoto {
		return s.vediTimbro(w, r, http.StatusNotFound, v)
	}
	if v.Eliminato && password.Valore() == "" { // nobody else knows what it said
		return s.nonTimbro(w, r, v, "password", fault.New(fault.Invalid, fraseTimbro))
	}
	uguale, err := s.Servizio.ConfrontaContrassegno(r.Context(), s.EnteID, v.Di, password, sum)
	if err != nil {
		return err
	}
	v.Confronto = "diverso"
	if uguale {
		v.Confronto = "uguale"
	}
	return s.vediTimbro(w, r, http.StatusOK, v)
}
