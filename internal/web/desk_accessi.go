package web

import (
	"net/http"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

// modiLettura are the ways of reading, as the log shows them.
var modiLettura = map[string]string{
	pratica.ReadPage: "Ha aperto la pratica", pratica.ReadFile: "Ha aperto un documento", pratica.ReadPrint: "Ha preparato una stampa", pratica.ReadCopy: "Ha preso la copia per la persona",
	pratica.ReadList: "Ha visto un elenco", pratica.ReadSearch: "Ha cercato parole", pratica.ReadLog: "Ha letto questo registro",
	pratica.ReadExport: "Ha esportato un registro",
	pratica.ReadBundle: "Ha preso il fascicolo con le prove",
}

// rigaAccesso is a line of the log.
type rigaAccesso struct {
	Quando, ISO, Persona, Ufficio, Come, Numero, Parte string
}

type paginaAccessi struct {
	Scrivania
	Base                      string // address of the page
	UPT                       bool   // of its cases only, for its people
	Righe                     []rigaAccesso
	Persone                   []opzioneVista
	Persona, Numero, Dal, Al  string
	Errori                    erroriAdm
	Conta, Inizio, Successiva string
	Vuoto                     vuoto
}

// accessi shows the DPO who read personal data, and the UPT who read its cases. It names cases by number and people
// by name, and nothing of what was read.
func (s *Server) accessi(w http.ResponseWriter, r *http.Request) error {
	ctx, se, amb := r.Context(), sessioneDi(r), s.Servizio.Ambiente(s.EnteID)
	upt := registroDi(r) == pratica.RegistroUPT
	if !upt && !se.Ha(access.DPO) {
		return fault.New(fault.Forbidden, "Chi ha letto i dati lo vede solo il responsabile della protezione dei dati.")
	}
	base, _, err := s.scrivania(r, "Chi ha letto i dati", strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p := &paginaAccessi{Scrivania: base, Base: r.URL.Path, UPT: upt, Persona: q.Get("persona"), Numero: tronca(strings.TrimSpace(q.Get("numero")), 20), Dal: q.Get("dal"), Al: q.Get("al")}
	nomi, err := s.nomiPersone(r, p)
	if err != nil {
		return err
	}
	f := pratica.FiltroAccessi{Registro: map[bool]string{true: pratica.RegistroUPT}[upt], Persona: p.Persona, Limite: 100, Dopo: q.Get("dopo")}
	p.leggi(&f, nomi)
	if len(p.Errori) > 0 {
		return s.rendi(w, r, http.StatusUnprocessableEntity, "desk_accessi.html", p)
	}
	pag, err := s.Servizio.Accessi(ctx, se.Chi, f)
	if err != nil {
		return err
	}
	for _, a := range pag.Righe {
		x := rigaAccesso{Quando: quartoDOra(a), ISO: a.Il.In(day.Rome).Format("2006-01-02T15:04:05-07:00"), Persona: nonVuota(nomi[a.Persona], s.nomePersona(ctx, a.Persona)),
			Ufficio: nomeUfficio(amb, a.Ufficio), Come: nonVuota(modiLettura[a.Come], a.Come)}
		if a.Numero > 0 {
			x.Numero = pratica.NumeroRegistro(a.Registro, a.Anno, a.Numero)
		}
		if a.N > 0 {
			x.Parte = "tutta"
			switch a.Parte {
			case pratica.ParteNucleo:
			case pratica.ParteConcessa:
				x.Parte = "una pratica dell'URP"
			case pratica.ParteSeduta:
				x.Parte = "per la seduta della Commissione"
			case pratica.ParteSedutaCopia:
				x.Parte = "per la seduta della Commissione, solo la copia"
			default:
				x.Parte = "solo la richiesta"
			}
		}
		p.Righe = append(p.Righe, x)
	}
	q.Del("dopo")
	if f.Dopo != "" {
		p.Inizio = p.Base + "?" + q.Encode()
	}
	if pag.Dopo != "" {
		q.Set("dopo", pag.Dopo)
		p.Successiva = p.Base + "?" + q.Encode()
	}
	p.Conta = i18n.Plural(len(p.Righe), "lettura in questa pagina", "letture in questa pagina")
	p.Vuoto = vuoto{Titolo: "Nessuna lettura.", Testo: "Con questi filtri non c'è nulla. Prova con un altro giorno o un'altra persona.", Link: p.Base, Voce: "Togli i filtri"}
	return s.rendi(w, r, http.StatusOK, "desk_accessi.html", p)
}

// nomiPersone fills the choice of people, and gives everybody's name.
func (s *Server) nomiPersone(r *http.Request, p *paginaAccessi) (map[string]string, error) {
	if p.UPT { // their own are few, and the list of people is not for them
		return nil, nil
	}
	persone, err := s.Auth.People(r.Context(), sessioneDi(r).Chi)
	if err != nil {
		return nil, err
	}
	nomi := make(map[string]string, len(persone))
	for _, x := range persone {
		nomi[x.ID] = x.Nome
		p.Persone = append(p.Persone, opzioneVista{x.ID, x.Nome, x.ID == p.Persona})
	}
	slices.SortFunc(p.Persone, func(a, b opzioneVista) int { return strings.Compare(a.Testo, b.Testo) })
	return nomi, nil
}

// leggi reads the filters, and says what is wrong with them.
func (p *paginaAccessi) leggi(f *pratica.FiltroAccessi, nomi map[string]string) {
	sbaglia := func(campo, frase string) { p.Errori = append(p.Errori, erroreCampo{campo, frase}) }
	if p.Persona != "" && !p.UPT && nomi[p.Persona] == "" {
		sbaglia("persona", "Scegli una persona dell'elenco.")
	}
	if p.Numero != "" {
		var ok bool
		if f.Anno, f.Numero, ok = pratica.LeggiNumero(p.Numero); !ok {
			sbaglia("numero", "Scrivi il numero della pratica, per esempio 2026/12.")
		}
	}
	for _, d := range []struct {
		campo, testo string
		dove         *day.Date
	}{{"dal", p.Dal, &f.Dal}, {"al", p.Al, &f.Al}} {
		if d.testo == "" {
			continue
		}
		var err error
		if *d.dove, err = day.Parse(d.testo); err != nil {
			sbaglia(d.campo, "Scrivi un giorno che esiste.")
		}
	}
	if !f.Dal.IsZero() && !f.Al.IsZero() && f.Al < f.Dal {
		sbaglia("al", "Questo giorno viene prima dell'altro.")
	}
}

// quartoDOra is when, as precisely as it is kept.
func quartoDOra(a pratica.Accesso) string {
	da := a.Il.In(day.Rome)
	return i18n.ShortDate(day.In(a.Il)) + " " + da.Format("2006") + ", " + da.Format("15.04") + "–" + da.Add(pratica.Window).Format("15.04")
}

// letturaVista is a line of who read a report, as its author sees it.
type letturaVista struct{ Data, Testo string }

// vediLetture puts into words who read a report.
func vediLetture(amb *pratica.Ambiente, ll []pratica.Lettura) []letturaVista {
	var out []letturaVista
	for _, l := range ll {
		t := nomeUfficio(amb, l.Ufficio)
		switch l.Parte {
		case pratica.ParteNucleo:
		case pratica.ParteConcessa:
			t += ": una pratica dell'URP, per la tua segnalazione"
		case pratica.ParteSeduta:
			t += ": per la seduta"
		case pratica.ParteSedutaCopia:
			t += ": per la seduta, solo la copia senza i tuoi dati"
		default:
			t += ": solo la copia senza i tuoi dati"
		}
		out = append(out, letturaVista{i18n.LongDate(l.Giorno), t})
	}
	return out
}
