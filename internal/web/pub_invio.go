package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"tutela/internal/fault"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// riga is an answer on the last page, with where to change it.
type riga struct {
	Nome, Valore, Cambia, Cosa string
}

// righe are the answers as the last page shows them, each with where to change it.
func (b *bozza) righe(org *organigramma.Versione, tipo string) []riga {
	ri := &b.Risposte
	out := []riga{
		{"A chi scrivi", map[bool]string{true: "UPT, Ufficio di Pubblica Tutela", false: "URP"}[ri.UPT()], "/segnala/ufficio", "l'ufficio"},
		{"Che cosa vuoi dirci", tipo, "/segnala/1", "il tipo"},
		{"Dove", ri.dove(org), "/segnala/2", "il posto"},
		{"Quando", nonVuota(ri.Quando.Frase(), "Non detto"), "/segnala/2", "la data"},
	}
	if ri.reclamo() && !ri.Saputo.vuoto() {
		out = append(out, riga{"L'hai saputo", ri.Saputo.Frase(), "/segnala/2", "quando l'hai saputo"})
	}
	if ri.Ritardo != "" {
		out = append(out, riga{"Perché scrivi adesso", ri.Ritardo, "/segnala/2/ritardo", "il motivo"})
	}
	out = append(out, riga{"Che cosa è successo", ri.Testo, "/segnala/3", "il racconto"})
	if c := ri.chiede(); c != "" {
		out = append(out, riga{"Che cosa vorresti", c, "/segnala/3", "che cosa vorresti"})
	}
	out = append(out, riga{"Documenti", elencoFile(b.File), "/segnala/4", "i documenti"})
	if ri.Per == "anonimo" {
		return append(out, riga{"Chi sei", "Scrivi senza nome", "/segnala/5", "per chi scrivi"})
	}
	if ri.Per == "altra" {
		out = append(out, riga{"Scrivi per", strings.TrimSpace(ri.NomeAltro + " " + ri.CognomeAltro), "/segnala/5/dati", "la persona"},
			riga{"Che cosa sei per lei", etichetteTitoli[ri.Titolo], "/segnala/5/dati", "che cosa sei per la persona"})
	}
	out = append(out, riga{"Chi sei", strings.TrimSpace(ri.Nome + " " + ri.Cognome), "/segnala/5/dati", "il tuo nome"},
		riga{"Come ti contattiamo", ri.contatto(), "/segnala/5/dati", "come ti contattiamo"})
	if ri.Lingua != "" || ri.Aiuto != "" {
		out = append(out, riga{"Lingua e aiuto", unisciFrasi(ri.Lingua, ri.Aiuto), "/segnala/5/dati", "lingua e aiuto"})
	}
	return out
}

// dove are the words of the place, and the name of what was chosen.
func (r *risposte) dove(org *organigramma.Versione) string {
	if u, ok := org.Unita(r.Unita); ok && u.Nome != r.Luogo {
		return unisciFrasi(r.Luogo, u.Nome)
	}
	if x, ok := org.Sede(r.Presidio); ok && x.Nome != r.Luogo {
		return unisciFrasi(r.Luogo, x.Nome)
	}
	return r.Luogo
}

func (r *risposte) contatto() string {
	indirizzo := unisciFrasi(r.Indirizzo, strings.TrimSpace(r.CAP+" "+r.Comune))
	return unisciFrasi(etichetteRecapiti[r.Ricapito], r.Email, r.Telefono, indirizzo)
}

// unisciFrasi joins what is not empty.
func unisciFrasi(voci ...string) string {
	var out []string
	for _, v := range voci {
		if v != "" {
			out = append(out, v)
		}
	}
	return strings.Join(out, ", ")
}

// vediPasso6 shows all that would be sent; cambiata says that who sent it was
// looking at something else.
func (s *Server) vediPasso6(w http.ResponseWriter, r *http.Request, stato int, b *bozza, cambiata bool, errori []erroreCampo) error {
	amb, err := s.ambiente()
	if err != nil {
		return err
	}
	ri := &b.Risposte
	return s.mostra(w, r, stato, "pub_passo6", vista{UPT: ri.UPT(), Titolo: "Controlla prima di inviare", Passo: 6, Indietro: ri.primaDi6(), Azione: "/segnala/6",
		Errori: errori, V: struct {
			*risposte
			Righe    []riga
			Chiave   string
			Rilievo  bool
			Cambiata bool
			Manca    string // the page of what is not answered yet
		}{ri, b.righe(amb.Organigramma, etichettaTipo(ri.Tipo)), base64.RawURLEncoding.EncodeToString(b.mostrata()),
			ri.Per == "anonimo" && !ri.UPT() && ri.Tipo != "suggerimento" && ri.Tipo != "rilievo", cambiata, ri.manca()}})
}

// primaDi6 is the page before the last one.
func (r *risposte) primaDi6() string {
	if r.Per == "anonimo" {
		return "/segnala/5"
	}
	return "/segnala/5/dati"
}

func (s *Server) passo6(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	if m := b.Risposte.manca(); m != "" {
		http.Redirect(w, r, m, http.StatusSeeOther)
		return nil
	}
	return s.vediPasso6(w, r, http.StatusOK, b, false, nil)
}

// invia registers the segnalazione that the page showed, and no other: what was
// changed in another window is shown first. The same form sent again finds the
// receipt of the first time, whatever happened between.
func (s *Server) invia(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	c := leggiBiscotto(r)
	if c != nil {
		defer s.serrature.chiudi(c.id())()
	}
	b, err := s.apriBozza(r.Context(), c)
	switch {
	case err != nil:
		return s.nonRegistrata(w, r, false, err)
	case b == nil:
		return s.mostra(w, r, http.StatusNotFound, "pub_perduta", vista{Titolo: "Non troviamo quello che hai scritto"})
	case b.Ricevuta != nil:
		http.Redirect(w, r, "/ricevuta", http.StatusSeeOther)
		return nil
	}
	chiave, err := base64.RawURLEncoding.DecodeString(v.Get("chiave"))
	if err != nil || !hmac.Equal(chiave, b.mostrata()) || b.Risposte.manca() != "" {
		return s.vediPasso6(w, r, http.StatusConflict, b, true, nil)
	}
	ric, err := s.Servizio.Registra(r.Context(), s.cittadino(), b.nuova())
	if e, ok := comeFault(err, fault.Invalid, fault.Conflict, fault.TooLarge); ok {
		return s.vediPasso6(w, r, e.Kind.Status(), b, false, erroriInvio(e))
	}
	if err != nil {
		return s.nonRegistrata(w, r, b.Risposte.UPT(), err)
	}
	s.quota.togli(b.peso())
	fatta := &bozza{ID: ric.ID, Chiave: b.Chiave, Ricevuta: s.perBozza(ric)}
	if err := s.salvaBozza(w, r, c, fatta); err != nil { // the case is there: the receipt is shown all the same
		s.Log.Error("receipt not kept", "route", r.Pattern, "err", err)
		return s.vediRicevuta(w, r, fatta.Ricevuta, false)
	}
	http.Redirect(w, r, "/ricevuta", http.StatusSeeOther)
	return nil
}

// nuova is the draft as pratica registers it.
func (b *bozza) nuova() pratica.Nuova {
	nu := pratica.Nuova{Registro: b.Risposte.registro(), ID: b.ID, Slot: vault.Slot{ID: b.Slot, Key: b.SlotKey}, Segnalazione: pratica.Chiudi(b.Risposte.segnalazione()),
		Presidio: b.Risposte.Presidio, Unita: b.Risposte.Unita, Canale: "web", Chiave: b.Chiave, Corpo: b.corpo()}
	for _, f := range b.File {
		nu.File = append(nu.File, f.perPratica())
	}
	return nu
}

// corpo is the digest of all that is sent.
func (b *bozza) corpo() [32]byte {
	t, err := json.Marshal(struct {
		R risposte
		F []fileBozza
	}{b.Risposte, b.File})
	if err != nil {
		panic("web: answers that do not encode: " + err.Error())
	}
	return sha256.Sum256(t)
}

// mostrata is the key of the last page's form: of this draft, as the page showed it.
func (b *bozza) mostrata() []byte {
	c, m := b.corpo(), hmac.New(sha256.New, b.Chiave)
	_, _ = m.Write(c[:]) // a hash takes all
	return m.Sum(nil)
}

// erroriInvio are the faults of the fields, or the one sentence that says it.
func erroriInvio(err error) []erroreCampo {
	return []erroreCampo{{"righe", fault.Message(err)}}
}

// nonRegistrata tells the truth: it was not registered, what was written is kept,
// and there is a telephone.
func (s *Server) nonRegistrata(w http.ResponseWriter, r *http.Request, upt bool, err error) error {
	s.Log.Error("intake failed", "route", r.Pattern, "err", err)
	w.Header().Set("Retry-After", "60")
	return s.mostra(w, r, http.StatusServiceUnavailable, "pub_nonregistrata", vista{UPT: upt, Titolo: "Non siamo riusciti a registrare la segnalazione",
		Indietro: "/segnala/6"})
}

// etichettaTipo is a kind in the words of who chose it.
func etichettaTipo(tipo string) string {
	if f, ok := frasiTipi[tipo]; ok {
		return f
	}
	return tipo
}

var frasiTipi = map[string]string{
	"reclamo":      "Qualcosa è andato male e voglio una risposta",
	"rilievo":      "Voglio farvi notare un problema",
	"suggerimento": "Ho un'idea per migliorare un servizio",
	"elogio":       "Voglio ringraziare qualcuno",
	nonSo:          "Non so: alla scelta pensate voi",
}

// spiegaTipi say what becomes of a kind that gets no written answer.
var spiegaTipi = map[string]string{
	"rilievo":      "Lo usiamo per migliorare, senza una lettera di risposta.",
	"suggerimento": "Ci aiuta a decidere che cosa cambiare.",
	"elogio":       "Lo facciamo avere alle persone che vuoi ringraziare.",
}
