package pratica

import (
	"context"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
)

// VoceArchivio is a line of the register of the archive: a closed file, where its paper
// lies, until when it must be kept, who ended it and when.
//
// ref: pga01 4.4.4
type VoceArchivio struct {
	Registrazione
	Luogo      Riservata[string] // as it was last written; empty: there is no paper, or its place ended with the content
	Fino       day.Date          // last day of the duty to keep; zero: the rules set none
	Trattenuta bool              // it is kept for longer
	Eliminata  day.Date
	Approvata  string // opaque id of who approved its end
}

// PaginaArchivio is a page of that register; Dopo is the cursor of the next.
type PaginaArchivio struct {
	Righe []VoceArchivio
	Dopo  string
}

// MayArchive reports whether who asks keeps the archive of a register.
func MayArchive(chi access.Chi, registro string) bool {
	return MayRegister(chi, registro) && (DeiMembri(registro) || chi.Ha(access.URPAziendale, access.URP))
}

// Archivio is a page of the register of the archive, the last number first, of the files
// that who asks may read.
//
// ref: pga01 4.4.4
func (s *Servizio) Archivio(ctx context.Context, chi access.Chi, f Filtro) (PaginaArchivio, error) {
	if !MayArchive(chi, f.Registro) {
		return PaginaArchivio{}, fault.New(fault.Forbidden, "Il registro dell'archivio lo tengono gli uffici che ne hanno le pratiche.")
	}
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return PaginaArchivio{}, err
	}
	f.Archiviate = true
	p, err := s.Registrazioni(ctx, chi, f)
	if err != nil {
		return PaginaArchivio{}, err
	}
	var finite []int64
	out := PaginaArchivio{Dopo: p.Dopo}
	for _, r := range p.Righe {
		v := VoceArchivio{Registrazione: r, Trattenuta: r.Vincolo, Eliminata: r.Testa.Eliminata}
		if reg := amb.Regolamenti[r.Regolamento]; reg != nil {
			v.Fino = fineConservazione(reg, r.Testa)
		}
		for _, a := range r.Annotazioni {
			if a.Cosa == regolamento.AnnotaCollocazione {
				v.Luogo = Chiudi(a.Testi.Apri()[regolamento.CampoLuogo])
			}
		}
		if !v.Eliminata.IsZero() {
			finite = append(finite, r.N)
		}
		out.Righe = append(out.Righe, v)
	}
	chiuse, err := s.Arch.Approvate(ctx, chi.Ente, finite)
	if err != nil {
		return PaginaArchivio{}, err
	}
	for i := range out.Righe {
		out.Righe[i].Approvata = chiuse[out.Righe[i].N]
	}
	return out, nil
}
