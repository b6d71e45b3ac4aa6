package pratica

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/segnatura"
	"tutela/internal/vault"
)

// Segnante is as whom an ente signs its segnature: its IPA codes, where a report stands
// in its titolario, a certificate.
//
// ref: dpr445-2000 art. 55
type Segnante struct {
	Amministrazione, AOO string
	Classifica           segnatura.Classifica
	Cert                 *x509.Certificate
	Chiave               crypto.Signer
}

// Segnatura is the segnatura of a document, signed. Who reported has no name in it: the
// number of the case stands there.
func (d DocumentoRegistrato) Segnatura(ente string, c Segnante, ora time.Time) ([]byte, error) {
	h, il := d.Testa, d.Atto.Il.In(day.Rome)
	noi := segnatura.Soggetto{IPA: c.Amministrazione, Denominazione: ente}
	lui := segnatura.Soggetto{Nome: "Segnalante", Cognome: h.NumeroScritto()}
	sum := sha256.Sum256(d.Bytes.Apri())
	s := segnatura.Segnatura{Riservato: true, Oggetto: "Segnalazione n. " + h.NumeroScritto(), Mittente: lui, Destinatari: []segnatura.Soggetto{noi}, Classifica: c.Classifica,
		Identificatore: segnatura.Identificatore{Amministrazione: c.Amministrazione, AOO: c.AOO, Registro: strings.ToUpper(h.Registro), Numero: fmt.Sprintf("%07d", h.Numero),
			Data: il.Format("2006-01-02"), Ora: il.Format("15:04:05")},
		Primario: segnatura.Documento{Nome: "documento.txt", Tipo: "text/plain; charset=utf-8", Impronta: sum[:]}}
	for n, f := range d.Allegati {
		s.Allegati = append(s.Allegati, segnatura.Documento{Nome: fmt.Sprintf("allegato-%d", n+1), Tipo: f.Tipo, Impronta: f.Impronta[:]})
	}
	if d.Atto.Timbro != nil { // our register numbers cases: an answer has no number of its own there
		if d.Numero == nil {
			return nil, fault.New(fault.NotFound, "La risposta non ha ancora il numero del protocollo dell'ente: senza, non ha una segnatura.")
		}
		s.Oggetto, s.Mittente, s.Destinatari = "Risposta alla segnalazione n. "+h.NumeroScritto(), noi, []segnatura.Soggetto{lui}
		s.Identificatore = segnatura.Identificatore{Amministrazione: c.Amministrazione, AOO: c.AOO, Registro: d.Numero.Registro, Numero: d.Numero.Cifre(), Data: d.Numero.Data.String()}
	}
	b, err := s.Scrivi()
	if err != nil {
		return nil, err
	}
	return segnatura.Firma(b, c.Cert, c.Chiave, ora)
}

// Segnabile reports whether an act of a case has a segnatura: the one that opened it, and
// each that sent an answer the ente's own protocol has numbered.
func (s *Servizio) Segnabile(f *Fascicolo, a Atto) bool {
	return s.Segnante != nil && !DeiMembri(f.Testa.Registro) && !f.SoloRichieste && f.Testa.Eliminata.IsZero() &&
		(a.Apertura != nil || a.Timbro != nil && f.NumeroEnte(a.Seq) != nil)
}

// Segnatura is the segnatura of the document of an act, for who handles its case.
func (s *Servizio) Segnatura(ctx context.Context, chi access.Chi, id vault.ID, seq int, ente string) ([]byte, error) {
	h, atti, o, err := s.vista(ctx, chi, id)
	if err != nil {
		return nil, err
	}
	if !access.Can(chi, access.VedereNucleo, o) {
		return nil, fault.New(fault.Forbidden, "La segnatura la prende l'ufficio che segue la pratica.")
	}
	no := fault.New(fault.NotFound, "Questa segnatura non c'è.")
	if s.Segnante == nil || DeiMembri(h.Registro) || !h.Eliminata.IsZero() || seq < 1 || seq > len(atti) {
		return nil, no
	}
	if a := atti[seq-1].Atto; a.Apertura == nil && a.Timbro == nil {
		return nil, no
	}
	amb, err := s.ambiente(h.Ente)
	if err != nil {
		return nil, err
	}
	d, err := s.documentoRegistrato(ctx, chi, amb, h, atti, seq)
	if err != nil {
		return nil, err
	}
	return d.Segnatura(ente, *s.Segnante, s.Now())
}
