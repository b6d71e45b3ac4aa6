package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
)

// lettera is what is sent to the citizen, as it is printed.
type lettera struct {
	Titolo       string
	Ente         Ente
	Numero       string
	Data         string
	Destinatario []string
	Oggetto      string
	Paragrafi    []string
	Firma        []string
	Bozza        bool
	UPT          bool // it is the UPT's
	Contrassegno *contrassegnoVisto
	Protocollo   string // number of the ente's own protocol
}

// modulo is a form of the procedure, filled in.
type modulo struct {
	Titolo string
	Ente   Ente
	Numero string
	Voci   []voce
	Firma  []string
	Fonte  string
}

// nomiLettere and nomiModuli are the sheets of the procedure as people call them.
//
// ref: pga01 all. 1
var (
	nomiLettere = map[string]string{"mod04": "MOD 04, avvio dell'istruttoria", "proroga": "Proroga della risposta",
		"risposta": "Risposta", "cortesia": "Nota di cortesia"}
	nomiModuli = map[string]string{"mod02": "MOD 02, relazione della macrostruttura", "mod03": "MOD 03, soluzione immediata",
		"mod05": "MOD 05, azione di miglioramento"}
)

// nomeFoglio is the sheet that an act makes; empty when it makes none.
func nomeFoglio(d *regolamento.DefAtto) string {
	switch {
	case d == nil:
		return ""
	case d.Lettera != "":
		return nonVuota(nomiLettere[d.Lettera], maiuscola(d.Lettera))
	case d.Modulo != "":
		return nonVuota(nomiModuli[d.Modulo], maiuscola(d.Modulo))
	}
	return ""
}

type paginaFoglio struct {
	Soglia
	Indietro string
	Lettera  *lettera
	Modulo   *modulo
}

// foglio is a letter or a form of the case, to be read and printed.
func (s *Server) foglio(w http.ResponseWriter, r *http.Request) error {
	f, err := s.apri(r)
	if err != nil {
		return err
	}
	seq, err := strconv.Atoi(r.PathValue("seq"))
	if err != nil || seq < 1 || seq > len(f.Storia) || !f.Testa.Eliminata.IsZero() {
		return fault.New(fault.NotFound, "Questo foglio non c'è.")
	}
	a := f.Storia[seq-1]
	d := f.Regole.Atto(a.Kind)
	if nomeFoglio(d) == "" || f.SoloRichieste && !a.Leggibile {
		return fault.New(fault.NotFound, "Questo foglio non c'è.")
	}
	p := &paginaFoglio{Soglia: s.soglia(nomeFoglio(d)), Indietro: linkPratica(f.Testa.ID.String(), "", "")}
	amb := s.Servizio.Ambiente(s.EnteID)
	if d.Lettera == "" {
		p.Modulo = s.moduloDi(r.Context(), amb, f, d, a)
	} else {
		st, err := statoDopo(amb, f, seq)
		if err != nil {
			return err
		}
		p.Lettera = s.letteraDi(r.Context(), amb, f, d, a, st)
		if p.Lettera.Contrassegno, err = s.contrassegno(r, a.Contrassegno); err != nil {
			return err
		}
		p.Lettera.Protocollo = numeroEnte(f.NumeroEnte(seq))
	}
	return s.rendi(w, r, http.StatusOK, "desk_foglio.html", p)
}

// statoDopo is the state of the case after its first n acts.
func statoDopo(amb *pratica.Ambiente, f *pratica.Fascicolo, n int) (regolamento.Stato, error) {
	var atti []regolamento.Atto
	for _, a := range f.Storia[:n] {
		atti = append(atti, perRegole(a.Atto))
	}
	return f.Regole.Fold(amb.Calendari[f.Testa.Calendario], atti)
}

// perRegole is an envelope as the rules read it.
func perRegole(a pratica.Atto) regolamento.Atto {
	return regolamento.Atto{Seq: a.Seq, Kind: a.Kind, Giorno: a.Giorno, Il: a.Il, Pone: a.Pone,
		Destinatari: a.Destinatari, Per: a.Per, Giorni: a.Giorni, Date: a.Date}
}

func (s *Server) moduloDi(ctx context.Context, amb *pratica.Ambiente, f *pratica.Fascicolo, d *regolamento.DefAtto, a pratica.AttoVisto) *modulo {
	m := &modulo{Titolo: nomeFoglio(d), Ente: s.presenta(), Numero: f.Testa.NumeroScritto(), Fonte: d.Fonte}
	m.Voci = []voce{{"Segnalazione", m.Numero + ", ricevuta " + i18n.LongDate(f.Testa.Giorno)}, {"Tipo", f.Regole.EtichettaValore("tipo", f.Testa.Tipo)}}
	if f.Testa.Struttura != "" && !f.SoloRichieste {
		m.Voci = append(m.Voci, voce{"Struttura", nomeUnita(amb, f.Testa.Struttura)})
	}
	if f.Testa.Macro != "" && !f.SoloRichieste {
		m.Voci = append(m.Voci, voce{"Macrostruttura", nomeUnita(amb, f.Testa.Macro)})
	}
	m.Voci = append(m.Voci, s.testi(ctx, amb, f.Regole, d, a)...)
	m.Firma = []string{i18n.LongDate(a.Giorno), s.chiFece(ctx, amb, a)}
	return m
}

// letteraDi writes the letter of an act, done or still to be done: st is the
// state after it, from which its dates come.
func (s *Server) letteraDi(ctx context.Context, amb *pratica.Ambiente, f *pratica.Fascicolo, d *regolamento.DefAtto, a pratica.AttoVisto, st regolamento.Stato) *lettera {
	h := f.Testa
	l := &lettera{UPT: pratica.DeiMembri(h.Registro), Titolo: nomeFoglio(d), Ente: s.presenta(), Numero: h.NumeroScritto(), Data: i18n.LongDate(a.Giorno),
		Oggetto: f.Regole.EtichettaValore("tipo", h.Tipo) + " n. " + h.NumeroScritto() + " (" + i18n.LongDate(h.Giorno) + ")"}
	saluto := "Buongiorno,"
	if f.Segnalazione != nil && f.Segnalazione.Apri().Segnalante != nil {
		p := f.Segnalazione.Apri().Segnalante
		l.Destinatario = destinatario(p)
		saluto = "Gentile " + strings.TrimSpace(p.Nome+" "+p.Cognome) + ","
	}
	entro, chi := promessa(amb, f, st)
	testi := a.Testi.Apri()
	switch d.Lettera {
	case "mod04":
		l.Paragrafi = []string{saluto, "abbiamo aperto l'istruttoria sulla tua segnalazione: chiediamo chiarimenti ai servizi interessati e ti rispondiamo per iscritto."}
		if !entro.IsZero() {
			l.Paragrafi = append(l.Paragrafi, "Ti rispondiamo entro "+i18n.Date(entro)+". Se serve più tempo, te lo scriviamo prima, con il motivo e la nuova data.")
		}
		l.Paragrafi = append(l.Paragrafi, "Risponde: "+nonVuota(chi, "l'URP aziendale")+". Per parlare con noi chiama "+s.presenta().Telefono+orari(s.presenta())+".", avvisoGiudice)
	case "proroga":
		l.Paragrafi = []string{saluto, "per rispondere alla tua segnalazione ci serve più tempo."}
		if m := testi["motivo"]; m != "" {
			l.Paragrafi = append(l.Paragrafi, "Il motivo: "+m)
		}
		if !entro.IsZero() {
			l.Paragrafi = append(l.Paragrafi, "Ti rispondiamo entro "+i18n.Date(entro)+".")
		}
		l.Paragrafi = append(l.Paragrafi, "Ci scusiamo per l'attesa.", avvisoGiudice)
	default:
		l.Paragrafi = paragrafi(nonVuota(testi["testo"], ultimoTesto(f, d.TestoDa)))
	}
	l.Firma = firmatario(ctx, s, amb, f, a)
	return l
}

// avvisoGiudice is what every letter says, whatever it answers.
//
// ref: dlgs502-1992 art. 14 c. 5
const avvisoGiudice = "La segnalazione non ti toglie nessun diritto: puoi sempre rivolgerti al giudice (art. 14, comma 5, D.Lgs. 502/1992)."

func orari(e Ente) string {
	if e.Orari == "" {
		return ""
	}
	return ", " + e.Orari
}

func destinatario(p *pratica.Persona) []string {
	var out []string
	for _, t := range []string{strings.TrimSpace(p.Nome + " " + p.Cognome), p.Indirizzo, strings.TrimSpace(p.CAP + " " + p.Comune)} {
		if t != "" {
			out = append(out, t)
		}
	}
	if p.Indirizzo == "" {
		for _, t := range []string{p.PEC, p.Email} {
			if t != "" {
				out = append(out, t)
				break
			}
		}
	}
	return out
}

// promessa is the last day of the case's own terms that are due, and who owes it.
func promessa(amb *pratica.Ambiente, f *pratica.Fascicolo, st regolamento.Stato) (entro day.Date, chi string) {
	for _, t := range st.Termini {
		if t.Legge || t.Per != "" || !t.Dovuto() {
			continue
		}
		if d := t.Giorno(amb.Calendari[f.Testa.Calendario]); d > entro {
			entro = d
			if x, ok := f.Regole.Attore(t.Chi); ok {
				chi = x.Etichetta
			}
		}
	}
	return entro, chi
}

// ultimoTesto is what the last act of a kind says.
func ultimoTesto(f *pratica.Fascicolo, kind string) string {
	t := ""
	for _, a := range f.Storia {
		if a.Kind == kind && a.Leggibile {
			t = a.Testi.Apri()["testo"]
		}
	}
	return t
}

// firmatario is who signs a letter: who approved its text, else who sends it.
func firmatario(ctx context.Context, s *Server, amb *pratica.Ambiente, f *pratica.Fascicolo, a pratica.AttoVisto) []string {
	d := f.Regole.Atto(a.Kind)
	chi := a
	if d != nil && d.TestoDa != "" {
		for _, x := range f.Storia {
			k := f.Regole.Atto(x.Kind)
			if k != nil && k.TestoDa == d.TestoDa && k.Lettera == "" && x.Seq < max(a.Seq, 1) {
				chi = x
			}
		}
	}
	if chi.Ufficio == "" {
		return nil
	}
	return []string{nomeUfficio(amb, chi.Ufficio), s.nomePersona(ctx, chi.Persona)}
}
