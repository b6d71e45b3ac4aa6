package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tutela/internal/fault"
	"tutela/internal/registro"
)

// Registro is the public state of the ente's log.
type Registro struct {
	Origine      string             `json:"origine" doc:"Il nome del registro; in fondo, il numero dell'epoca." example:"tutela/registro/montelago/1"`
	Voci         int64              `json:"voci" doc:"Fino a quale voce è firmato."`
	Radice       string             `json:"radice" doc:"L'impronta di tutte."`
	Firmato      time.Time          `json:"firmato"`
	Checkpoint   string             `json:"checkpoint" doc:"La nota firmata (C2SP)."`
	Chiavi       []string           `json:"chiavi" nullable:"false" doc:"Con cui si controllano le firme, la più nuova in fondo. Prendile anche da fuori: da un manifesto, da un'associazione."`
	Testimoni    []TestimoneVisto   `json:"testimoni" nullable:"false"`
	Testimoniato TestimoniatoFinora `json:"testimoniato"`
}

// TestimoneVisto is a witness that the ente lists, with what it saw.
type TestimoneVisto struct {
	Nome   string     `json:"nome" example:"associazione.example"`
	Chiave string     `json:"chiave"`
	Fino   int64      `json:"fino" doc:"Fino a quale voce ha cofirmato; 0: ancora nulla."`
	Il     *time.Time `json:"il" doc:"Quando l'ha visto, secondo il suo orologio; null se ancora nulla."`
}

// TestimoniatoFinora is up to where most of the witnesses saw the log.
type TestimoniatoFinora struct {
	Fino int64 `json:"fino"`
	Da   int   `json:"da" doc:"Quanti testimoni sono arrivati fin lì."`
	Su   int   `json:"su" doc:"Di quanti."`
}

// ProvaVista is a proof that whoever holds two states, or a leaf and a state, checks.
type ProvaVista struct {
	Da     *int64   `json:"da,omitempty"`
	Indice *int64   `json:"indice,omitempty"`
	A      int64    `json:"a"`
	Prova  []string `json:"prova" nullable:"false"`
}

// NuovaCofirma is the body of POST /registro/cofirme.
type NuovaCofirma struct {
	Checkpoint string `json:"checkpoint" minLength:"1" doc:"La nota che hai cofirmato, come l'abbiamo data."`
	Cofirma    string `json:"cofirma" minLength:"1" doc:"La tua riga (C2SP cosignature/v1)."`
}

// CofirmaPresa says what was kept of a witness's line.
type CofirmaPresa struct {
	Testimone string    `json:"testimone"`
	Fino      int64     `json:"fino"`
	Il        time.Time `json:"il"`
}

type ingressoCheckpoint struct {
	Voci int64 `query:"voci" minimum:"1" doc:"Lo stato di quante voci; senza, l'ultimo."`
}

type ingressoProva struct {
	Da     int64 `query:"da" doc:"Lo stato che hai."`
	Indice int64 `query:"indice" default:"-1" doc:"Invece di «da»: il posto di una foglia, da 0."`
	A      int64 `query:"a" required:"true" doc:"Lo stato in cui la cerchi."`
}

type uscitaNota struct {
	Tipo string `header:"Content-Type"`
	Body []byte
}

const tipoNota = "text/plain; charset=utf-8"

func (s *server) registro() {
	metti(s, huma.Operation{OperationID: "registro", Method: http.MethodGet, Path: "/registro",
		Summary: "Lo stato pubblico del registro", Description: "Fino a dove è firmato, con quali chiavi, chi l'ha visto. Nulla riguarda una persona."}, []int{422, 429}, s.registroPubblico)
	metti(s, huma.Operation{OperationID: "checkpoint", Method: http.MethodGet, Path: "/registro/checkpoint",
		Summary: "Lo stato firmato, con le righe dei testimoni"}, []int{404, 422, 429}, s.checkpoint)
	s.api.OpenAPI().Paths["/registro/checkpoint"].Get.Responses["200"] = &huma.Response{Description: "La nota firmata (C2SP)",
		Content: map[string]*huma.MediaType{tipoNota: {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[string](), true, "")}}}
	metti(s, huma.Operation{OperationID: "prova", Method: http.MethodGet, Path: "/registro/prova",
		Summary: "La prova che il registro è solo cresciuto, o che ha una foglia"}, []int{422, 429}, s.provaRegistro)
	metti(s, huma.Operation{OperationID: "cofirma", Method: http.MethodPost, Path: "/registro/cofirme",
		Summary: "La riga di un testimone", Description: "Solo dei testimoni in elenco. La stessa riga due volte vale una."}, []int{403, 413, 415, 422, 429}, s.cofirma)
	corpo[NuovaCofirma](s, "/registro/cofirme")
}

func (s *server) registroPubblico(ctx context.Context, _ *struct{}) (*uscita[Registro], error) {
	if err := s.frena(chiamataDi(ctx).r); err != nil {
		return nil, err
	}
	x, err := s.Servizio.PublicLog(ctx, s.Ente)
	if err != nil {
		return nil, err
	}
	out := Registro{Origine: x.Origin, Voci: x.Size, Radice: x.Root.String(), Firmato: x.At, Checkpoint: string(x.Note), Chiavi: x.Keys,
		Testimoni: []TestimoneVisto{}, Testimoniato: TestimoniatoFinora{Fino: x.Agreed, Da: x.How, Su: len(x.Witnesses)}}
	for _, w := range x.Witnesses {
		v := TestimoneVisto{Nome: w.Name, Chiave: w.Key, Fino: w.Size}
		if w.Size > 0 {
			v.Il = &w.At
		}
		out.Testimoni = append(out.Testimoni, v)
	}
	return &uscita[Registro]{out}, nil
}

func (s *server) checkpoint(ctx context.Context, in *ingressoCheckpoint) (*uscitaNota, error) {
	if err := s.frena(chiamataDi(ctx).r); err != nil {
		return nil, err
	}
	nota, err := s.Servizio.Checkpoint(ctx, s.Ente, in.Voci)
	if err != nil {
		return nil, err
	}
	return &uscitaNota{tipoNota, nota}, nil
}

func (s *server) provaRegistro(ctx context.Context, in *ingressoProva) (*uscita[ProvaVista], error) {
	q := chiamataDi(ctx).r.URL.Query()
	if err := s.frena(chiamataDi(ctx).r); err != nil {
		return nil, err
	}
	if q.Has("da") == q.Has("indice") {
		return nil, fault.New(fault.Invalid, "Controlla i campi indicati.").Campo("da", "Scrivi «da» oppure «indice», e uno solo.")
	}
	out := ProvaVista{A: in.A, Prova: []string{}}
	var hash []registro.Hash
	var err error
	if q.Has("da") {
		out.Da = &in.Da
		hash, err = s.Servizio.Growth(ctx, s.Ente, in.Da, in.A)
	} else {
		out.Indice = &in.Indice
		hash, err = s.Servizio.Inclusion(ctx, s.Ente, in.Indice, in.A)
	}
	if err != nil {
		return nil, err
	}
	for _, h := range hash {
		out.Prova = append(out.Prova, h.String())
	}
	return &uscita[ProvaVista]{out}, nil
}

func (s *server) cofirma(ctx context.Context, _ *struct{}) (*uscita[CofirmaPresa], error) {
	if err := s.frena(chiamataDi(ctx).r); err != nil {
		return nil, err
	}
	v, _, err := leggiCorpo[NuovaCofirma](ctx, s, maxCorpo)
	if err != nil {
		return nil, err
	}
	x, err := s.Servizio.Witnessed(ctx, s.Ente, []byte(v.Checkpoint), v.Cofirma)
	if err != nil {
		return nil, err
	}
	c, err := registro.ReadCheckpoint([]byte(v.Checkpoint))
	if err != nil {
		return nil, err
	}
	return &uscita[CofirmaPresa]{CofirmaPresa{x.Name, c.Size, x.At}}, nil
}
