package api

import (
	"context"
	"net/http"
	"regexp"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

type ingressoElenco struct {
	Numero     string `query:"numero" doc:"2026/123, oppure 123 di qualunque anno."`
	Stato      string `query:"stato" doc:"La fase, o una delle quattro parole del cittadino."`
	Tipo       string `query:"tipo"`
	Struttura  string `query:"struttura" doc:"L'id della struttura."`
	ScadeEntro string `query:"scadeEntro" format:"date" doc:"Aperte, con il prossimo termine entro questo giorno."`
	Ordina     string `query:"ordina" enum:"scadenza" doc:"Senza, le più recenti prima."`
	Limite     int    `query:"limite" minimum:"1" maximum:"100" default:"50"`
	Dopo       string `query:"dopo" doc:"Il segno della pagina prima."`
}

type ingressoPratica struct {
	ID string `path:"id" doc:"L'id della pratica."`
}

func (s *server) pratiche() {
	metti(s, huma.Operation{OperationID: "cerca-pratiche", Method: http.MethodPost, Path: "/pratiche/ricerca", Security: conToken,
		Summary: "Cerca fra le pratiche", Description: "Le parole stanno nel corpo: mai in un indirizzo."}, []int{401, 413, 415, 422, 429}, s.cerca)
	corpo[Ricerca](s, "/pratiche/ricerca")
	metti(s, huma.Operation{OperationID: "elenca-pratiche", Method: http.MethodGet, Path: "/pratiche", Security: conToken,
		Summary: "Le pratiche che puoi vedere"}, []int{401, 422}, s.elenco)
	metti(s, huma.Operation{OperationID: "apri-pratica", Method: http.MethodGet, Path: "/pratiche/{id}", Security: conToken,
		Summary: "Una pratica, e che cosa puoi fare ora"}, []int{401, 404, 422}, s.apri)
	metti(s, huma.Operation{OperationID: "compi-atto", Method: http.MethodPost, Path: "/pratiche/{id}/atti", Security: conToken, DefaultStatus: http.StatusCreated,
		Summary: "Compi un atto"}, []int{401, 403, 404, 409, 413, 415, 422}, s.atto)
	corpo[NuovoAtto](s, "/pratiche/{id}/atti")
}

func (s *server) cerca(ctx context.Context, _ *struct{}) (*uscita[Elenco], error) {
	chi, err := s.personale(ctx)
	if err != nil {
		return nil, err
	}
	v, _, err := leggiCorpo[Ricerca](ctx, s, maxCorpo)
	if err != nil {
		return nil, err
	}
	if err := cursoreBuono(v.Dopo); err != nil {
		return nil, err
	}
	p, err := s.Servizio.Cerca(ctx, chi, v.Q, v.Limite, v.Dopo)
	if err != nil {
		return nil, err
	}
	return s.pagina(ctx, chi, p)
}

var numeroBuono = regexp.MustCompile(`^(?:[0-9]{4}[/-])?[0-9]{1,7}$`)

func (s *server) elenco(ctx context.Context, in *ingressoElenco) (*uscita[Elenco], error) {
	chi, err := s.personale(ctx)
	if err != nil {
		return nil, err
	}
	f := pratica.Filtro{Numero: in.Numero, Stato: in.Stato, Tipo: in.Tipo, Struttura: in.Struttura, PerScadenza: in.Ordina != "", Limite: in.Limite, Dopo: in.Dopo}
	no := func(campo, m string) error { return fault.New(fault.Invalid, m).Campo(campo, m) }
	if in.Numero != "" && !numeroBuono.MatchString(in.Numero) {
		return nil, no("numero", "Scrivi il numero così: 2026/123.")
	}
	if in.ScadeEntro != "" {
		if f.ScadeEntro, err = day.Parse(in.ScadeEntro); err != nil {
			return nil, no("scadeEntro", "Scrivi la data così: 2026-03-31.")
		}
	}
	if err := cursoreBuono(in.Dopo); err != nil {
		return nil, err
	}
	if err := s.Servizio.Precisa(s.Ente, &f); err != nil {
		return nil, err
	}
	p, err := s.Servizio.Elenco(ctx, chi, f)
	if err != nil {
		return nil, err
	}
	return s.pagina(ctx, chi, p)
}

var segno = regexp.MustCompile(`^(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?\.[0-9a-z]{1,13}$`)

// cursoreBuono refuses a cursor that was not given by a page: taken for none, it
// would send a program round in circles.
func cursoreBuono(dopo string) error {
	if dopo == "" || segno.MatchString(dopo) {
		return nil
	}
	m := "Rimanda il segno così come l'hai avuto."
	return fault.New(fault.Invalid, m).Campo("dopo", m)
}

func (s *server) pagina(ctx context.Context, chi access.Chi, p pratica.Pagina) (*uscita[Elenco], error) {
	out := Elenco{Pratiche: make([]Riga, 0, len(p.Righe)), Dopo: p.Dopo, Ancora: p.Ancora}
	for _, r := range p.Righe {
		rp, err := s.Servizio.Riepilogo(ctx, r)
		if err != nil {
			return nil, err
		}
		x := riga(r.Testa, chi, r.Richiesta)
		x.Oggetto = rp.Apri().Oggetto
		out.Pratiche = append(out.Pratiche, x)
	}
	return &uscita[Elenco]{out}, nil
}

// riga is a case without what is sealed. Who was only asked something sees no
// term of another office, nor which structure the case is about.
func riga(h pratica.Testa, chi access.Chi, soloRichieste bool) Riga {
	r := Riga{ID: uuid(h.ID), Numero: pratica.NumeroScritto(h.Anno, h.Numero), Registro: h.Registro, Tipo: h.Tipo, Stato: h.Fase,
		Struttura: oNulla(h.Struttura), Incaricato: oNulla(h.Incaricato)}
	if soloRichieste {
		r.Struttura = nil
	}
	if h.Termine != "" && !h.Scadenza.IsZero() && (!soloRichieste || slices.Contains(chi.Uffici, h.ChiDeve)) {
		r.ProssimoTermine = &ProssimoTermine{ID: h.Termine, Scadenza: h.Scadenza.String(), Responsabile: h.ChiDeve}
	}
	return r
}

func (s *server) apri(ctx context.Context, in *ingressoPratica) (*uscita[Pratica], error) {
	chi, err := s.personale(ctx)
	if err != nil {
		return nil, err
	}
	id, err := vault.ParseID(in.ID)
	if err != nil {
		id = vault.ID{} // names nothing: the same words as a case that is not there
	}
	return s.pratica(ctx, chi, id)
}

func (s *server) atto(ctx context.Context, in *ingressoPratica) (*uscita[Pratica], error) {
	chi, err := s.personale(ctx)
	if err != nil {
		return nil, err
	}
	v, _, err := leggiCorpo[NuovoAtto](ctx, s, maxCorpo)
	if err != nil {
		return nil, err
	}
	id, err := vault.ParseID(in.ID)
	if err != nil {
		id = vault.ID{}
	}
	_, err = s.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: id, Atto: v.Atto, Versione: v.Versione, Per: v.Per, Dati: v.Dati})
	if err != nil {
		return nil, rinomina(err, func(campo string) string { return accorcia("dati." + campo) })
	}
	return s.pratica(ctx, chi, id)
}

// pratica is a case as chi may read it. Who was only asked something sees what
// was addressed to him: not the other acts, addressees and terms.
func (s *server) pratica(ctx context.Context, chi access.Chi, id vault.ID) (*uscita[Pratica], error) {
	f, err := s.Servizio.Apri(ctx, chi, id)
	if err != nil {
		return nil, err
	}
	h := f.Testa
	p := Pratica{Riga: riga(h, chi, f.SoloRichieste), Versione: h.Seq, Registro: h.Registro, StatoCittadino: h.Stato, Ricevuta: h.RicevutaIl, Giorno: h.Giorno.String(),
		Canale: h.Canale, SoloRichieste: f.SoloRichieste, Atti: []Atto{}, Termini: []TerminePratica{}, Richieste: []Richiesta{},
		Consentiti: []Consentito{}}
	if !f.SoloRichieste {
		rp, err := s.Servizio.Riepilogo(ctx, pratica.Riga{Testa: h})
		if err != nil {
			return nil, err
		}
		p.Oggetto, p.Codice, p.Attributi = rp.Apri().Oggetto, h.Codice, f.Stato.Attr
	}
	if f.Segnalazione != nil {
		seg := f.Segnalazione.Apri()
		p.Segnalazione = &seg
	}
	mie := map[string]bool{}
	for _, r := range f.Richieste {
		mie[r.Unita] = true
		p.Richieste = append(p.Richieste, Richiesta{Struttura: r.Unita, Il: r.Il.String(), Entro: data(r.Entro.Scadenza), Quesito: r.Quesito.Apri(),
			Copia: r.Copia.Apri(), Documenti: allegati(r.File), Lasciati: lasciati(r.Lasciati.Apri()), Risposta: r.Testo.Apri(), RispostaIl: data(r.Risposta)})
	}
	for _, a := range f.Storia {
		if f.SoloRichieste && !a.Leggibile {
			continue
		}
		p.Atti = append(p.Atti, atto(a, func(u string) bool { return !f.SoloRichieste || mie[u] }))
	}
	for _, t := range f.Termini {
		if f.SoloRichieste && !slices.Contains(chi.Uffici, t.Ufficio) {
			continue
		}
		p.Termini = append(p.Termini, TerminePratica{Termine: termine(t), Etichetta: t.Etichetta, Per: t.Per, Stato: t.Fine, Dal: t.Dal.String(),
			FinitoIl: data(t.FineIl), Responsabile: t.Ufficio})
	}
	p.Allegati = allegati(f.File)
	for _, c := range f.Consentiti {
		p.Consentiti = append(p.Consentiti, Consentito{Atto: c.Def.Nome, Etichetta: c.Def.Etichetta, Primo: c.Primo,
			Per: append([]string{}, c.Per...), Schema: c.Def.Schema()})
	}
	return &uscita[Pratica]{p}, nil
}

func lasciati(ll []pratica.Lasciato) []Lasciato {
	out := make([]Lasciato, 0, len(ll))
	for _, x := range ll {
		out = append(out, Lasciato(x))
	}
	return out
}

func allegati(file []pratica.FileVisto) []Allegato {
	out := make([]Allegato, 0, len(file))
	for _, x := range file {
		out = append(out, Allegato{ID: uuid(x.ID), Nome: x.Nome.Valore(), Tipo: x.Tipo, Dimensione: x.Dimensione})
	}
	return out
}

func atto(a pratica.AttoVisto, vede func(unita string) bool) Atto {
	out := Atto{ID: uuid(a.ID), Seq: a.Seq, Atto: a.Kind, Etichetta: a.Etichetta, Il: a.Il, Giorno: a.Giorno.String(), Persona: a.Persona,
		Ufficio: a.Ufficio, Mezzo: a.Mezzo, Per: a.Per, Testi: a.Testi.Apri()}
	for _, u := range a.Destinatari {
		if vede(u) {
			out.Destinatari = append(out.Destinatari, u)
		}
	}
	dati := map[string]string{}
	for k, v := range a.Dati {
		dati[k] = v
	}
	for k, v := range a.Pone {
		dati[k] = v
	}
	for k, v := range a.Date {
		dati[k] = v.String()
	}
	if len(dati) > 0 {
		out.Dati = dati
	}
	return out
}
