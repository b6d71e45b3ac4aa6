package pratica

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/registro"
	"tutela/internal/regolamento"
)

// lontano stands in the work list for "no date": what is suspended comes last.
var lontano = day.Of(2999, time.December, 31)

// proietta makes the derived rows of a case after an act. It is their only maker.
func proietta(amb *Ambiente, reg *regolamento.Regolamento, cal *day.Calendario, h Testa, st regolamento.Stato, ultimo Atto) Righe {
	fase, _ := reg.Fase(st.Fase)
	h.Tipo, h.Natura, h.Fase, h.Stato = st.Attr["tipo"], st.Attr["natura"], st.Fase, reg.Stato(st)
	h.Aperta, h.Seq = fase.Aperta(), ultimo.Seq
	h.Vincolo = reg.Trattenuta(st)
	switch {
	case !fase.Finale:
		h.ChiusaIl = 0
	case h.ChiusaIl.IsZero():
		h.ChiusaIl = ultimo.Giorno
	}
	if ultimo.Kind != "" && ultimo.Kind == reg.Conservazione().Elimina {
		h.Eliminata = day.In(ultimo.Il)
	}
	h.Scadenza, h.Termine, h.ChiDeve, h.Prossimo, h.Sospesa, h.Scatto = 0, "", "", "", false, time.Time{}
	if ultimo.Incaricato != nil {
		h.Incaricato = *ultimo.Incaricato
	}
	giorno := day.In(ultimo.Il)
	r := Righe{}
	consentiti := reg.Allowed(cal, st, giorno)
	suggeriti := suggerisci(cal, st, consentiti, giorno)
	for _, t := range st.Termini {
		if !t.Dovuto() {
			continue
		}
		h.Sospesa = h.Sospesa || t.Fine == regolamento.Sospeso
		if s := scatto(t, cal, giorno); t.Fine == regolamento.Corre && !s.IsZero() && (h.Scatto.IsZero() || s.Before(h.Scatto)) {
			h.Scatto = s
		}
	}
	if t, scadenza, ok := st.Prossimo(cal); ok {
		h.Scadenza = scadenza
		h.Termine, h.ChiDeve = t.Regola, deve(reg, amb.Organigramma, h, giorno, t.Chi, t.Per)
	}
	if len(suggeriti) > 0 {
		h.Prossimo = suggeriti[0].Def.Nome
	}
	r.Testa = h
	r.Compiti = compiti(amb, reg, cal, h, st, giorno, consentiti, suggeriti)
	r.Vede = vede(r.Compiti, h)
	return r
}

// riguarda is the structure that a case is about from an act on: the one it names, or,
// while there is none, the first one asked. Empty: as before. Of a case of members it is
// on the card.
func (h Testa) riguarda(a Atto) string {
	switch {
	case DeiMembri(h.Registro):
		return ""
	case a.Dati["struttura"] == "" && h.Struttura == "" && len(a.Destinatari) > 0:
		return a.Destinatari[0]
	}
	return a.Dati["struttura"]
}

// instrada gives a case to the offices of a structure.
func (a *Ambiente) instrada(h Testa, struttura string, oggi day.Date) Testa {
	per := a.Organigramma.Route(h.Presidio, struttura, oggi, a.Uffici)
	h.Struttura, h.Macro, h.URP = per.Struttura, per.Macro, nonVuoto(per.Urp, h.URP)
	return h
}

// rifai makes the derived rows of a case again from its acts and from when warnings fell
// due, the oldest first.
func rifai(amb *Ambiente, n int64, atti []Registrato, scatti []time.Time) (Righe, error) {
	ap, primo := atti[0].Atto.Apertura, atti[0].Atto
	reg, cal := amb.Regolamenti[ap.Regolamento], amb.Calendari[ap.Calendario]
	if reg == nil || cal == nil {
		return Righe{}, registro.Wrong("la sua procedura non è tra quelle conservate.")
	}
	h := Testa{N: n, ID: primo.Pratica, Ente: primo.Ente, Registro: ap.Registro, Anno: ap.Anno, Numero: ap.Numero, Codice: ap.Codice, Slot: ap.Slot,
		Regolamento: ap.Regolamento, Calendario: ap.Calendario, Giorno: primo.Giorno, RicevutaIl: primo.Il, Canale: ap.Canale, Presidio: ap.Presidio,
		Struttura: ap.Struttura, Macro: ap.Macro, URP: ap.URP, Ricezione: ap.Ricezione}
	var st regolamento.Stato
	var out Righe
	vede := map[RigaVede]bool{}
	for i, x := range atti {
		var err error
		if st, err = reg.Apply(cal, st, perFold(x.Atto)); err != nil {
			return out, registro.Wrong("gli atti non si seguono secondo la procedura (%d).", x.Atto.Seq)
		}
		if l := x.Atto.Luogo; l != nil {
			h.Struttura, h.Macro, h.URP = l.Struttura, l.Macro, l.URP
		}
		ultimi := []Atto{x.Atto}
		for len(scatti) > 0 && (i == len(atti)-1 || scatti[0].Before(atti[i+1].Atto.Il)) {
			poi := x.Atto
			if poi.Il = scatti[0]; poi.Il.After(ultimi[len(ultimi)-1].Il) {
				ultimi = append(ultimi, poi)
			}
			scatti = scatti[1:]
		}
		for _, u := range ultimi {
			out = proietta(amb, reg, cal, h, st, u)
			for _, r := range out.Vede {
				vede[r] = true
			}
			h = out.Testa
		}
		if reg.Atto(x.Atto.Kind).Lettera == "risposta" {
			h.RispostaIl = x.Atto.Giorno
		}
		out.Testa = h
	}
	out.Vede = slices.Collect(maps.Keys(vede))
	return out, nil
}

// suggerisci are the acts that the rules propose next, first one first: allowed,
// not yet done, and past what they wait for.
func suggerisci(cal *day.Calendario, st regolamento.Stato, consentiti []regolamento.Esito, giorno day.Date) []regolamento.Esito {
	tardi := func(regola string) bool {
		return slices.ContainsFunc(st.Termini, func(t regolamento.Termine) bool {
			return t.Regola == regola && t.Dovuto() && t.Fine == regolamento.Corre && t.Giorno(cal) < giorno
		})
	}
	var out []regolamento.Esito
	for _, e := range consentiti {
		d := e.Def.Suggerisci
		if e.Ammesso() && d.Ordine > 0 && st.Fatti[e.Def.Nome] == 0 && (d.Scaduto == "" || tardi(d.Scaduto)) &&
			!slices.ContainsFunc(d.Dopo, func(k string) bool { return st.Fatti[k] == 0 }) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b regolamento.Esito) int {
		return cmp.Compare(a.Def.Suggerisci.Ordine, b.Def.Suggerisci.Ordine)
	})
	return out
}

// compiti says for which offices the case waits: those who are proposed an act,
// and those who owe a term that they can meet now.
func compiti(amb *Ambiente, reg *regolamento.Regolamento, cal *day.Calendario, h Testa, st regolamento.Stato, giorno day.Date,
	consentiti, suggeriti []regolamento.Esito) []RigaCompito {
	var out []RigaCompito
	metti := func(ufficio, cosa, gruppo string, entro day.Date, proposto bool) {
		if ufficio == "" {
			return
		}
		if entro.IsZero() {
			entro = lontano
		}
		for i := range out {
			if out[i].Ufficio == ufficio {
				out[i].Scadenza = min(out[i].Scadenza, entro)
				if proposto && out[i].Gruppo == "" {
					out[i].Cosa, out[i].Gruppo = cosa, gruppo
				}
				return
			}
		}
		out = append(out, RigaCompito{ufficio, entro, cosa, gruppo})
	}
	for _, e := range suggeriti {
		for _, a := range e.Attori {
			for _, u := range uffici(reg, amb.Organigramma, h, giorno, a, "") {
				metti(u, e.Def.Nome, e.Def.Suggerisci.Gruppo, h.Scadenza, true)
			}
		}
	}
	for _, t := range st.Termini {
		if t.Legge || !t.Dovuto() {
			continue
		}
		for _, e := range consentiti {
			if e.Ammesso() && slices.Contains(t.Def.Ferma, e.Def.Nome) && slices.Contains(e.Attori, t.Chi) {
				metti(deve(reg, amb.Organigramma, h, giorno, t.Chi, t.Per), e.Def.Nome, e.Def.Suggerisci.Gruppo, t.Giorno(cal), e.Def.Suggerisci.Gruppo != "")
				break
			}
		}
	}
	return out
}

// vede says which offices may list the case from now on. Offices are only added:
// who once handled a case can find it again. The URP aziendale needs no row.
func vede(compiti []RigaCompito, h Testa) []RigaVede {
	var out []RigaVede
	metti := func(u, come string) {
		if u != "" && access.Ruolo(u) != access.URPAziendale && !slices.Contains(out, RigaVede{u, come}) {
			out = append(out, RigaVede{u, come})
		}
	}
	if DeiMembri(h.Registro) { // both offices of the UPT, and whom they ask: nobody else
		for _, u := range uptUffici {
			metti(u, "n")
		}
		for _, c := range compiti {
			if !slices.Contains(uptUffici, c.Ufficio) {
				metti(c.Ufficio, "r")
			}
		}
		return out
	}
	metti(h.Ricezione, "n")
	if h.URP != "" {
		metti(access.Ufficio(access.URP, h.URP), "n")
	}
	for _, c := range compiti {
		if access.Interpellato(c.Ufficio) {
			metti(c.Ufficio, "r")
		} else {
			metti(c.Ufficio, "n")
		}
	}
	return out
}

// uptUffici are the offices that handle every case of the UPT.
var uptUffici = []string{access.Ufficio(access.UPT, ""), access.Ufficio(access.UPTOperatore, "")}

// scatto is the next instant at which a term warns or lapses, after giorno.
func scatto(t regolamento.Termine, cal *day.Calendario, giorno day.Date) time.Time {
	var primo time.Time
	if t.Def.Scaduto.Atto != "" { // the day after its date the program acts
		if g := t.Giorno(cal).Add(1); g > giorno {
			primo = g.Start()
		}
	}
	for _, a := range t.Avvisi(cal) {
		if s := avviso(a); a.Giorno > giorno && (primo.IsZero() || s.Before(primo)) {
			primo = s
		}
	}
	return primo
}

// terminiVisti are the terms of a state as people see them; soloCorrenti leaves
// out those that ended.
func terminiVisti(amb *Ambiente, reg *regolamento.Regolamento, cal *day.Calendario, h Testa, st regolamento.Stato, soloCorrenti bool) []TermineVisto {
	var out []TermineVisto
	for _, t := range st.Termini {
		corre := t.Fine == regolamento.Corre || t.Fine == regolamento.Sospeso
		if t.Nascosto || soloCorrenti && !corre {
			continue
		}
		def := reg.Termine(t.Regola)
		v := TermineVisto{ID: t.Regola, Etichetta: def.Etichetta, Per: t.Per, Legge: t.Legge, Dal: t.Dal, Fine: string(t.Fine),
			FineIl: t.FineIl, Fonte: t.Fonte, Ufficio: deve(reg, amb.Organigramma, h, h.Giorno, t.Chi, t.Per)}
		v.Scadenza, v.Passi = t.Scadenza(cal)
		chi, _ := reg.Attore(t.Chi)
		if chi.Ruolo != access.Ruolo(v.Ufficio) { // a wider office answers for it here
			chi, _ = reg.Attore(attoreDi(reg, v.Ufficio))
		}
		v.Attore = chi.Etichetta
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b TermineVisto) int { return cmp.Compare(a.Scadenza, b.Scadenza) })
	return out
}

// avviso is the instant of a notice: a lapse at midnight of its day, the others
// at seven in the morning.
func avviso(a regolamento.Avviso) time.Time {
	if a.Scaduto {
		return a.Giorno.Start()
	}
	return a.Giorno.Start().Add(7 * time.Hour)
}
