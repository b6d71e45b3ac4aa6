package demo

import (
	"context"
	"fmt"
	"strings"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// upt founds the office of public protection as its people would, each from a session
// of their own. What they would have on paper stands in the list of accounts: it
// protects nothing, the data are invented.
func (g *persone) upt(ctx context.Context) error {
	capo, operatore := "upt.responsabile", "upt.operatore"
	s, err := g.chiave(ctx, capo)
	if err != nil {
		return err
	}
	fogli, err := g.Custody.Found(ctx, s, pratica.CompartimentoUPT, vault.NewQuorum{K: 2, Custodi: []vault.Custode{
		{Nome: vault.NewRiservato("Notaio di Montelago")}, {Nome: vault.NewRiservato("Presidente del comitato dei pazienti")},
		{Nome: vault.NewRiservato(g.nomi[capo]), Interno: true, Persona: g.id[capo]}}})
	if err != nil {
		return fmt.Errorf("found the office: %w", err)
	}
	for _, f := range fogli {
		g.conto(capo).Fogli = append(g.conto(capo).Fogli, vault.Gruppi(f.Codice.Valore()))
	}
	nuovo, err := g.chiave(ctx, operatore)
	if err != nil {
		return err
	}
	if err := g.Custody.Admit(ctx, s, pratica.CompartimentoUPT, g.id[operatore], nuovo.Membro().KeyID(), false); err != nil {
		return fmt.Errorf("admit to the office: %w", err)
	}
	if err := g.Custody.Pin(ctx, nuovo, pratica.CompartimentoUPT, fogli[0].Prima); err != nil {
		return fmt.Errorf("pin the office's key: %w", err)
	}
	return nil
}

// chiave gives somebody a key of their own, and a session where it is unlocked.
func (g *persone) chiave(ctx context.Context, utente string) (*auth.Sessione, error) {
	s, err := g.sessione(ctx, utente)
	if err != nil {
		return nil, err
	}
	f := g.Auth.NewPassphrase(s)
	if err := g.Auth.SetPassphrase(ctx, s, f.Sigillo, f.Frase); err != nil {
		return nil, fmt.Errorf("make a key for %s: %w", utente, err)
	}
	g.conto(utente).Frase = f.Frase.Valore()
	return s, nil
}

func (g *persone) sessione(ctx context.Context, utente string) (*auth.Sessione, error) {
	cookie, err := g.Auth.SignIn(ctx, EnteID, utente, Password, auth.Da{})
	if err != nil {
		return nil, fmt.Errorf("sign in %s: %w", utente, err)
	}
	return g.Auth.Session(ctx, EnteID, cookie)
}

// conto is the account of somebody, to be completed.
func (g *persone) conto(utente string) *Account {
	for i := range g.account {
		if g.account[i].Utente == utente {
			return &g.account[i]
		}
	}
	panic("demo: no account " + utente)
}

// casiUPT are a few people who write to the UPT today, and what its head does of them.
func (g *persone) casiUPT(ctx context.Context) error {
	righe, err := tabella("upt.csv")
	if err != nil {
		return err
	}
	s, err := g.sessione(ctx, "upt.responsabile")
	if err != nil {
		return err
	}
	if err := g.Auth.UnlockKey(ctx, s, vault.NewRiservato(g.conto("upt.responsabile").Frase), auth.Da{}); err != nil {
		return fmt.Errorf("unlock the office's key: %w", err)
	}
	aperti, err := g.Custody.Sbloccati(ctx, s, pratica.CompartimentoUPT)
	if err != nil {
		return fmt.Errorf("open the office's key: %w", err)
	}
	capo := s.Chi
	capo.Aperti = aperti
	if err := g.Ambienti.SalvaContatto(ctx, capo, pratica.Contatto{Telefono: "0376 555 0190", Orari: "lunedì e giovedì, dalle 9 alle 12", Email: "upt@montelago.example"}); err != nil {
		return fmt.Errorf("say how to reach the office: %w", err)
	}
	for _, x := range righe {
		seg := pratica.Segnalazione{Tipo: x["tipo"], Oggetto: x["oggetto"], Testo: x["testo"], Unita: x["unita"], Ricapito: "email"}
		if x["cognome"] != "" {
			seg.Segnalante = &pratica.Persona{Nome: x["nome"], Cognome: x["cognome"], Email: x["email"]}
		}
		r, err := g.Servizio.Registra(ctx, access.Cittadino(EnteID, "web"), pratica.Nuova{Registro: pratica.RegistroUPT, Canale: "web", Segnalazione: pratica.Chiudi(seg)})
		if err != nil {
			return fmt.Errorf("register a case of the UPT: %w", err)
		}
		for atto := range strings.FieldsSeq(x["atti"]) {
			dati := map[string]pratica.Dati{"classificazione": {"diritto": x["diritto"]}, "risposta": {"testo": x["risposta"]},
				"accesso_fascicolo": {"fascicolo": pratica.NumeroScritto(g.Servizio.Oggi().Year(), 1), "motivo": "La persona non è soddisfatta della risposta dell'URP."}}[atto]
			if _, err := g.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: r.ID, Atto: atto, Dati: dati}); err != nil {
				return fmt.Errorf("%s of a case of the UPT: %w", atto, err)
			}
		}
	}
	return nil
}
