package web

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tutela/internal/auth"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/redact"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// leggiSegnalazione reads the form; what is wrong comes in the order of the page.
func (s *Server) leggiSegnalazione(se *auth.Sessione, registro string, v url.Values) (pratica.Nuova, []erroreCampo) {
	amb, oggi := s.Servizio.Ambiente(s.EnteID), s.Servizio.Oggi()
	l := &lettura{Values: v}
	nu := pratica.Nuova{Registro: registro, Canale: l.scelta("canale", canaliOrdine, "Scegli come è arrivata."), Ricezione: v.Get("ricezione")}
	switch u := ufficiRicezione(amb.Del(registro), se); {
	case nu.Ricezione == "" && len(u) > 0:
		nu.Ricezione = u[0]
	case len(u) > 0 && !slices.Contains(u, nu.Ricezione):
		l.errore("ricezione", "Scegli l'ufficio che la riceve: quello indicato non è tuo.")
	}
	if g, ok := giornoModulo(v.Get("ricevuta-il")); !ok || g > oggi {
		l.errore("ricevuta-il", "Scrivi il giorno di arrivo, fino a oggi.")
	} else {
		nu.RicevutaIl = g
	}
	seg := pratica.Segnalazione{Tipo: v.Get("tipo"), Oggetto: l.riga("oggetto", pratica.MaxOggetto, ""),
		Testo: l.testo("testo", pratica.MaxTesto, "Scrivi che cosa è successo."), Chiede: l.testo("chiede", maxBreve, ""),
		Presidio: l.riga("presidio", maxLuogo, ""), Quando: l.riga("quando", maxLuogo, ""), Lingua: l.scelta("lingua", lingue, ""),
		Ritardo: l.testo("ritardo", maxBreve, ""), Aiuto: l.riga("aiuto", maxBreve, ""), Testimone: l.riga("testimone", maxLuogo, ""),
		NoteURP: l.testo("note", maxBreve, "")}
	unita := l.riga("unita", maxLuogo, "")
	if nu.Unita = unitaScelta(amb.Organigramma, unita); nu.Unita != "" {
		u, _ := amb.Organigramma.Unita(nu.Unita)
		seg.Unita = u.Nome
	} else {
		seg.Unita, nu.Unita = unita, unita
	}
	nu.Presidio = seg.Presidio
	if _, ok := amb.Regolamento.Tipo(seg.Tipo); !ok {
		seg.Tipo = ""
	}
	if g, ok := giornoModulo(v.Get("conosciuto-il")); !ok || g > oggi {
		l.errore("conosciuto-il", "Scrivi quando la persona ha saputo del fatto, fino a oggi.")
	} else {
		seg.ConosciutoIl = g
	}
	if v.Get("anonima") == "" {
		seg.Segnalante = leggiPersona(l, "", v)
		seg.Segnalante.Qualita = v.Get("qualita")
		seg.Ricapito = l.scelta("ricapito", recapiti, "")
		if seg.Segnalante.Nome == "" && seg.Segnalante.Cognome == "" {
			l.errore("cognome", "Scrivi il nome, o segna che non vuole dirlo.")
		}
	}
	if v.Get("altra") != "" {
		seg.Assistito = leggiPersona(l, "altro-", v)
		seg.Assistito.Rapporto = l.riga("rapporto", maxNome, "")
		if g, ok := giornoModulo(v.Get("altro-nascita")); !ok || g > oggi {
			l.errore("altro-nascita", "Scrivi la data di nascita, per esempio 31/03/1950.")
		} else {
			seg.Assistito.DataNascita = g.String()
		}
		seg.Delega = l.scelta("titolo", titoli, "")
		if seg.Assistito.Nome == "" && seg.Assistito.Cognome == "" {
			l.errore("altro-cognome", "Scrivi il nome della persona.")
		}
	}
	if v.Get("riletto") != "" {
		seg.NoteURP = strings.TrimSpace("Testo riletto alla persona, che conferma.\n" + seg.NoteURP)
	}
	nu.Segnalazione = pratica.Chiudi(seg)
	return nu, l.Errori
}

func leggiPersona(l *lettura, prefisso string, v url.Values) *pratica.Persona {
	p := &pratica.Persona{Nome: l.riga(prefisso+"nome", maxNome, ""), Cognome: l.riga(prefisso+"cognome", maxNome, ""),
		CodiceFiscale: strings.ToUpper(l.riga(prefisso+"codice-fiscale", 20, ""))}
	if prefisso != "" {
		return p
	}
	p.Telefono, p.Email, p.PEC = l.riga("telefono", 40, ""), l.riga("email", 120, ""), l.riga("pec", 120, "")
	p.Indirizzo, p.CAP, p.Comune = l.riga("indirizzo", maxLuogo, ""), l.riga("cap", maxNome, ""), l.riga("comune", maxNome, "")
	for _, k := range []string{"email", "pec"} {
		if t := v.Get(k); t != "" && !pratica.Mail(t) {
			l.errore(k, "Scrivi l'indirizzo così: nome@esempio.it.")
		}
	}
	if p.Telefono != "" && !pratica.Telefono(p.Telefono) {
		l.errore("telefono", "Scrivi il telefono con i numeri, per esempio 333 1234567.")
	}
	return p
}

// campiDominio are the fields of the domain as the form calls them.
var campiDominio = map[string]string{"ricevutaIl": "ricevuta-il", "conosciutoIl": "conosciuto-il", "noteUrp": "note", "delega": "titolo", "allegati": "documenti",
	"codiceFiscale": "codice-fiscale", "altro-codiceFiscale": "altro-codice-fiscale", "altro-dataNascita": "altro-nascita"}

// fiscaliDubbi are the codici fiscali of the form whose last letter does not
// follow from the others, by field: who hears one may get it wrong, and who reads
// it on the card may be right.
func fiscaliDubbi(v url.Values) map[string]string {
	out := map[string]string{}
	for campo, serve := range map[string]bool{"codice-fiscale": v.Get("anonima") == "", "altro-codice-fiscale": v.Get("altra") != ""} {
		c := strings.ToUpper(strings.Join(strings.Fields(v.Get(campo)), ""))
		if serve && len(c) == 16 && !redact.TaxCodeHolds(c) {
			out[campo] = c
		}
	}
	return out
}

func erroriNuova(e *fault.Error) []erroreCampo {
	var out []erroreCampo
	for k, m := range e.Campi {
		k = strings.TrimPrefix(k, "segnalante.")
		if r, ok := strings.CutPrefix(k, "assistito."); ok {
			k = "altro-" + r
		}
		out = append(out, erroreCampo{nonVuota(campiDominio[k], k), m})
	}
	slices.SortFunc(out, func(a, b erroreCampo) int { return strings.Compare(a.Campo, b.Campo) })
	switch {
	case e.Kind == fault.Conflict:
		return []erroreCampo{{"", e.Message}}
	case len(out) == 0:
		out = []erroreCampo{{"", "Questa segnalazione è già registrata. Per un'altra apri una pagina nuova."}}
	}
	return out
}

// corpoNuova is the digest of all that is registered: the same form sent again
// has the same, to the same office.
func corpoNuova(registro string, v url.Values, file []fileBozza) [32]byte {
	h := sha256.New()
	h.Write([]byte(registro + "\x00"))
	for _, k := range campiNuova {
		h.Write([]byte(k + "\x00" + v.Get(k) + "\x00"))
	}
	for _, f := range file {
		h.Write(f.Impronta[:])
	}
	return [32]byte(h.Sum(nil))
}

// tipoProposto is the kind that the words suggest, empty when they suggest none:
// a person decides.
func tipoProposto(reg *regolamento.Regolamento, seg pratica.Segnalazione) string {
	t := " " + pratica.Appiattisci(seg.Oggetto+" "+seg.Testo+" "+seg.Chiede) + " "
	conta := func(parole ...string) int {
		n := 0
		for _, p := range parole {
			n += strings.Count(t, " "+p)
		}
		return n
	}
	bene := conta("grazi", "ringrazi", "elogi", "complimenti", "gentilezza", "bravissim")
	idea := conta("propong", "suggeri", "sarebbe utile", "si potrebbe", "idea ", "migliorare")
	male := conta("reclam", "attes", "mai arriv", "sbagliat", "non mi", "non ci", "nessuno", "vergogn", "protest", "maleducat", "error")
	nome := ""
	switch {
	case bene > idea && bene > male:
		nome = "elogio"
	case idea > male:
		nome = "suggerimento"
	case male > 0:
		nome = "reclamo"
	}
	if x, ok := reg.Tipo(nome); ok {
		return x.Etichetta
	}
	return ""
}

// doppioni are the cases that may be of the same person: by codice fiscale,
// telephone or e-mail, and by surname and name too when somebody asks.
// The case that this very form has registered already is not one of them.
func (s *Server) doppioni(r *http.Request, questa vault.ID, seg pratica.Segnalazione, anchePerNome bool) ([]rigaLavoro, string, error) {
	se, amb := sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	var domande []string
	for _, p := range []*pratica.Persona{seg.Segnalante, seg.Assistito} {
		if p == nil {
			continue
		}
		domande = append(domande, p.CodiceFiscale, p.Telefono, p.Email, p.PEC)
		if anchePerNome && p.Cognome != "" {
			domande = append(domande, strings.TrimSpace(p.Nome+" "+p.Cognome))
		}
	}
	oggi := s.Servizio.Oggi()
	var out []rigaLavoro
	visti := map[string]bool{}
	for _, q := range domande {
		if strings.TrimSpace(q) == "" {
			continue
		}
		parole := pratica.Parole(q)
		if parole.Vuota() {
			continue
		}
		d, err := s.Servizio.Domande(s.EnteID, parole, oggi.Year()-3)
		if err != nil {
			return nil, "", err
		}
		pag, err := s.Servizio.Elenco(r.Context(), se.Chi, pratica.Filtro{Parole: d, Limite: 5})
		if err != nil {
			return nil, "", err
		}
		for _, x := range pag.Righe {
			if visti[x.ID.String()] || x.ID == questa || len(out) >= 5 {
				continue
			}
			visti[x.ID.String()] = true
			v, err := s.riga(r.Context(), amb, se.Chi, x, "", oggi)
			if err != nil {
				return nil, "", err
			}
			v.Nota += ", ricevuta " + i18n.LongDate(x.Giorno)
			out = append(out, v)
		}
	}
	var id []string
	for _, x := range out {
		id = append(id, x.ID)
	}
	return out, strings.Join(id, " "), nil
}
