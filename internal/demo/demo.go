// Package demo loads the demonstration ente: an invented "ASST Montelago", its
// people and 60 invented reports, which enter through the same doors as a
// citizen's and are taken through the procedure day by day until today.
package demo

import (
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/day"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

//go:embed ente/*.csv ente/*.jsonl
var file embed.FS

// EnteID is the id of the demonstration ente.
const EnteID = "montelago"

// Password of every demo account. It protects nothing: the data are invented.
const Password = "lago sereno di prova"

// Porte are the doors through which everything enters.
type Porte struct {
	Servizio *pratica.Servizio
	Ambienti *pratica.Ambienti
	Auth     *auth.Auth
	Custody  *custody.Custody
	Metti    func(time.Time) // sets the office's clock
	SenzaUPT bool            // its people are there, and have not founded it
}

// Account is a demo account, as written for scripts.
type Account struct {
	Utente   string   `json:"utente"`
	Password string   `json:"password"`
	Ruoli    []string `json:"ruoli"`
	Ufficio  string   `json:"ufficio"`
	Frase    string   `json:"frase,omitempty"` // of the person's own key
	Fogli    []string `json:"fogli,omitempty"` // of recovery, by their numbers
}

// Carica makes the ente and its history up to adesso, and leaves the clock there.
func Carica(ctx context.Context, p Porte, adesso time.Time) ([]Account, error) {
	oggi := day.In(adesso)
	p.Metti(adesso.AddDate(0, -8, 0))
	if err := ente(ctx, p); err != nil {
		return nil, err
	}
	// Whoever comes to look signs in in one step; the pages say so.
	if err := p.Auth.SetRegola(ctx, access.Sistema(EnteID), auth.Regola{Libero: true, Motivo: "è una dimostrazione con dati inventati"}); err != nil {
		return nil, err
	}
	g, err := gente(ctx, p)
	if err != nil {
		return nil, err
	}
	if !p.SenzaUPT {
		if err := g.upt(ctx); err != nil {
			return nil, err
		}
	}
	if err := g.segnalazioni(ctx, adesso, oggi); err != nil {
		return nil, err
	}
	p.Metti(adesso)
	if err := g.seduta(ctx); err != nil {
		return nil, err
	}
	if !p.SenzaUPT {
		if err := g.casiUPT(ctx); err != nil {
			return nil, err
		}
	}
	return g.account, nil
}

func leggi(nome string) []byte {
	b, err := file.ReadFile("ente/" + nome)
	if err != nil {
		panic("demo: an embedded file is missing: " + nome)
	}
	return b
}

// ente makes the ente, its chart and its rules.
func ente(ctx context.Context, p Porte) error {
	dal := p.Servizio.Oggi()
	e := pratica.Ente{ID: EnteID, Nome: "ASST Montelago", Regione: "Regione di prova", Telefono: "800 000 000",
		Orari: "dal lunedì al venerdì, dalle 8.30 alle 13.00", Email: "urp@asst-montelago.example", PEC: "protocollo@pec.asst-montelago.example",
		Indirizzo: "Viale dei Platani 1, 24199 Montelago", DPO: "dpo@asst-montelago.example", Cure: true, Patrono: "11-13", Alias: string(leggi("alias.csv")), Riservate: []string{"51301"}}
	righe, err := tabella("persone.csv")
	if err != nil {
		return err
	}
	for _, r := range righe {
		if r["ruolo"] == access.URP {
			e.Uffici = append(e.Uffici, organigramma.Ufficio{Unita: r["unita"], Presidi: strings.Fields(r["presidi"])})
		}
	}
	if err := p.Ambienti.SalvaEnte(ctx, e); err != nil {
		return err
	}
	v, errori := organigramma.Import(bytes.NewReader(leggi("organigramma.csv")), bytes.NewReader(leggi("organigramma-relazioni.csv")), bytes.NewReader(leggi("presidi.csv")))
	if len(errori) > 0 {
		return fmt.Errorf("demo chart: %w", errori[0])
	}
	if err := p.Ambienti.NuovoOrganigramma(ctx, EnteID, dal, v); err != nil {
		return err
	}
	for _, nome := range []string{"pga01", "upt-lombardia"} {
		r, err := regolamento.Shipped(nome)
		if err != nil {
			return err
		}
		if err := p.Ambienti.Pubblica(ctx, EnteID, dal, r); err != nil {
			return err
		}
	}
	return nil
}

func tabella(nome string) ([]map[string]string, error) {
	righe, err := csv.NewReader(bytes.NewReader(leggi(nome))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", nome, err)
	}
	var out []map[string]string
	for _, r := range righe[1:] {
		m := map[string]string{}
		for i, k := range righe[0] {
			m[k] = r[i]
		}
		out = append(out, m)
	}
	return out, nil
}

// persone are those who act in the demonstration.
type persone struct {
	Porte
	account []Account
	id      map[string]string // utente → id
	nomi    map[string]string
	per     map[string][]access.Incarico // by utente
	ordine  []string
	chieste []vault.ID // cases of which a structure was asked, and has answered
}

// gente adds the people with their appointments.
func gente(ctx context.Context, p Porte) (*persone, error) {
	g := &persone{Porte: p, id: map[string]string{}, nomi: map[string]string{}, per: map[string][]access.Incarico{}}
	righe, err := tabella("persone.csv")
	if err != nil {
		return nil, err
	}
	for _, r := range righe {
		u := r["utente"]
		if g.id[u] == "" {
			x, err := p.Auth.AddPerson(ctx, access.Sistema(EnteID), u, r["nome"]+" "+r["cognome"], Password)
			if err != nil {
				return nil, fmt.Errorf("add %s: %w", u, err)
			}
			g.id[u], g.nomi[u] = x.ID, x.Nome
			g.ordine = append(g.ordine, u)
			g.account = append(g.account, Account{Utente: u, Password: Password, Ufficio: r["unita"]})
		}
		if err := g.incarica(ctx, u, r["ruolo"], r["unita"]); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *persone) incarica(ctx context.Context, utente, ruolo, unita string) error {
	i := access.Incarico{Ruolo: ruolo, Unita: unita, Dal: g.Servizio.Oggi().Add(-365)}
	if err := g.Auth.Incarica(ctx, access.Sistema(EnteID), g.id[utente], i); err != nil {
		return fmt.Errorf("appoint %s: %w", utente, err)
	}
	g.per[utente] = append(g.per[utente], i)
	for k := range g.account {
		if a := &g.account[k]; a.Utente == utente && !contiene(a.Ruoli, ruolo) {
			a.Ruoli = append(a.Ruoli, ruolo)
		}
	}
	return nil
}

func contiene(v []string, s string) bool {
	for _, x := range v {
		if x == s {
			return true
		}
	}
	return false
}

// chi is a person acting from the pages.
func (g *persone) chi(utente string) access.Chi {
	return access.Chi{Ente: EnteID, Persona: g.id[utente], Nome: g.nomi[utente], Mezzo: "web",
		Uffici: g.Ambienti.UfficiDi(EnteID, g.per[utente], g.Servizio.Oggi()), Giorno: g.Servizio.Oggi()}
}

// con is the first person who holds an office, empty if nobody does.
func (g *persone) con(ufficio string) string {
	for _, u := range g.ordine {
		if contiene(g.chi(u).Uffici, ufficio) {
			return u
		}
	}
	return ""
}

// titolare is who holds an office at a unit; where nobody does, one of those who
// hold it elsewhere is appointed there too, so that no request stays unread.
func (g *persone) titolare(ctx context.Context, ruolo, unita string) (string, error) {
	if u := g.con(access.Ufficio(ruolo, unita)); u != "" {
		return u, nil
	}
	var pari []string
	for _, u := range g.ordine {
		if g.chi(u).Ha(ruolo) {
			pari = append(pari, u)
		}
	}
	u := pari[len(unita)%len(pari)]
	return u, g.incarica(ctx, u, ruolo, unita)
}

type campione struct {
	ID, Tipo, Canale, Ricevuta, Oggetto, Testo, Quando string
	Reclamante, Assistito                              *soggetto
	Luogo                                              struct{ Presidio, Unita string }
}

type soggetto struct {
	Nome, Cognome, Indirizzo, Comune, CAP, Telefono, Email, PEC, Rapporto string
	CodiceFiscale                                                         string `json:"codice_fiscale"`
	DataNascita                                                           string `json:"data_nascita"`
}

func (s *soggetto) persona() *pratica.Persona {
	if s == nil {
		return nil
	}
	return &pratica.Persona{Nome: s.Nome, Cognome: s.Cognome, CodiceFiscale: s.CodiceFiscale, DataNascita: s.DataNascita, Email: s.Email,
		PEC: s.PEC, Telefono: s.Telefono, Indirizzo: s.Indirizzo, Comune: s.Comune, CAP: s.CAP, Rapporto: s.Rapporto}
}

func campioni() ([]campione, error) {
	var out []campione
	d := json.NewDecoder(bytes.NewReader(leggi("segnalazioni.jsonl")))
	for d.More() {
		var c campione
		if err := d.Decode(&c); err != nil {
			return nil, fmt.Errorf("read samples: %w", err)
		}
		out = append(out, c)
	}
	return out, nil
}
