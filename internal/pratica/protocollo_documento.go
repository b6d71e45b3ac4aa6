package pratica

import (
	"context"
	"strings"

	"tutela/internal/access"
	"tutela/internal/fault"
)

// DocumentoRegistrato is the document that a case was opened with, or its answer, with
// what registers say of it.
type DocumentoRegistrato struct {
	Testa    Testa
	Atto     Atto
	Numero   *NumeroEsterno // that the ente's own protocol gave it; nil: none
	Bytes    Riservata[[]byte]
	Allegati []FileVisto
}

// DocumentoRegistrato gives the document of a case of the URP that came in, or the last
// that went out, to the program at the terminal. It is on record as a copy taken out.
func (s *Servizio) DocumentoRegistrato(ctx context.Context, ente, registro string, anno, numero int, verso string) (DocumentoRegistrato, error) {
	var out DocumentoRegistrato
	if DeiMembri(registro) {
		return out, fault.New(fault.Forbidden, "I documenti dell'UPT li prende solo chi ne ha la chiave.")
	}
	amb, err := s.ambiente(ente)
	if err != nil {
		return out, err
	}
	di, err := s.Arch.PerNumero(ctx, ente, registro, anno, numero)
	if err != nil {
		return out, err
	}
	h, atti, err := s.Arch.Leggi(ctx, di.ID)
	if err != nil {
		return out, err
	}
	if !h.Eliminata.IsZero() {
		return out, fault.New(fault.NotFound, "Il contenuto di questa pratica è stato eliminato.")
	}
	seq := 1
	if verso == VersoUscita {
		seq = 0
		for _, x := range atti {
			if x.Atto.Timbro != nil {
				seq = x.Atto.Seq
			}
		}
	}
	if seq == 0 {
		return out, fault.New(fault.NotFound, "Questa pratica non ha ancora una risposta inviata.")
	}
	chi := access.Sistema(ente)
	if out, err = s.documentoRegistrato(ctx, chi, amb, h, atti, seq); err != nil {
		return out, err
	}
	return out, s.annotaUscita(ctx, chi, h.N, "")
}

// documentoRegistrato opens the document of an act, for who handles the case.
func (s *Servizio) documentoRegistrato(ctx context.Context, chi access.Chi, amb *Ambiente, h Testa, atti []Registrato, seq int) (DocumentoRegistrato, error) {
	var out DocumentoRegistrato
	m, err := s.mazzo(ctx, chi, h)
	if err != nil {
		return out, err
	}
	x := atti[seq-1]
	doc, err := s.documentoDi(ctx, amb.Regolamenti[h.Regolamento], h, m, atti, seq)
	if err != nil {
		return out, err
	}
	if out.Allegati, err = s.fileDi(ctx, h, m, x); err != nil {
		return out, err
	}
	out.Testa, out.Atto, out.Numero, out.Bytes = h, x.Atto, numerato(atti, seq), Chiudi(doc)
	return out, nil
}

// Cifre are the digits of a number, without the year that may follow them.
func (n NumeroEsterno) Cifre() string {
	c, anno, _ := strings.Cut(n.Numero, "/")
	if anno != "" && anno != n.Data.String()[:4] {
		return n.Numero
	}
	return c
}
