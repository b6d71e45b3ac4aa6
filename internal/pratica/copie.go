package pratica

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"tutela/internal/access"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// CopiaFile is the copy of an attachment for who is asked, in the making or ready.
// The original never leaves the office: what a structure gets is this, sealed
// again in its own part.
//
// ref: pga01 4.4.2
type CopiaFile struct {
	File     vault.ID // of the original
	Versione int
	Lavoro   json.RawMessage // what was decided of each page, as the page that decides it keeps it
	Lasciati []Lasciato      // of what looks personal, what the copy keeps
	Pronta   *File           // proved clean; nil: not yet
	Pagine   int             // of the copy that is ready
}

// Format prints [riservato] for every verb.
func (CopiaFile) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// copiaChiusa is what of it is sealed.
type copiaChiusa struct {
	Lavoro   json.RawMessage `json:"lavoro,omitempty"`
	Lasciati []Lasciato      `json:"lasciati,omitempty"`
	Pronta   *copiaPronta    `json:"pronta,omitempty"`
}

type copiaPronta struct {
	ID         vault.ID `json:"id"`
	Dimensione int64    `json:"dimensione"`
	Impronta   [32]byte `json:"impronta"`
	Chiave     []byte   `json:"chiave"`
	Pagine     int      `json:"pagine"`
}

func contestoCopia(ente string, id, file vault.ID) string {
	return vault.Context("copia", ente, id.String(), file.String())
}

// MayCopy reports whether who reads may ask a structure now: for whom else are
// copies made?
func (f *Fascicolo) MayCopy() bool {
	return !f.SoloRichieste && slices.ContainsFunc(f.Consentiti, func(c Consentito) bool { return c.Def.Destinatari != "" })
}

func (f *Fascicolo) puoCopiare() error {
	if !f.MayCopy() {
		return fault.New(fault.Forbidden, "Le copie per le strutture le prepara chi può fare loro una richiesta, finché la si può fare.")
	}
	return nil
}

// Copie are the copies of the attachments of a file, for who may ask a structure.
func (s *Servizio) Copie(ctx context.Context, chi access.Chi, f *Fascicolo) ([]CopiaFile, error) {
	if err := f.puoCopiare(); err != nil {
		return nil, err
	}
	m, err := s.mazzo(ctx, chi, f.Testa)
	if err != nil {
		return nil, err
	}
	return s.copie(ctx, chi, f.Testa, m)
}

func (s *Servizio) copie(ctx context.Context, chi access.Chi, h Testa, m *mazzo) ([]CopiaFile, error) {
	righe, err := s.Arch.Copie(ctx, h.Ente, h.N)
	if err != nil {
		return nil, err
	}
	out := make([]CopiaFile, 0, len(righe))
	for _, r := range righe {
		var x copiaChiusa
		sigillo, err := s.aprePerMembri(ctx, chi, h, r)
		if err != nil {
			return nil, err
		}
		if err := apriJSON(m.chiave(ParteNucleo), contestoCopia(h.Ente, h.ID, r.File), sigillo, &x); err != nil {
			return nil, err
		}
		c := CopiaFile{File: r.File, Versione: r.Versione, Lavoro: x.Lavoro, Lasciati: x.Lasciati}
		if p := x.Pronta; p != nil {
			c.Pagine = p.Pagine
			c.Pronta = &File{ID: p.ID, Tipo: "pdf", Dimensione: p.Dimensione, Dove: r.Dove, Impronta: p.Impronta, Chiave: vault.NewRiservato(string(p.Chiave))}
		}
		out = append(out, c)
	}
	return out, nil
}

// ApriCopia gives an attachment and the copy that is being made of it, a new one if
// there is none; that the file was read is noted.
func (s *Servizio) ApriCopia(ctx context.Context, chi access.Chi, f *Fascicolo, file vault.ID) (FileVisto, CopiaFile, error) {
	copie, err := s.Copie(ctx, chi, f)
	if err != nil {
		return FileVisto{}, CopiaFile{}, err
	}
	i := slices.IndexFunc(f.File, func(x FileVisto) bool { return x.ID == file })
	if i < 0 {
		return FileVisto{}, CopiaFile{}, errAssente
	}
	c := CopiaFile{File: file}
	if k := slices.IndexFunc(copie, func(c CopiaFile) bool { return c.File == file }); k >= 0 {
		c = copie[k]
	}
	return f.File[i], c, s.annota(ctx, chi, f.Testa.N, ReadFile, f.parte(), f.ufficio)
}

// SalvaCopia keeps what was decided of a copy: the version that was opened becomes
// the next, or it is fault.Conflict.
func (s *Servizio) SalvaCopia(ctx context.Context, chi access.Chi, f *Fascicolo, c CopiaFile) error {
	if err := f.puoCopiare(); err != nil {
		return err
	}
	m, err := s.mazzo(ctx, chi, f.Testa)
	if err != nil {
		return err
	}
	if m.chiave(ParteNucleo) == nil {
		return errAssente
	}
	r := RigaCopia{File: c.File, Versione: c.Versione + 1}
	x := copiaChiusa{Lavoro: c.Lavoro, Lasciati: c.Lasciati}
	if p := c.Pronta; p != nil {
		r.Dove = p.Dove
		x.Pronta = &copiaPronta{p.ID, p.Dimensione, p.Impronta, []byte(p.Chiave.Valore()), c.Pagine}
	}
	if r.Sigillo, err = sigillaJSON(m.chiave(ParteNucleo), contestoCopia(f.Testa.Ente, f.Testa.ID, c.File), x); err != nil {
		return err
	}
	if err := s.chiudePerMembri(ctx, chi, f.Testa, &r); err != nil {
		return err
	}
	return s.Arch.SalvaCopia(ctx, f.Testa.Ente, f.Testa.N, r)
}

// chiudePerMembri seals once more, to the newest key of the members who hold a case,
// what waits there between two acts: who has left has the key of the nucleo still.
func (s *Servizio) chiudePerMembri(ctx context.Context, chi access.Chi, h Testa, r *RigaCopia) error {
	if !DeiMembri(h.Registro) {
		return nil
	}
	per, err := s.ricevente(ctx, chi, h)
	if err != nil {
		return err
	}
	v, b := per.Seal(contestoCopia(h.Ente, h.ID, r.File), r.Sigillo)
	r.Sigillo = append(binary.BigEndian.AppendUint32(nil, uint32(v)), b...)
	return s.ancoraLettori(ctx, h, per)
}

func (s *Servizio) aprePerMembri(ctx context.Context, chi access.Chi, h Testa, r RigaCopia) ([]byte, error) {
	if !DeiMembri(h.Registro) {
		return r.Sigillo, nil
	}
	apre, err := s.opener(ctx, chi, h.Ente, h.Registro)
	if err != nil || len(r.Sigillo) < 4 {
		return nil, cmp.Or(err, vault.ErrSealed)
	}
	return apre.Open(int(binary.BigEndian.Uint32(r.Sigillo)), contestoCopia(h.Ente, h.ID, r.File), r.Sigillo[4:])
}

// BaseCopie is BaseFile of the part in which ready copies wait.
func (s *Servizio) BaseCopie(ctx context.Context, f *Fascicolo) ([]byte, error) {
	caso, err := s.Slots.Key(ctx, f.Testa.Slot)
	return BaseFile(caso, f.Testa.Ente, f.Testa.ID, ParteNucleo), err
}

// Copia is the ready copy of a file as it is given to who makes it, under a name and
// half of its key.
func (f FileVisto) Copia(x File, nome string, base []byte) FileVisto {
	k := ChiaveFile([]byte(x.Chiave.Valore()), base)
	f.ID, f.Dove, f.Dimensione, f.Nome, f.Tipo, f.Impronta = x.ID, x.Dove, x.Dimensione, vault.NewRiservato(nome), x.Tipo, x.Impronta
	f.chiave = func() []byte { return k }
	return f
}

// Sealed is where the ciphertext of a file lies, and what opens it.
type Sealed struct {
	Dove     string
	Chiave   []byte
	Contesto string
}

// richiestaStruttura is what one structure is asked: the redacted copy is all it
// will ever read of the segnalazione.
//
// ref: pga01 4.4.2
type richiestaStruttura struct {
	Unita   string `json:"unita"`
	Copia   string `json:"copia"`
	Quesito string `json:"quesito"`

	Lasciati []Lasciato `json:"-"` // not for the structure
	File     []vault.ID `json:"-"` // originals whose copies go along
}

// numeroLasciati is where an act keeps what was left readable in its copies, and
// why: after the contents of the structures.
const numeroLasciati = regolamento.MaxStrutture + 1

type lasciatiStruttura struct {
	Unita    string     `json:"unita"`
	Lasciati []Lasciato `json:"lasciati"`
}

// sigillaRichieste seals what each structure is asked in a part of its own, and what
// their copies keep of personal data in the nucleo.
func (s *Servizio) sigillaRichieste(ctx context.Context, p *pronto, m *mazzo, chi access.Chi, strutture []richiestaStruttura, atti []Registrato, metti func(nome string, n int, v any) error) error {
	if len(strutture) == 0 {
		return nil
	}
	var seg Segnalazione
	if err := s.apriPrimo(ctx, p.testa, m, atti[0], &seg); err != nil {
		return err
	}
	if err := controllaCopie(seg, strutture); err != nil {
		return err
	}
	gia := quanteRichieste(atti)
	for i, r := range strutture {
		if err := metti(ParteRichiesta(gia+i+1), i+1, r); err != nil {
			return err
		}
	}
	if err := s.copieRichieste(ctx, p, m, chi, strutture, atti); err != nil {
		return err
	}
	var lasciati []lasciatiStruttura
	for _, r := range strutture {
		if len(r.Lasciati) > 0 {
			lasciati = append(lasciati, lasciatiStruttura{r.Unita, r.Lasciati})
		}
	}
	if len(lasciati) == 0 {
		return nil
	}
	return metti(ParteNucleo, numeroLasciati, lasciati)
}

// copieRichieste encrypts again, for the part of each structure asked, the copies
// that go with what it is asked. Their names say the case and a number, and
// nothing of the originals.
func (s *Servizio) copieRichieste(ctx context.Context, p *pronto, m *mazzo, chi access.Chi, rr []richiestaStruttura, atti []Registrato) error {
	if !slices.ContainsFunc(rr, func(r richiestaStruttura) bool { return len(r.File) > 0 }) {
		return nil
	}
	copie, err := s.copie(ctx, chi, p.testa, m)
	if err != nil {
		return err
	}
	gia, n := quanteRichieste(atti), 0
	for _, x := range atti {
		if len(x.Atto.Destinatari) > 0 {
			n += len(x.Atto.Allegati)
		}
	}
	for i := range rr {
		parte := ParteRichiesta(gia + i + 1)
		var file []File
		for _, id := range rr[i].File {
			k := slices.IndexFunc(copie, func(c CopiaFile) bool { return c.File == id })
			if k < 0 || copie[k].Pronta == nil {
				const m = "La copia di un documento non è pronta: preparala, poi manda la richiesta."
				return fault.New(fault.Invalid, m).Campo("strutture", m)
			}
			n++
			x, err := s.ricifra(ctx, p.testa, *copie[k].Pronta, m.caso, parte)
			if err != nil {
				return err
			}
			x.Nome = vault.NewRiservato(fmt.Sprintf("copia-%d-%07d-%d.pdf", p.testa.Anno, p.testa.Numero, n))
			file = append(file, x)
			rr[i].Lasciati = append(rr[i].Lasciati, copie[k].Lasciati...)
		}
		allegati, err := allega(m, &p.atto, file, parte, parte)
		if err != nil {
			return err
		}
		p.allegati = append(p.allegati, allegati...)
		p.detto.file = append(p.detto.file, nomi(file)...)
	}
	return nil
}

// ricifra gives a file that waits in the nucleo a ciphertext of its own in another
// part: no key of the one opens the other.
func (s *Servizio) ricifra(ctx context.Context, h Testa, x File, caso []byte, parte string) (File, error) {
	da := Sealed{x.Dove, ChiaveFile([]byte(x.Chiave.Valore()), BaseFile(caso, h.Ente, h.ID, ParteNucleo)), ContestoFile(h.Ente, h.ID, x.ID)}
	sua := vault.NewKey()
	x.ID, x.Chiave = vault.NewID(s.Now()), vault.NewRiservato(string(sua))
	dove, err := s.Ricifra(ctx, da, Sealed{Chiave: ChiaveFile(sua, BaseFile(caso, h.Ente, h.ID, parte)), Contesto: ContestoFile(h.Ente, h.ID, x.ID)})
	x.Dove = dove
	return x, err
}
