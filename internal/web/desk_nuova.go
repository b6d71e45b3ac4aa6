package web

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// paginaNuova is the form with which an office takes in what somebody says,
// sends or leaves in a box.
//
// ref: pga01 4.1, 4.2, 4.3.1
type paginaNuova struct {
	Scrivania
	Campo     map[string]string // what was typed, by field
	Errore    map[string]string // what to do about it, by field
	Errori    []erroreCampo
	Azione    string // address of the form
	Di        string // who fills it in
	Canali    []opzioneVista
	Uffici    []opzioneVista
	Tipi      []opzioneVista
	Qualita   []opzioneVista
	Titoli    []opzioneVista
	Ricapiti  []opzioneVista
	Lingue    []opzioneVista
	Unita     []string
	Sedi      []string
	Oggi      string
	Anonima   bool
	Altra     bool
	Comincia  bool // nothing was typed yet: the focus goes where one writes
	AltriDati bool // the less common fields hold something
	Riletto   bool
	Doppioni  []rigaLavoro
	Cercati   bool              // duplicates were looked for
	Visti     string            // the duplicates and the doubts shown, so that they stop nobody twice
	Dubbi     map[string]string // codici fiscali to look at again, by field
	Proposta  string            // a kind that the words suggest, in words
	Ripreso   string            // the session ended while it was written
	Presi     *presi            // the files taken in already; nil: no form came yet
	UPT       bool
	PerConto  bool   // the URP takes in for the UPT
	Cambio    string // address of the same form for the other office; empty: there is none
	Chiuso    bool   // the UPT takes in nothing yet
}

// campiNuova are the fields of the form that are one line or one text.
var campiNuova = []string{"canale", "ricezione", "ricevuta-il", "tipo", "oggetto", "testo", "chiede", "presidio", "unita", "quando", "conosciuto-il",
	"ritardo", "nome", "cognome", "codice-fiscale", "telefono", "email", "pec", "indirizzo", "cap", "comune", "qualita", "rapporto", "ricapito", "lingua",
	"aiuto", "altro-nome", "altro-cognome", "altro-nascita", "altro-codice-fiscale", "titolo", "testimone", "note", "anonima", "altra", "riletto"}

// canaliOrdine are the channels in the order in which a desk meets them.
var canaliOrdine = []string{"sportello", "telefono", "lettera", "email", "pec", "fax", "cassetta", "social", "direzione"}

func scegli(valori []string, testi map[string]string, scelto string) []opzioneVista {
	var out []opzioneVista
	for _, v := range valori {
		out = append(out, opzioneVista{v, nonVuota(testi[v], maiuscola(v)), v == scelto})
	}
	return out
}

// ufficiRicezione are the offices in which who asks may take something in: those
// a person holds in his own name come before those below them.
func ufficiRicezione(amb *pratica.Ambiente, se *auth.Sessione) []string {
	var propri []string
	ammessi := amb.Ricezioni(se.Chi)
	for _, i := range se.Incarichi {
		u := access.Ufficio(i.Ruolo, i.Unita)
		if i.Ruolo == access.URPAziendale {
			u = access.Ufficio(access.URPAziendale, "")
		}
		if slices.Contains(ammessi, u) && !slices.Contains(propri, u) {
			propri = append(propri, u)
		}
	}
	if len(propri) == 0 && len(ammessi) > 0 {
		return ammessi[:1]
	}
	return propri
}

func (s *Server) nuova(w http.ResponseWriter, r *http.Request) error {
	if err := s.puoNuova(r); err != nil {
		return err
	}
	p, err := s.vistaNuova(r, url.Values{}, nil)
	if err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_nuova.html", p)
}

func (s *Server) vistaNuova(r *http.Request, v url.Values, errori []erroreCampo) (*paginaNuova, error) {
	se, amb := sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	titolo := "Nuova segnalazione"
	if len(errori) > 0 {
		titolo = "Errore: nuova segnalazione"
	}
	base, _, err := s.scrivania(r, titolo, r.URL.Path)
	if err != nil {
		return nil, err
	}
	p := &paginaNuova{Scrivania: base, Campo: map[string]string{}, Errore: map[string]string{}, Errori: errori,
		UPT: registroDi(r) == pratica.RegistroUPT, PerConto: perConto(r), Chiuso: s.chiusoPerConto(r),
		Di: se.Persona, Oggi: s.Servizio.Oggi().String(), Anonima: v.Get("anonima") != "", Altra: v.Get("altra") != "", Riletto: v.Get("riletto") != "", Visti: v.Get("visti")}
	s.indirizza(r, p, nuovoModulo(vault.NewID(s.Now())))
	for _, k := range campiNuova {
		p.Campo[k] = v.Get(k)
	}
	p.Comincia = len(v) == 0
	for _, k := range []string{"indirizzo", "cap", "comune", "pec", "qualita", "lingua", "aiuto"} {
		p.AltriDati = p.AltriDati || v.Get(k) != ""
	}
	p.Dubbi = fiscaliDubbi(v)
	for _, e := range errori {
		if p.Errore[e.Campo] == "" {
			p.Errore[e.Campo] = e.Frase
		}
	}
	p.Canali = scegli(canaliOrdine, nomiCanali, nonVuota(v.Get("canale"), "sportello"))
	for _, u := range ufficiRicezione(amb.Del(registroDi(r)), se) {
		p.Uffici = append(p.Uffici, opzioneVista{u, nomeUfficio(amb, u), u == v.Get("ricezione")})
	}
	for _, t := range amb.Regolamento.Tipi() {
		p.Tipi = append(p.Tipi, opzioneVista{t.Nome, t.Etichetta, t.Nome == v.Get("tipo")})
	}
	p.Qualita = scegli([]string{"utente", "familiare", "delegato", "tutore", "erede", "associazione"}, map[string]string{"utente": "L'utente stesso", "delegato": "Delegato",
		"associazione": "Associazione o organismo di tutela"}, v.Get("qualita"))
	p.Titoli = scegli(titoli, map[string]string{"tutore": "Tutore o amministratore di sostegno", "delegato": "Delegato, con delega scritta"}, v.Get("titolo"))
	p.Ricapiti = scegli(recapiti, map[string]string{"email": "E-mail o PEC"}, v.Get("ricapito"))
	p.Lingue = scegli(lingue, nil, v.Get("lingua"))
	p.Unita = suggerimentiUnita(amb, s.Servizio.Oggi())
	for _, x := range amb.Organigramma.Sedi() {
		if x.Stato != "chiuso" {
			p.Sedi = append(p.Sedi, x.Nome)
		}
	}
	sort.Strings(p.Sedi)
	return p, nil
}

// moduloNuova is the case that a form will register: its id, its key once a file
// came, and the form's idempotency key, which no database knows. It travels sealed for who
// fills the form in, in the form's address, so that it is known before the files.
type moduloNuova struct {
	ID     vault.ID
	Slot   int64
	Chiave [16]byte
}

func nuovoModulo(id vault.ID) moduloNuova {
	m := moduloNuova{ID: id}
	_, _ = rand.Read(m.Chiave[:])
	return m
}

func (s *Server) sigillaModulo(se *auth.Sessione, m moduloNuova) string {
	b := append(binary.BigEndian.AppendUint64(slices.Clone(m.ID[:]), uint64(m.Slot)), m.Chiave[:]...)
	return base64.RawURLEncoding.EncodeToString(s.Anello.Seal(s.contestoModulo(se.Persona), b))
}

func (s *Server) apriModulo(se *auth.Sessione, t string) (moduloNuova, error) {
	b, err := base64.RawURLEncoding.DecodeString(t)
	if err == nil {
		b, err = s.Anello.Open(s.contestoModulo(se.Persona), b)
	}
	if err != nil || len(b) != 40 {
		return moduloNuova{}, fault.New(fault.Bad, "Questa pagina è vecchia. Aprine una nuova e riprova.")
	}
	return moduloNuova{vault.ID(b[:16]), int64(binary.BigEndian.Uint64(b[16:])), [16]byte(b[24:])}, nil
}

func (s *Server) contestoModulo(persona string) string {
	return vault.Context("modulo", s.EnteID, persona)
}

// invioNuova is what came with the form: fields, and files encrypted for the case
// that will be.
type invioNuova struct {
	v     url.Values
	bozza *bozza
	presi *presi
}

func (s *Server) leggiNuova(w http.ResponseWriter, r *http.Request, m moduloNuova) (*invioNuova, error) {
	b := &bozza{ID: m.ID, Slot: m.Slot, Chiave: m.Chiave[:]}
	in := &invioNuova{bozza: b}
	var err error
	if m.Slot != 0 {
		if b.SlotKey, err = s.Servizio.Slots.Key(r.Context(), m.Slot); err != nil {
			return nil, err
		}
	}
	in.presi = s.presi(r, b.ID, func() ([]byte, error) {
		if b.Slot == 0 {
			if err := s.prendiSlot(r.Context(), b); err != nil {
				return nil, err
			}
		}
		return pratica.BaseFile(b.SlotKey, s.EnteID, b.ID, pratica.ParteCittadino), nil
	})
	if in.v, err = leggiModulo(w, r, in.presi.prendi); err != nil {
		return nil, err
	}
	in.presi.riprendi(in.v)
	return in, nil
}

// registraNuova registers what the desk took in and shows the receipt, or shows
// the form again: with what is wrong, or with people who may be the same.
func (s *Server) registraNuova(w http.ResponseWriter, r *http.Request) error {
	se := sessioneDi(r)
	if err := s.puoNuova(r); err != nil {
		return s.suAltri(w, r, err)
	}
	m, err := s.apriModulo(se, r.URL.Query().Get("modulo"))
	if err != nil {
		return s.suAltri(w, r, err)
	}
	in, err := s.leggiNuova(w, r, m)
	if err != nil {
		return err
	}
	v, b := in.v, in.bozza
	nu, errori := s.leggiSegnalazione(se, registroDi(r), v)
	if perConto(r) && s.chiusoPerConto(r) {
		errori = append(errori, erroreCampo{"ufficio", "L'UPT non riceve ancora: non è stato registrato nulla."})
	}
	for _, x := range in.presi.Rifiutati {
		errori = append(errori, erroreCampo{"documenti", x.Nome + ": " + x.Frase})
	}
	ancora := func(stato int, errori []erroreCampo, cambia func(*paginaNuova)) error {
		p, err := s.vistaNuova(r, v, errori)
		if err != nil {
			return err
		}
		p.Presi = in.presi
		s.indirizza(r, p, moduloNuova{b.ID, b.Slot, m.Chiave})
		if p.Campo["tipo"] == "" {
			p.Proposta = tipoProposto(s.Servizio.Ambiente(s.EnteID).Regolamento, nu.Segnalazione.Apri())
		}
		if cambia != nil {
			cambia(p)
		}
		return s.rendi(w, r, stato, "desk_nuova.html", p)
	}
	var doppi []rigaLavoro
	segno := ""
	if !perConto(r) { // of who turns to the UPT the URP looks nothing up
		if doppi, segno, err = s.doppioni(r, b.ID, nu.Segnalazione.Apri(), v.Get("fai") == "doppioni"); err != nil {
			return err
		}
	}
	for _, c := range fiscaliDubbi(v) {
		segno += " " + c
	}
	visti := strings.Fields(v.Get("visti"))
	nuovo := slices.ContainsFunc(strings.Fields(segno), func(x string) bool { return !slices.Contains(visti, x) })
	mostra := func(p *paginaNuova) {
		p.Doppioni, p.Visti, p.Cercati = doppi, segno, len(doppi) > 0 || v.Get("fai") == "doppioni"
	}
	switch t := ripreso(v.Get("fai")); {
	case t != "":
		return ancora(http.StatusOK, nil, func(p *paginaNuova) { p.Ripreso = t })
	case v.Get("fai") == "cambia":
		return ancora(http.StatusOK, nil, nil)
	case v.Get("fai") == "doppioni" && !perConto(r):
		return ancora(http.StatusOK, nil, mostra)
	case len(errori) > 0:
		return ancora(http.StatusUnprocessableEntity, errori, nil)
	case nuovo:
		return ancora(http.StatusOK, nil, mostra)
	}
	nu.ID, nu.Slot, nu.Chiave, nu.Corpo = b.ID, vault.Slot{ID: b.Slot, Key: b.SlotKey}, m.Chiave[:], corpoNuova(nu.Registro, v, in.presi.File)
	nu.File = in.presi.perPratica()
	ric, err := s.Servizio.Registra(r.Context(), se.Chi, nu)
	if e, ok := comeFault(err, fault.Invalid, fault.Conflict, fault.TooLarge); ok {
		return ancora(e.Kind.Status(), erroriNuova(e), nil)
	}
	if err != nil {
		return err
	}
	in.presi.lasciati()
	return s.ricevutaNuova(w, r, ric, nu)
}

// paginaRicevutaDesk is the receipt as the desk prints it: code and key are shown
// here and nowhere else again.
type paginaRicevutaDesk struct {
	Scrivania
	Link, Numero, Giorno, Tipo string
	Altra                      string // form of the next one
	Codice, Chiave             string
	Ente                       Ente
	Anonima, Cambiata          bool
	Termini                    []termineVista
	Indirizzo, Verifica        string        // of the page that follows the case; of the one that checks the receipt
	QR, Prova                  template.HTML // Prova: of the page that checks it
	Oggetto                    string
	Chi                        string
	UPT, PerConto              bool // for the UPT; by who reads it no more
}

func (s *Server) ricevutaNuova(w http.ResponseWriter, r *http.Request, ric pratica.Ricevuta, nu pratica.Nuova) error {
	base, _, err := s.scrivania(r, "Ricevuta "+pratica.NumeroRegistro(ric.Registro, ric.Anno, ric.Numero), r.URL.Path)
	if err != nil {
		return err
	}
	amb, seg := ambienteDi(s.Servizio.Ambiente(s.EnteID), ric.Registro), nu.Segnalazione.Apri()
	p := &paginaRicevutaDesk{Scrivania: base, Link: linkPratica(ric.ID.String(), "", ""), Numero: pratica.NumeroRegistro(ric.Registro, ric.Anno, ric.Numero),
		Giorno: i18n.Date(ric.Giorno), Tipo: amb.Regolamento.EtichettaValore("tipo", ric.Tipo), Codice: vault.Gruppi(ric.Codice),
		Chiave: vault.Gruppi(ric.Chiave.Valore()), Ente: s.presenta(), Anonima: ric.Anonima, Cambiata: seg.Tipo != "" && seg.Tipo != ric.Tipo && !pratica.DeiMembri(ric.Registro),
		Oggetto: seg.Oggetto, Indirizzo: s.base(r) + "/segui", Verifica: s.base(r) + "/ricevuta/verifica", UPT: pratica.DeiMembri(ric.Registro), PerConto: perConto(r), Altra: r.URL.Path}
	if p.PerConto {
		p.Link = ""
	}
	qr, err := disegnaQR(p.Indirizzo + "?codice=" + ric.Codice)
	if err != nil {
		return err
	}
	p.QR = template.HTML(qr) //nolint:gosec // drawn by us: numbers only
	link, err := s.linkProva(r, ric.Codice, ric.Chiave)
	if err == nil {
		qr, err = disegnaQR(s.base(r) + link)
		p.Prova = template.HTML(qr) //nolint:gosec // drawn by us: numbers only
	}
	if err != nil {
		s.Log.Error("receipt printed without its proof", "err", err) // the key is shown only here
	}
	if seg.Segnalante != nil {
		p.Chi = strings.TrimSpace(seg.Segnalante.Nome + " " + seg.Segnalante.Cognome)
	}
	for _, t := range ric.Termini {
		if !t.Scadenza.IsZero() {
			p.Termini = append(p.Termini, s.termine(amb, t, s.Servizio.Oggi()))
		}
	}
	return s.rendi(w, r, http.StatusCreated, "desk_ricevuta.html", p)
}
