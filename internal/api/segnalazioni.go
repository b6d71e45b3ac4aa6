package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

type ingressoSegnalazione struct {
	Chiave string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]+$" doc:"La stessa chiave dà la stessa risposta, per 24 ore. Usa un UUID nuovo per ogni segnalazione."`
}

type ingressoCodice struct {
	Codice string `path:"codice" doc:"Il codice sulla ricevuta."`
}

type uscita[T any] struct{ Body T }

func (s *server) segnalazioni() {
	metti(s, huma.Operation{OperationID: "registra-segnalazione", Method: http.MethodPost, Path: "/segnalazioni", Security: anche, DefaultStatus: http.StatusCreated,
		Summary: "Invia una segnalazione", Description: "Con il token dell'ufficio la registra chi la riceve allo sportello, al telefono o per lettera."},
		[]int{401, 403, 413, 415, 422, 429}, s.registra)
	corpo[NuovaSegnalazione](s, "/segnalazioni")
	metti(s, huma.Operation{OperationID: "segui-segnalazione", Method: http.MethodGet, Path: "/segnalazioni/{codice}", Security: conChiave,
		Summary: "A che punto è"}, []int{401, 404, 422, 429}, s.segui)
	metti(s, huma.Operation{OperationID: "ricevuta-segnalazione", Method: http.MethodGet, Path: "/segnalazioni/{codice}/ricevuta", Security: conChiave,
		Summary: "La ricevuta"}, []int{401, 404, 422, 429}, s.ricevuta)
}

// registra takes in a segnalazione, from anybody or from the office.
func (s *server) registra(ctx context.Context, in *ingressoSegnalazione) (*uscita[Registrata], error) {
	c := chiamataDi(ctx)
	chi := access.Cittadino(s.Ente, "api")
	if k := c.r.Header.Values("Idempotency-Key"); len(k) > 1 || len(k) == 1 && k[0] == "" { // who sends one counts on it
		return nil, fault.New(fault.Invalid, "Controlla i campi indicati.").Campo("Idempotency-Key", "Scrivi una chiave, e una sola: un UUID nuovo per ogni segnalazione. Oppure togli l'intestazione.")
	}
	var err error
	if c.r.Header.Get("Authorization") != "" { // a wrong token is not taken for nobody's
		chi, err = s.personale(ctx)
	} else {
		err = s.frena(c.r)
	}
	if err != nil {
		return nil, err
	}
	v, impronta, err := leggiCorpo[NuovaSegnalazione](ctx, s, maxGrande)
	if err != nil {
		return nil, err
	}
	nu, err := s.nuova(chi, &v)
	if err != nil {
		return nil, err
	}
	if in.Chiave != "" {
		nu.Chiave, nu.Corpo = []byte(chi.Persona+"\x00"+in.Chiave), impronta
	}
	if err := s.allega(ctx, &nu, v.Allegati); err != nil {
		return nil, err
	}
	r, err := s.Servizio.Registra(ctx, chi, nu)
	if err != nil {
		return nil, rinomina(err, func(campo string) string {
			if campo == "presidio" || campo == "unita" {
				return "luogo." + campo
			}
			return campo
		})
	}
	return &uscita[Registrata]{Registrata{Numero: pratica.NumeroScritto(r.Anno, r.Numero), Registro: r.Registro, Ricevuta: r.Ricevuta, Tipo: r.Tipo,
		Codice: r.Codice, Chiave: r.Chiave.Valore(), Termini: termini(r.Termini)}}, nil
}

// nuova makes what the commands take of what was sent.
func (s *server) nuova(chi access.Chi, v *NuovaSegnalazione) (pratica.Nuova, error) {
	seg := pratica.Segnalazione{Tipo: v.Tipo, Oggetto: v.Oggetto, Testo: v.Testo, Chiede: v.Chiede, Quando: v.Quando, Lingua: v.Lingua, Aiuto: v.Aiuto,
		Segnalante: v.Segnalante, Assistito: v.Assistito, Ricapito: v.Ricapito, Ritardo: v.Ritardo, Testimone: v.Testimone, Delega: v.Delega}
	if v.Luogo != nil {
		seg.Presidio, seg.Unita = v.Luogo.Presidio, v.Luogo.Unita
	}
	nu := pratica.Nuova{Canale: "api"}
	e := fault.New(fault.Invalid, "Controlla i campi indicati.")
	giorno := func(campo, t string) day.Date {
		if t == "" {
			return 0
		}
		d, err := day.Parse(t)
		if err != nil {
			e.Campo(campo, "Scrivi la data così: 2026-03-31.")
		}
		return d
	}
	seg.ConosciutoIl = giorno("conosciutoIl", v.ConosciutoIl)
	nu.RicevutaIl = giorno("ricevutaIl", v.RicevutaIl)
	amb := s.Servizio.Ambiente(s.Ente)
	if v.Tipo != "" && amb != nil {
		if _, ok := amb.Regolamento.Tipo(v.Tipo); !ok {
			e.Campo("tipo", "Questo tipo non c'è nella procedura.")
		}
	}
	if chi.Personale() {
		if v.Canale != "" {
			nu.Canale = v.Canale
		}
	} else {
		for campo, t := range map[string]string{"canale": v.Canale, "ricevutaIl": v.RicevutaIl, "testimone": v.Testimone, "delega": v.Delega} {
			if t != "" {
				e.Campo(campo, "Questo campo è dell'ufficio: serve un token.")
			}
		}
	}
	nu.Segnalazione = pratica.Chiudi(seg)
	if len(e.Campi) > 0 {
		return nu, e
	}
	return nu, nil
}

// allega stores the files, encrypted while they are decoded.
func (s *server) allega(ctx context.Context, nu *pratica.Nuova, file []AllegatoInviato) error {
	if len(file) == 0 {
		return nil
	}
	if s.Carica == nil {
		return fault.New(fault.Invalid, "Qui non si possono mandare allegati.").Campo("allegati", "Manda il testo senza allegati.")
	}
	nu.ID = vault.NewID(s.Servizio.Now())
	var err error
	if nu.Slot, err = s.Servizio.Pool.Take(ctx); err != nil {
		return err
	}
	for i, a := range file {
		f, err := s.Carica(ctx, s.Ente, nu.ID, nu.Slot, a.Nome, base64.NewDecoder(base64.StdEncoding, strings.NewReader(a.Contenuto)))
		if err != nil {
			return erroreFile(i, err)
		}
		nu.File = append(nu.File, f)
	}
	return nil
}

// erroreFile says which file is at fault.
func erroreFile(i int, err error) error {
	var corrotto base64.CorruptInputError
	k, m := fault.KindOf(err), fault.Message(err)
	switch {
	case errors.As(err, &corrotto) || errors.Is(err, io.ErrUnexpectedEOF):
		k, m = fault.Invalid, "Il contenuto non è scritto in base64."
	case k != fault.Invalid && k != fault.TooLarge:
		return err
	}
	return fault.New(k, m).Campo(fmt.Sprintf("allegati[%d].contenuto", i), m)
}

// rinomina gives the fields of an error the names that the caller knows.
func rinomina(err error, nome func(string) string) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Campi) == 0 {
		return err
	}
	out := fault.Wrap(err, f.Kind, f.Message)
	out.Motivi = f.Motivi
	for _, k := range slices.Collect(maps.Keys(f.Campi)) {
		out.Campo(nome(k), f.Campi[k])
	}
	return out
}

// titolo are the code and the key with which somebody asks for a segnalazione.
// What is badly written cannot be right: it opens nothing, at the same price and
// with the same words as what is wrong.
func (s *server) titolo(ctx context.Context, codice string) (string, vault.Riservato, error) {
	c := chiamataDi(ctx)
	if err := s.frena(c.r); err != nil {
		return "", vault.Riservato{}, err
	}
	segreto, ok := bearer(c.r)
	if !ok {
		return "", vault.Riservato{}, fault.New(fault.Unauthenticated, "Serve la chiave scritta sulla ricevuta: Authorization: Bearer CHIAVE.")
	}
	codice, err1 := vault.ParseCodice(codice)
	chiave, err2 := vault.ParseChiave(segreto)
	if err1 != nil || err2 != nil {
		return "", vault.NewChiave(), nil
	}
	return codice, chiave, nil
}

// segui gives the four words and the dates to who holds the key.
func (s *server) segui(ctx context.Context, in *ingressoCodice) (*uscita[StatoVisto], error) {
	codice, chiave, err := s.titolo(ctx, in.Codice)
	if err != nil {
		return nil, err
	}
	x, err := s.Servizio.Segui(ctx, s.Ente, codice, chiave)
	if err != nil {
		return nil, err
	}
	out := StatoVisto{Stato: x.Stato, Entro: data(x.Entro), Eventi: []EventoVisto{}, Risposta: x.Risposta.Apri()}
	for _, e := range x.Eventi {
		out.Eventi = append(out.Eventi, EventoVisto{e.Data.String(), e.Testo})
	}
	return &uscita[StatoVisto]{out}, nil
}

// ricevuta gives the receipt again, without the key.
func (s *server) ricevuta(ctx context.Context, in *ingressoCodice) (*uscita[RicevutaVerificabile], error) {
	codice, chiave, err := s.titolo(ctx, in.Codice)
	if err != nil {
		return nil, err
	}
	r, err := s.Servizio.Prova(ctx, s.Ente, codice, chiave)
	if err != nil {
		return nil, err
	}
	v := RicevutaVerificabile{V: r.V, Foglia: r.Leaf, Indice: r.Index, Prova: []string{}, Checkpoint: r.Checkpoint, Cofirme: r.Cosigned}
	for _, h := range r.Proof {
		v.Prova = append(v.Prova, h.String())
	}
	return &uscita[RicevutaVerificabile]{v}, nil
}
