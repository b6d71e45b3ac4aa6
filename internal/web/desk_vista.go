package web

import (
	"context"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// paragrafi parts a text at its line breaks.
func paragrafi(t string) []string {
	var out []string
	for r := range strings.Lines(t) {
		if r = strings.TrimSpace(r); r != "" {
			out = append(out, r)
		}
	}
	return out
}

func segnalazioneVista(f *pratica.Fascicolo) *segVista {
	if f.Segnalazione == nil {
		return nil
	}
	seg := f.Segnalazione.Apri()
	v := &segVista{Righe: paragrafi(seg.Testo), Chiede: paragrafi(seg.Chiede)}
	if seg.Segnalante != nil {
		v.Persone = append(v.Persone, personaVista{"Chi segnala", datiPersona(seg.Segnalante)})
	}
	if seg.Assistito != nil {
		v.Persone = append(v.Persone, personaVista{"La persona assistita", datiPersona(seg.Assistito)})
	}
	metti := func(nome, valore string) {
		if valore != "" {
			v.Note = append(v.Note, voce{nome, valore})
		}
	}
	metti("Dove", strings.Trim(seg.Presidio+", "+seg.Unita, ", "))
	metti("Quando", dataInParole(seg.Quando))
	if !seg.ConosciutoIl.IsZero() {
		metti("Ha saputo del fatto", i18n.LongDate(seg.ConosciutoIl))
	}
	metti("Perché arriva tardi", seg.Ritardo)
	metti("Come rispondere", seg.Ricapito)
	metti("Lingua", seg.Lingua)
	metti("Aiuto che serve", seg.Aiuto)
	metti("Testimone", seg.Testimone)
	metti("Titolo per l'altra persona", seg.Delega)
	metti("Note dell'ufficio", seg.NoteURP)
	for _, a := range f.Storia {
		if t := a.Testi.Apri(); t["giusto"] != "" {
			v.Corretti = append(v.Corretti, voce{t["dato"], t["giusto"] + " (" + i18n.LongDate(a.Giorno) + ")"})
		}
	}
	return v
}

func datiPersona(p *pratica.Persona) []voce {
	var out []voce
	for _, x := range []voce{{"Nome", strings.TrimSpace(p.Nome + " " + p.Cognome)}, {"Codice fiscale", p.CodiceFiscale}, {"Data di nascita", dataInParole(p.DataNascita)},
		{"Telefono", p.Telefono}, {"E-mail", p.Email}, {"PEC", p.PEC},
		{"Indirizzo", strings.Trim(p.Indirizzo+", "+strings.TrimSpace(p.CAP+" "+p.Comune), ", ")}, {"In qualità di", p.Qualita}, {"Rapporto", p.Rapporto}} {
		if x.Valore != "" {
			out = append(out, x)
		}
	}
	return out
}

// dataInParole writes a date kept as YYYY-MM-DD in words; anything else as it is.
func dataInParole(t string) string {
	if d, err := day.Parse(t); err == nil {
		return i18n.LongDate(d)
	}
	return t
}

func (s *Server) datiPratica(ctx context.Context, amb *pratica.Ambiente, f *pratica.Fascicolo) []voce {
	h := f.Testa
	out := []voce{{"Numero", h.NumeroScritto()}, {"Ricevuta", i18n.LongDate(h.Giorno)}, {"Canale", nomeCanale(h.Canale)}}
	metti := func(nome, valore string) {
		if valore != "" {
			out = append(out, voce{nome, valore})
		}
	}
	if f.SoloRichieste {
		return out[:2]
	}
	if pratica.DeiMembri(h.Registro) {
		return append(out[:2], s.datiCartellino(ctx, amb, f)...)
	}
	metti("Protocollo dell’ente", protocolloAtteso(f, 1))
	if h.Ricezione != "" {
		metti("Ricevuta da", nomeUfficio(amb, h.Ricezione))
	}
	if x, ok := amb.Organigramma.Sede(h.Presidio); ok {
		metti("Presidio", x.Nome)
	}
	if h.Struttura != "" {
		metti("Struttura", nomeUnita(amb, h.Struttura))
	} else {
		metti("Struttura", "Da indicare")
	}
	if h.Macro != "" {
		metti("Macrostruttura", nomeUnita(amb, h.Macro))
	}
	if h.URP != "" {
		metti("URP competente", nomeUnita(amb, h.URP))
	} else {
		metti("URP competente", "URP aziendale")
	}
	metti("Incaricato", s.nomePersona(ctx, h.Incaricato))
	metti("Codice per il cittadino", codiceDi(f))
	metti("Procedura", f.Regole.Titolo()+", versione "+f.Regole.Versione())
	return out
}

// codiceDi is the code of who reported, for the office: who reads for a session needs
// no other door.
func codiceDi(f *pratica.Fascicolo) string {
	if f.Seduta != nil {
		return ""
	}
	return vault.Gruppi(f.Testa.Codice)
}

// datiCartellino is what the card of a case of members says, and what else it shows.
func (s *Server) datiCartellino(ctx context.Context, amb *pratica.Ambiente, f *pratica.Fascicolo) []voce {
	c := f.Cartellino.Apri()
	var out []voce
	metti := func(nome, valore string) {
		if valore != "" {
			out = append(out, voce{nome, valore})
		}
	}
	metti("Canale", nomeCanale(c.Canale))
	metti("Come la chiama chi scrive", amb.Regolamento.EtichettaValore("tipo", c.Tipo))
	if x, ok := amb.Organigramma.Sede(c.Presidio); ok {
		metti("Presidio", x.Nome)
	}
	if c.Struttura != "" {
		metti("Struttura", nomeUnita(amb, c.Struttura))
	}
	metti("Diritto", f.Regole.EtichettaValore("diritto", c.Diritto))
	metti("Esito", f.Regole.EtichettaValore("esito", c.Esito))
	if a := f.Affidata; a != nil {
		metti("Affidata a", s.nomePersona(ctx, a.Persona)+", ultimo giorno "+i18n.LongDate(a.Fino))
	}
	metti("Codice per il cittadino", codiceDi(f))
	metti("Procedura", f.Regole.Titolo()+", versione "+f.Regole.Versione())
	return out
}

var nomiCanali = map[string]string{"web": "Sito", "api": "Altro programma", "telefono": "Telefono", "sportello": "Sportello", "lettera": "Lettera", "fax": "Fax",
	"email": "E-mail", "pec": "PEC", "cassetta": "Cassetta", "social": "Social", "direzione": "Direzione"}

func nomeCanale(c string) string { return nonVuota(nomiCanali[c], maiuscola(c)) }

// metteTermini parts the terms: those that run, those that ended, those of the
// law. Who was only asked sees the terms of all and his own, and of the others not
// which office owes them: it would say what the case is about.
func (s *Server) metteTermini(p *paginaPratica, amb *pratica.Ambiente, f *pratica.Fascicolo, chi access.Chi, oggi day.Date) {
	for _, t := range f.Termini {
		mio := t.Per == "" || slices.ContainsFunc(f.Richieste, func(r pratica.RichiestaVista) bool { return r.Unita == t.Per })
		if f.SoloRichieste && (!mio || t.Legge) {
			continue
		}
		v := s.termine(amb, t, oggi)
		if f.SoloRichieste && !slices.Contains(chi.Uffici, t.Ufficio) {
			v.Chi = ""
		}
		switch {
		case t.Legge:
			p.Leggi = append(p.Leggi, v)
		case t.Fine == string(regolamento.Corre) || t.Fine == string(regolamento.Sospeso):
			p.Termini = append(p.Termini, v)
		default:
			p.Finiti = append(p.Finiti, v)
		}
	}
}

func (s *Server) termine(amb *pratica.Ambiente, t pratica.TermineVisto, oggi day.Date) termineVista {
	v := termineVista{Nome: t.Etichetta, Chi: nomeUfficio(amb, t.Ufficio), Fonte: t.Fonte, Perche: i18n.Perche(t.Passi), Legge: t.Legge}
	if t.Per != "" {
		v.Per = nomeUnita(amb, t.Per)
	}
	if !t.Scadenza.IsZero() {
		v.Quando = i18n.Date(t.Scadenza)
	}
	switch t.Fine {
	case string(regolamento.Corre):
		v.Scadenza = chipData(t.Scadenza, oggi)
		v.Scadenza.Data = ""
	case string(regolamento.Sospeso):
		v.Scadenza = chip{"c-pau", "lock", "Sospeso", ""}
	case string(regolamento.Adempiuto):
		v.Scadenza = chip{"c-grn", "check", "Rispettato", ""}
		v.Fine = "Fatto " + i18n.LongDate(t.FineIl) + "."
		if !t.Scadenza.IsZero() && t.FineIl > t.Scadenza {
			v.Scadenza = chip{"c-amb", "warning-circle", "Fatto in ritardo", ""}
			v.Fine = "Fatto " + i18n.LongDate(t.FineIl) + ", " + i18n.Days(int(t.FineIl-t.Scadenza)) + " dopo la scadenza."
		}
	default:
		v.Scadenza = chip{"c-ok", "close", "Non serve più", ""}
		v.Fine = "Dal " + i18n.LongDate(t.FineIl) + "."
	}
	return v
}

// richieste are those to the structures; their documents lie under qui.
func richieste(amb *pratica.Ambiente, f *pratica.Fascicolo, qui, coda string, oggi day.Date) []richiestaVista {
	var out []richiestaVista
	for _, r := range f.Richieste {
		nome := nomeUnita(amb, r.Unita)
		v := richiestaVista{Unita: nome, Iniziali: iniziali(nome), Il: i18n.LongDate(r.Il), Copia: paragrafi(r.Copia.Apri()),
			Quesito: paragrafi(r.Quesito.Apri()), Risposta: paragrafi(r.Testo.Apri()), Stato: chipData(r.Entro.Scadenza, oggi)}
		if !r.Risposta.IsZero() {
			v.Stato = chip{"c-grn", "check", "Risposta il " + i18n.ShortDate(r.Risposta), ""}
		}
		v.File = fileDi(qui, r.File)
		for _, l := range r.Lasciati.Apri() {
			v.Lasciati = append(v.Lasciati, voce{l.Testo, l.Motivo})
		}
		for _, c := range f.Consentiti {
			if slices.Contains(c.Per, r.Unita) {
				v.Risponde = aggiungiPer(linkAtto(f.Testa.ID.String(), c.Def.Nome, coda), r.Unita)
			}
		}
		out = append(out, v)
	}
	return out
}

// fileDi are documents, to be taken under the address at which their case is read.
func fileDi(qui string, file []pratica.FileVisto) []fileVista {
	var out []fileVista
	for _, x := range file {
		out = append(out, fileVista{Nome: x.Nome.Valore(), Link: qui + "/file/" + x.ID.String(),
			Peso: pesoScritto(x.Dimensione), Tipo: strings.ToUpper(x.Tipo), Icona: iconaFile(x.Tipo)})
	}
	return out
}

func iconaFile(tipo string) string {
	switch tipo {
	case "pdf":
		return "file-pdf"
	case "jpg", "png", "heic":
		return "camera"
	}
	return "file"
}

func schedeDi(p *paginaPratica, f *pratica.Fascicolo, coda string) []scheda {
	if f.SoloRichieste {
		return nil
	}
	risposte := 0
	for _, r := range f.Richieste {
		if !r.Risposta.IsZero() {
			risposte++
		}
	}
	conti := map[string]string{"lettere": i18n.Number(len(p.Fogli)), "documenti": i18n.Number(len(p.File))}
	if len(f.Richieste) > 0 {
		conti["istruttoria"] = i18n.Number(risposte) + " su " + i18n.Number(len(f.Richieste))
	}
	var out []scheda
	for _, x := range sezioni {
		out = append(out, scheda{x.Titolo, linkPratica(p.ID, x.Nome, coda), conti[x.Nome], x.Nome == p.Sezione})
	}
	return out
}
