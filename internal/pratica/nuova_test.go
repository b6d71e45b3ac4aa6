package pratica_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

const identita = "Di persona, con la carta d'identità AX 1234567."

// Who lost the chiave gets another from the office that has the case: it opens what
// the one before did and what follows; the one before opens nothing more.
func TestNewKey(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		ctx := context.Background()
		upt := b.FondaUPT(t)
		for registro, chi := range map[string]func() access.Chi{
			pratica.RegistroURP: func() access.Chi { return b.Conferma(b.Chi(access.URPAziendale, "")) },
			pratica.RegistroUPT: func() access.Chi { return b.Conferma(upt.Chi(t, "capo")) },
		} {
			t.Run(registro, func(t *testing.T) {
				nu := reclamo()
				nu.Registro, nu.Chiave = registro, []byte("una volta sola 0 "+registro)
				r := registra(t, b, nu)
				scrive := func(chi access.Chi, parole string) error {
					b.Orologio.Avanza(time.Second)
					_, err := b.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: r.ID, Atto: "messaggio", Dati: pratica.Dati{"testo": parole}})
					return err
				}
				vecchia := r.Chiave
				if ancora := registra(t, b, nu); !ancora.Ripetuta || !ancora.Chiave.Equal(vecchia) {
					t.Error("the intake sent twice")
				}
				va(t, scrive(chi(), "Prima."))

				cmd := pratica.Comando{Pratica: r.ID, Atto: "nuova_chiave", Dati: pratica.Dati{"richiedente": identita}, Chiave: []byte("una volta sola 1")}
				if _, err := b.Servizio.Esegui(ctx, chi(), cmd); !fault.Is(err, fault.Forbidden) {
					t.Errorf("a chiave that nobody would see: %v", err)
				}
				vuota := cmd
				vuota.Dati, vuota.Chiave = nil, nil
				if _, _, err := b.Servizio.NewKey(ctx, chi(), vuota); !fault.Is(err, fault.Invalid) {
					t.Errorf("nobody says who asked: %v", err)
				}
				senza := chi()
				senza.Conferma = time.Time{}
				if _, _, err := b.Servizio.NewKey(ctx, senza, cmd); !fault.Is(err, fault.Forbidden) {
					t.Errorf("no proof was asked: %v", err)
				}
				_, nuova, err := b.Servizio.NewKey(ctx, chi(), cmd)
				va(t, err)
				if _, ancora, err := b.Servizio.NewKey(ctx, chi(), cmd); err != nil || !ancora.Equal(nuova) { // the same form, sent twice
					t.Errorf("sent twice: %v", err)
				}
				if x, err := b.Servizio.Registra(ctx, access.Cittadino(b.Ente, "web"), nu); !fault.Is(err, fault.Conflict) || x.Chiave.Valore() != "" {
					t.Errorf("the intake, sent again, gives the chiave that opens no more: %v", err)
				}
				if nuova.Equal(vecchia) {
					t.Fatal("the same chiave")
				}
				va(t, scrive(chi(), "Dopo."))
				r.Chiave = nuova
				va(t, scrive(chiave(b, r), "Grazie."))

				g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, nuova)
				va(t, err)
				if len(g.Messaggi) != 3 || g.Messaggi[0].Testo.Apri() != "Prima." || g.Messaggi[1].Testo.Apri() != "Dopo." || g.Messaggi[2].Testo.Apri() != "Grazie." || g.Segnalazione == nil {
					t.Errorf("read with the new one: %d messages", len(g.Messaggi))
				}
				detto := false
				for _, e := range g.Eventi {
					detto = detto || e.Testo == "Ti è stata data una chiave nuova. Quella di prima non apre più."
				}
				if !detto {
					t.Error("the citizen is not told")
				}
				if _, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, vecchia); !fault.Is(err, fault.NotFound) {
					t.Errorf("the old one opens: %v", err)
				}
				if registro == pratica.RegistroUPT { // the URP's own key writes for who followed with the chiave
					perso := r
					perso.Chiave = vecchia
					if err := scrive(chiave(b, perso), "Sono io."); !fault.Is(err, fault.NotFound) {
						t.Errorf("the old one writes: %v", err)
					}
				}
				// Nor does it open a row there is now, whatever the version it says it is of.
				for _, i := range avvolteChiave(t, b, r.ID) {
					for versione := range 3 {
						_, urp := vault.SharedKey("chiave", versione, []byte(vecchia.Valore()))
						_, upt := vault.Holder("chiave", versione, vecchia, vault.Context("cittadino", b.Ente, r.ID.String()))
						for _, apre := range []vault.Opener{urp, upt} {
							if _, err := apre.Unwrap(i); err == nil || i.Versione != 2 {
								t.Errorf("%s, version %d: %v", i.Nome, i.Versione, err)
							}
						}
					}
				}
				f, err := b.Servizio.Apri(ctx, chi(), r.ID)
				va(t, err)
				scritto := false
				for _, x := range f.Storia {
					scritto = scritto || x.Kind == "nuova_chiave" && x.Testi.Apri()["richiedente"] == identita
					for _, i := range x.Contenuti {
						if x.Kind == "messaggio" && x.Testi.Apri()["testo"] != "Prima." && i.Parte != "cittadino-2" {
							t.Errorf("written in %s, which the old chiave opens", i.Parte)
						}
					}
				}
				if !scritto {
					t.Error("who asked, and how it is known, is not on record")
				}

				// And once more: the second opens nothing, the third everything.
				cmd.Chiave = []byte("una volta sola 2")
				_, terza, err := b.Servizio.NewKey(ctx, chi(), cmd)
				va(t, err)
				prima := cmd
				prima.Chiave = []byte("una volta sola 1")
				if _, x, err := b.Servizio.NewKey(ctx, chi(), prima); !fault.Is(err, fault.Conflict) || x.Valore() != "" {
					t.Errorf("the first form, sent again, gives the chiave that opens no more: %v", err)
				}
				if _, x, err := b.Servizio.NewKey(ctx, chi(), cmd); err != nil || !x.Equal(terza) {
					t.Errorf("the second form, sent again: %v", err)
				}
				for i, k := range []vault.Riservato{vecchia, nuova, terza} {
					if apre, err := b.Servizio.Opens(ctx, b.Ente, r.Codice, k); err != nil || apre != (i == 2) {
						t.Errorf("chiave %d opens: %v, %v", i+1, apre, err)
					}
				}
				va(t, scrive(chi(), "Infine."))
				if _, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, nuova); !fault.Is(err, fault.NotFound) {
					t.Errorf("the second one opens: %v", err)
				}
				if g, err = b.Servizio.Segui(ctx, b.Ente, r.Codice, terza); err != nil || len(g.Messaggi) != 4 {
					t.Errorf("the third: %v", err)
				}
			})
		}
		// A member leaves: what follows begins anew, for the chiave of now.
		nu := allUPT()
		r := registra(t, b, nu)
		capo := b.Conferma(upt.Chi(t, "capo"))
		_, nuova, err := b.Servizio.NewKey(ctx, capo, pratica.Comando{Pratica: r.ID, Atto: "nuova_chiave", Dati: pratica.Dati{"richiedente": identita}})
		va(t, err)
		upt.Ammetti(t, "altro")
		upt.Togli(t, "altro")
		capo = upt.Chi(t, "capo")
		_, err = b.Servizio.Esegui(ctx, capo, pratica.Comando{Pratica: r.ID, Atto: "messaggio", Dati: pratica.Dati{"testo": "Dopo."}})
		va(t, err)
		if g, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, nuova); err != nil || len(g.Messaggi) != 1 || g.Messaggi[0].Testo.Apri() != "Dopo." {
			t.Errorf("after a member left: %v", err)
		}
	})
}

// avvolteChiave are the rows that the chiave opens.
func avvolteChiave(t *testing.T, b *storetest.Banco, id vault.ID) []vault.Involucro {
	t.Helper()
	h, _, err := b.Store.Leggi(context.Background(), id)
	va(t, err)
	righe, err := b.Store.Involucri(context.Background(), []int64{h.N}, "chiave", "")
	va(t, err)
	if len(righe[h.N]) == 0 {
		t.Error("no row for the chiave")
	}
	out := righe[h.N]
	for i := range out {
		out[i].Ente, out[i].Pratica = b.Ente, id
	}
	return out
}

func va(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A token is not offered what it is refused: the chiave is given on a page.
func TestNewKeyIsNotOfferedToTokens(t *testing.T) {
	b := storetest.SQLite(t)
	r := registra(t, b, reclamo())
	for mezzo, vuole := range map[string]bool{"web": true, "api": false} {
		chi := b.Chi(access.URPAziendale, "")
		chi.Mezzo = mezzo
		f, err := b.Servizio.Apri(context.Background(), chi, r.ID)
		va(t, err)
		offre := func(atto string) bool {
			return slices.ContainsFunc(f.Consentiti, func(c pratica.Consentito) bool { return c.Def.Nome == atto })
		}
		if offre("nuova_chiave") != vuole || !offre("nota") {
			t.Errorf("%s: a chiave is offered: %v, a note: %v", mezzo, offre("nuova_chiave"), offre("nota"))
		}
	}
}

// Who gave no name cannot be told from who found the receipt: the URP gives them no
// other chiave. Nor does who does not read the case.
func TestNewKeyIsNotForAll(t *testing.T) {
	b := storetest.SQLite(t)
	ctx := context.Background()
	cmd := func(r pratica.Ricevuta) pratica.Comando {
		return pratica.Comando{Pratica: r.ID, Atto: "nuova_chiave", Dati: pratica.Dati{"richiedente": identita}}
	}
	r := registra(t, b, reclamo())
	for _, chi := range []access.Chi{b.Chi(access.Amministratore, ""), b.Chi(access.DPO, ""), b.Chi(access.UPT, ""), b.Chi(access.Responsabile, "51201"), chiave(b, r)} {
		if _, nuova, err := b.Servizio.NewKey(ctx, b.Conferma(chi), cmd(r)); err == nil || nuova.Valore() != "" {
			t.Errorf("%v gives a chiave", chi.Uffici)
		}
	}
	nu := reclamo()
	seg := nu.Segnalazione.Apri()
	seg.Segnalante = nil
	nu.Segnalazione = pratica.Chiudi(seg)
	anonima := registra(t, b, nu)
	if _, _, err := b.Servizio.NewKey(ctx, b.Conferma(b.Chi(access.URPAziendale, "")), cmd(anonima)); !fault.Is(err, fault.Invalid) {
		t.Errorf("to somebody without a name: %v", err)
	}
	if _, err := b.Servizio.Segui(ctx, b.Ente, r.Codice, r.Chiave); err != nil {
		t.Error(err)
	}
}
