package pratica

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Which way a document goes by the ente's own protocol.
const (
	VersoIngresso = "ingresso"
	VersoUscita   = "uscita"
)

// NumeroEsterno is the number that the ente's own protocol gave to the document of an
// act, beside ours.
type NumeroEsterno struct {
	Seq      int      `json:"di"` // the act
	Verso    string   `json:"verso"`
	Registro string   `json:"registro"`
	Numero   string   `json:"numero"`
	Data     day.Date `json:"data"`
	AOO      string   `json:"aoo"`
}

// Protocollo is the ente's own protocol system. The same key never takes two numbers.
// Its error is a fault with a sentence for the administrator: fault.Unavailable when
// nothing can be asked of it now.
type Protocollo interface {
	Protocolla(ctx context.Context, d DaProtocollare) (NumeroEsterno, error)
}

// DaProtocollare is a document to be registered. But for the document itself, nothing
// of it is about a person.
type DaProtocollare struct {
	Chiave           string // of the request
	Registro, Numero string // ours
	Giorno           day.Date
	Verso            string
	Tipo, Oggetto    string
	Impronta         [32]byte // SHA-256 of the document
	Documento        Riservata[[]byte]
}

// AttesaProtocollo is an act whose document waits for the number.
type AttesaProtocollo struct {
	Pratica   vault.ID
	N         int64
	Seq       int
	Tentativi int
}

// RigaProtocollo is that an act's document is to be numbered, or was, as stored.
type RigaProtocollo struct {
	Seq    int
	Verso  string
	Numero string    // empty: not yet
	Il     time.Time // when it came
}

// SaluteProtocollo is how the exchange with the ente's protocol goes.
type SaluteProtocollo struct {
	Attendono int
	Dal       time.Time // since when the first of them waits
	Ultimo    time.Time // when the last number came; zero: none did
	Errore    string    // of the last try, while something waits
	Provato   time.Time // when that was
}

// ArchivioProtocollo is what the exchange needs of the store.
type ArchivioProtocollo interface {
	// Attendono are the documents of an ente that wait and are due, the first asked
	// first; those of eliminated cases are not.
	Attendono(ctx context.Context, ente string, ora time.Time, limite int) ([]AttesaProtocollo, error)
	// Rinvia says when to try again and why it failed; tutte: all that are due wait
	// as long.
	Rinvia(ctx context.Context, ente string, a AttesaProtocollo, quando time.Time, motivo string, tutte bool) error
	SaluteProtocollo(ctx context.Context, ente string) (SaluteProtocollo, error)
}

// The waits between a try and the next: each is twice the one before, up to the last.
const (
	primaAttesa  = 30 * time.Second
	ultimaAttesa = 15 * time.Minute
)

var errSoloProtocollo = fault.New(fault.Forbidden, "Questo numero lo dà il protocollo dell'ente.")

// protocollazione is the act that stores the number; nil where the rules have none, or
// the ente has no protocol of its own. The UPT's documents are never sent: that they
// exist is its own to know.
func (s *Servizio) protocollazione(reg *regolamento.Regolamento) *regolamento.DefAtto {
	if s.Protocollo == nil || DeiMembri(reg.Registro()) {
		return nil
	}
	for _, a := range reg.Atti() {
		if a.Protocollo {
			return a
		}
	}
	return nil
}

// accoda stores that the document of an act waits for its number.
func accoda(tx Tx, a Atto) {
	if a.Protocollare != "" {
		tx.Protocollare(a.N, RigaProtocollo{Seq: a.Seq, Verso: a.Protocollare})
	}
}

// numerato is the number that an act's document has; nil: none yet.
func numerato(atti []Registrato, seq int) *NumeroEsterno {
	for _, x := range atti {
		if p := x.Atto.Protocollo; p != nil && p.Seq == seq {
			return p
		}
	}
	return nil
}

// NumeroEnte is the number that the ente's protocol gave to the document of an act; nil:
// none.
func (f *Fascicolo) NumeroEnte(seq int) *NumeroEsterno {
	for _, a := range f.Storia {
		if p := a.Protocollo; p != nil && p.Seq == seq {
			return p
		}
	}
	return nil
}

// NumeroEnte is the number that the ente's protocol gave to the report with a codice;
// nil: none, or not yet.
func (s *Servizio) NumeroEnte(ctx context.Context, ente, codice string) (n *NumeroEsterno, aspetta bool, err error) {
	_, atti, err := s.Arch.LeggiCodice(ctx, ente, codice)
	if fault.Is(err, fault.NotFound) || err == nil && len(atti) == 0 {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	n = numerato(atti, 1)
	return n, n == nil && atti[0].Atto.Protocollare != "", nil
}

// ProtocollaAttese asks the ente's protocol for the numbers that are due, one after the
// other, and says how many came. What fails is asked again, after a wait that grows;
// when nothing can be asked, all wait.
//
// ref: dpr445-2000 art. 53
func (s *Servizio) ProtocollaAttese(ctx context.Context, ente string) (int, error) {
	if s.Protocollo == nil {
		return 0, nil
	}
	fatte := 0
	for {
		attese, err := s.Arch.Attendono(ctx, ente, s.Now(), 50)
		if err != nil || len(attese) == 0 {
			return fatte, err
		}
		for _, a := range attese {
			err := s.protocolla(ctx, ente, a)
			if ctx.Err() != nil {
				return fatte, ctx.Err()
			}
			if err == nil {
				fatte++
				continue
			}
			fermo := fault.Is(err, fault.Unavailable)
			if err2 := s.Arch.Rinvia(ctx, ente, a, s.Now().Add(attesa(a.Tentativi)), motivo(err), fermo); err2 != nil {
				return fatte, errors.Join(err, err2)
			}
			if fermo || fault.KindOf(err) == fault.Internal {
				return fatte, err
			}
		}
	}
}

func attesa(tentativi int) time.Duration {
	d := primaAttesa
	for range min(tentativi, 10) {
		d *= 2
	}
	return min(d, ultimaAttesa)
}

// motivo is why a try failed, for the administrator: never what somebody else wrote.
func motivo(err error) string {
	if fault.KindOf(err) == fault.Internal {
		return "Un errore del programma: è scritto nel suo registro degli errori."
	}
	return fault.Message(err)
}

// protocolla asks for one number and stores it. Between the two the program may end:
// the key is the same the next time, and so is the number.
func (s *Servizio) protocolla(ctx context.Context, ente string, a AttesaProtocollo) error {
	amb, err := s.ambiente(ente)
	if err != nil {
		return err
	}
	h, atti, err := s.Arch.Leggi(ctx, a.Pratica)
	if err != nil {
		return err
	}
	reg := amb.Regolamenti[h.Regolamento]
	if reg == nil || a.Seq > len(atti) || atti[a.Seq-1].Atto.Protocollare == "" {
		return fmt.Errorf("case %s: act %d has no document for the protocol", h.ID, a.Seq)
	}
	def := s.protocollazione(reg)
	if def == nil {
		return fmt.Errorf("case %s: its rules have no act for the number of the protocol", h.ID)
	}
	x := atti[a.Seq-1].Atto
	m, err := s.mazzo(ctx, access.Sistema(ente), h)
	if err != nil {
		return err
	}
	doc, err := s.documentoDi(ctx, reg, h, m, atti, a.Seq)
	if err != nil {
		return err
	}
	d := DaProtocollare{Chiave: s.chiaveProtocollo(h, a.Seq), Registro: strings.ToUpper(h.Registro), Numero: NumeroScritto(h.Anno, h.Numero),
		Giorno: x.Giorno, Verso: x.Protocollare, Tipo: h.Tipo, Oggetto: "Segnalazione n. " + h.NumeroScritto(),
		Impronta: sha256.Sum256(doc), Documento: Chiudi(doc)}
	if d.Verso == VersoUscita {
		d.Tipo, d.Oggetto = "risposta", "Risposta alla segnalazione n. "+h.NumeroScritto()
	}
	n, err := s.Protocollo.Protocolla(ctx, d)
	if err != nil {
		return err
	}
	n.Seq, n.Verso = a.Seq, d.Verso
	_, err = s.Esegui(ctx, access.Sistema(ente), Comando{Pratica: h.ID, Atto: def.Nome, protocollo: &n})
	return err
}

// chiaveProtocollo is the key under which a document is asked for: always the same.
func (s *Servizio) chiaveProtocollo(h Testa, seq int) string {
	m := hmac.New(sha256.New, s.segreto("protocollo"))
	_, _ = fmt.Fprintf(m, "%s\x00%s\x00%d", h.Ente, h.ID, seq)
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// documentoDi is the document of an act, as it is registered and its hash is taken: of
// an answer the very bytes that were stamped, of a report its text.
func (s *Servizio) documentoDi(ctx context.Context, reg *regolamento.Regolamento, h Testa, m *mazzo, atti []Registrato, seq int) ([]byte, error) {
	x := atti[seq-1]
	if t := x.Atto.Timbro; t != nil {
		contenuti, err := s.Arch.Contenuti(ctx, h.N, []string{t.Parte})
		if err != nil {
			return nil, err
		}
		var doc documento
		err = apriJSON(m.chiave(t.Parte), contestoContenuto(h.Ente, h.ID, t.Parte, x.Atto.ID, numeroDocumento), contenuti[x.A*16+numeroDocumento], &doc)
		return doc.Bytes, err
	}
	var seg Segnalazione
	if err := s.apriPrimo(ctx, h, m, x, &seg); err != nil {
		return nil, err
	}
	file, err := s.fileDi(ctx, h, m, x)
	if err != nil {
		return nil, err
	}
	return seg.documento(h, x.Atto, reg.EtichettaValore("tipo", x.Atto.Pone["tipo"]), sigilloDocumento(m.chiave(ParteCittadino)), file), nil
}

// fileDi are the files that came with an act, always in the same order.
func (s *Servizio) fileDi(ctx context.Context, h Testa, m *mazzo, x Registrato) ([]FileVisto, error) {
	allegati, err := s.Arch.Allegati(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	var file []FileVisto
	for _, y := range allegati {
		if y.A != x.A {
			continue
		}
		f, err := m.file(y)
		if err != nil {
			return nil, err
		}
		file = append(file, f)
	}
	slices.SortFunc(file, func(a, b FileVisto) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	return file, nil
}

// sigilloDocumento ends the text of a report: without it, which goes with the content,
// nobody guesses a text from its hash.
func sigilloDocumento(chiave []byte) string {
	b, err := hkdf.Key(sha256.New, chiave, nil, "documento", 16)
	if err != nil {
		panic("pratica: hkdf of 16 bytes: " + err.Error())
	}
	return hex.EncodeToString(b)
}

// documento is a report as a document of text. Its hash stands in the registers of
// others: a word changed here makes it another document.
func (seg Segnalazione) documento(h Testa, a Atto, tipo, sigillo string, file []FileVisto) []byte {
	var b strings.Builder
	riga := func(nome, v string) {
		if v != "" {
			fmt.Fprintf(&b, "%s: %s\n", nome, v)
		}
	}
	data := func(d day.Date) string {
		if d.IsZero() {
			return ""
		}
		return d.String()
	}
	riga("Segnalazione", h.NumeroScritto())
	riga("Ricevuta il", data(a.Giorno))
	riga("Registrata", a.Il.UTC().Format(time.RFC3339))
	riga("Tipo", tipo)
	riga("Canale", h.Canale)
	for _, p := range []struct {
		chi string
		p   *Persona
	}{{"Segnalante", seg.Segnalante}, {"Assistito", seg.Assistito}} {
		if p.p == nil {
			continue
		}
		riga(p.chi, strings.TrimSpace(p.p.Nome+" "+p.p.Cognome))
		riga("Codice fiscale", p.p.CodiceFiscale)
		riga("Data di nascita", p.p.DataNascita)
		riga("Indirizzo", strings.Trim(p.p.Indirizzo+", "+strings.TrimSpace(p.p.CAP+" "+p.p.Comune), ", "))
		riga("E-mail", p.p.Email)
		riga("PEC", p.p.PEC)
		riga("Telefono", p.p.Telefono)
		riga("In qualità di", p.p.Qualita)
		riga("Rapporto", p.p.Rapporto)
	}
	riga("Presidio", seg.Presidio)
	riga("Reparto o servizio", seg.Unita)
	riga("Quando", seg.Quando)
	riga("Conosciuto il", data(seg.ConosciutoIl))
	riga("Perché in ritardo", seg.Ritardo)
	riga("Oggetto", seg.Oggetto)
	fmt.Fprintf(&b, "\n%s\n", seg.Testo)
	if seg.Chiede != "" {
		fmt.Fprintf(&b, "\nChe cosa chiede: %s\n", seg.Chiede)
	}
	if len(file) > 0 {
		b.WriteString("\nAllegati (SHA-256):\n")
	}
	for _, f := range file {
		fmt.Fprintf(&b, "%s %s\n", base64.StdEncoding.EncodeToString(f.Impronta[:]), f.Nome.Valore())
	}
	fmt.Fprintf(&b, "\nSigillo: %s\n", sigillo)
	return []byte(b.String())
}
