package pratica

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Seduta is what an act says of the session of the Commissione that a case is given to:
// who reads it from now on, and between which days. Nobody: it is over.
//
// ref: dpcm-1995
type Seduta struct {
	Il     day.Date `json:"il"`
	Dal    day.Date `json:"dal"`
	Al     day.Date `json:"al"`
	Membri []string `json:"membri,omitempty"`
	Tolti  []string `json:"tolti,omitempty"` // who sat until now
}

// RigaSeduta is a case in the list of who sits for it.
type RigaSeduta struct {
	Testa
	Il, Al  day.Date // of the session, and the last of the reading
	Oggetto Riservata[string]
}

// SedutaConvocata is a session with how many cases it reads.
type SedutaConvocata struct {
	Seduta
	Pratiche int
}

// MaxLettura is how many days a session may read a case at most.
const MaxLettura = 60

// errSeduta is the one answer to who sits in no session that reads the case: over, of
// others, or no case at all.
var errSeduta = fault.New(fault.NotFound, "La seduta è finita, oppure questa pratica non è tra quelle che la Commissione ti ha dato da leggere.")

// SedutaDi is the session that the acts of a case left it in, and the act that convened
// it; nil when none was convened, or it was closed. Its days may be past.
func SedutaDi(atti []Atto) (*Seduta, int) {
	var s *Seduta
	seq := 0
	for _, a := range atti {
		if a.Seduta != nil {
			if s = a.Seduta; len(s.Tolti) == 0 {
				seq = a.Seq
			}
		}
	}
	if s == nil || len(s.Membri) == 0 {
		return nil, 0
	}
	return s, seq
}

func atti(in []Registrato) []Atto {
	out := make([]Atto, len(in))
	for i, x := range in {
		out[i] = x.Atto
	}
	return out
}

// fuoriSeduta reports whether an act of a session cannot be done as things are: one
// that is open is not convened again, and only that can be changed.
func fuoriSeduta(def *regolamento.DefAtto, in []Registrato, oggi day.Date) error {
	ora, _ := SedutaDi(atti(in))
	aperta := ora != nil && oggi <= ora.Al
	switch {
	case def.Seduta == regolamento.SedutaConvoca && aperta:
		return fault.New(fault.Invalid, "Questa pratica è già in una seduta aperta: prima chiudila.")
	case def.Seduta != "" && def.Seduta != regolamento.SedutaConvoca && !aperta:
		return fault.New(fault.Invalid, "Questa pratica non è in una seduta aperta.")
	}
	return nil
}

// siedono decides what an act does to the session, and wraps for the Commissione the
// parts that the session is given. What is added later begins other parts.
func (s *Servizio) siedono(ctx context.Context, p *pronto, def *regolamento.DefAtto, m *mazzo, c campiLetti, in []Registrato) error {
	if err := fuoriSeduta(def, in, s.Oggi()); err != nil {
		return err
	}
	ora, _ := SedutaDi(atti(in))
	switch def.Seduta {
	case regolamento.SedutaChiude:
		p.atto.Seduta = &Seduta{Il: ora.Il, Dal: ora.Dal, Al: ora.Al, Tolti: ora.Membri}
		return nil
	case regolamento.SedutaToglie:
		restano := slices.DeleteFunc(slices.Clone(ora.Membri), func(x string) bool { return slices.Contains(c.siedono, x) })
		if len(restano)+len(c.siedono) != len(ora.Membri) {
			return errMembri("Scegli chi siede in questa seduta.")
		}
		p.atto.Seduta = &Seduta{ora.Il, ora.Dal, ora.Al, restano, c.siedono}
		return nil
	}
	p.atto.Seduta = &Seduta{Il: c.seduta.Il, Dal: c.seduta.Dal, Al: c.seduta.Al, Membri: c.siedono}
	if err := s.convocabile(ctx, p, m, in); err != nil {
		return err
	}
	return s.avvolgiSeduta(ctx, p, m, c.leggono)
}

func errMembri(frase string) error {
	return fault.New(fault.Invalid, "Controlla i campi indicati.").Campo(regolamento.CampoMembri, frase)
}

// convocabile checks the days of a session and who sits in it.
func (s *Servizio) convocabile(ctx context.Context, p *pronto, m *mazzo, in []Registrato) error {
	z, oggi := p.atto.Seduta, s.Oggi()
	e := fault.New(fault.Invalid, "Controlla i campi indicati.")
	switch {
	case z.Al < oggi:
		e.Campo(regolamento.CampoLeggeAl, "Scegli un giorno da oggi in poi.")
	case z.Dal < oggi:
		e.Campo(regolamento.CampoLeggeDal, "Scegli un giorno da oggi in poi.")
	case z.Al < z.Dal:
		e.Campo(regolamento.CampoLeggeAl, "Questo giorno viene prima dell'altro.")
	case int(z.Al-z.Dal) >= MaxLettura:
		e.Campo(regolamento.CampoLeggeAl, fmt.Sprintf("Possono leggere al massimo per %d giorni.", MaxLettura))
	}
	if z.Il < z.Dal || z.Al < z.Il {
		e.Campo(regolamento.CampoSedutaIl, "La seduta cade in un giorno in cui si può leggere.")
	}
	amb, err := s.ambiente(p.testa.Ente)
	if err != nil {
		return err
	}
	f, err := s.fascicolo(ctx, amb, p.testa, in, m, nil)
	if err != nil {
		return err
	}
	candidati, err := s.Candidati(ctx, f)
	if err != nil {
		return err
	}
	for _, id := range z.Membri {
		i := slices.IndexFunc(candidati, func(c Candidato) bool { return c.Persona == id })
		switch {
		case i < 0:
			e.Campo(regolamento.CampoMembri, "Scegli tra i membri della Commissione in carica.")
		case candidati[i].Motivo != "":
			e.Campo(regolamento.CampoMembri, candidati[i].Nome+" non può sedere: "+candidati[i].Motivo+".")
		}
	}
	if len(e.Campi) > 0 {
		return e
	}
	return nil
}

// avvolgiSeduta wraps the parts that a session is given. The keys come from who
// convenes: of a case of members, from a session that has theirs open.
func (s *Servizio) avvolgiSeduta(ctx context.Context, p *pronto, m *mazzo, leggono string) error {
	l, err := s.lettore(ctx, p.testa.Ente, CompartimentoCommissione)
	if err != nil {
		return err
	}
	for parte, pk := range m.parti {
		if leggono == regolamento.LeggonoTutto || strings.HasPrefix(parte, "richiesta-") {
			p.concessi = append(p.concessi, vault.Parte{Ente: p.testa.Ente, Pratica: p.testa.ID, Nome: parte}.Wrap(pk, l.per))
		}
	}
	if len(p.concessi) == 0 {
		return fault.New(fault.Invalid, "Controlla i campi indicati.").Campo(regolamento.CampoLeggono,
			"Nessuna struttura è stata ancora interpellata: non c'è una copia senza dati personali.")
	}
	p.concessa = p.testa.N
	p.atto.Involucri = append(p.atto.Involucri, impronte(p.concessi)...)
	return nil
}

// scrivi stores who sits from now on. The keys of a session that was before, or is
// over, go; the new ones come after.
func (z *Seduta) scrivi(tx Tx, n int64) {
	if z == nil {
		return
	}
	if len(z.Tolti) == 0 || len(z.Membri) == 0 {
		tx.Togli(n, LettoreCommissione)
	}
	var posti []access.Posto
	for _, id := range z.Membri {
		posti = append(posti, access.Posto{Persona: id, Dal: z.Dal, Al: z.Al})
	}
	tx.Siedono(n, z.Il, posti)
}

// Sedute are the cases of the sessions in which who asks sits today.
func (s *Servizio) Sedute(ctx context.Context, chi access.Chi) ([]RigaSeduta, error) {
	righe, err := s.Arch.Sedute(ctx, chi)
	if err != nil || len(righe) == 0 {
		return righe, err
	}
	if err := s.annota(ctx, chi, 0, ReadList, "", access.Ufficio(access.Commissione, "")); err != nil {
		return nil, err
	}
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return nil, err
	}
	for i := range righe {
		h, in, err := s.Arch.Leggi(ctx, righe[i].ID)
		if err != nil {
			return nil, err
		}
		if _, seq := SedutaDi(atti(in)); seq > 0 {
			if righe[i].Testa, err = amb.comEra(h, in[:seq]); err != nil {
				return nil, err
			}
		}
		m, err := s.mazzoSeduta(ctx, righe[i].Testa)
		if err != nil {
			return nil, err
		}
		if m.parti[ParteNucleo] == nil {
			continue
		}
		var rp Riepilogo
		if err := apriJSON(m.chiave(ParteNucleo), contestoScheda(righe[i].Ente, righe[i].ID), righe[i].Scheda, &rp); err != nil {
			return nil, err
		}
		righe[i].Oggetto = Chiudi(rp.Oggetto)
	}
	return righe, nil
}

func (s *Servizio) mazzoSeduta(ctx context.Context, h Testa) (*mazzo, error) {
	l, err := s.lettore(ctx, h.Ente, CompartimentoCommissione)
	if err != nil {
		return nil, err
	}
	return s.mazzoDi(ctx, h, LettoreCommissione, l.apre)
}

// ApriSeduta reads a case for who sits in its session today: the parts that it was
// given, as the case was when it was convened. Whoever does not is told what who asks
// for no case is told.
//
// ref: gdpr art. 5
func (s *Servizio) ApriSeduta(ctx context.Context, chi access.Chi, id vault.ID, come string) (*Fascicolo, error) {
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return nil, err
	}
	h, in, err := s.Arch.Leggi(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return nil, errSeduta
	}
	if err != nil {
		return nil, err
	}
	o, err := s.Arch.Oggetto(ctx, h.N)
	if err != nil {
		return nil, err
	}
	o.Ente, o.Registro = h.Ente, h.Registro
	seduta, seq := SedutaDi(atti(in))
	if !access.Can(chi, access.VedereSeduta, o) || !h.Eliminata.IsZero() || seduta == nil {
		return nil, errSeduta
	}
	m, err := s.mazzoSeduta(ctx, h)
	if err != nil {
		return nil, err
	}
	parti := make([]string, 0, len(m.parti))
	for parte := range m.parti {
		parti = append(parti, parte)
	}
	if h, err = amb.comEra(h, in[:seq]); err != nil {
		return nil, err
	}
	f, err := s.fascicolo(ctx, amb, h, in[:seq], m, parti)
	if err != nil {
		return nil, err
	}
	f.ComEra = day.In(in[seq-1].Atto.Il)
	f.Seduta, f.SoloRichieste, f.ufficio = seduta, m.parti[ParteNucleo] == nil, access.Ufficio(access.Commissione, "")
	return f, s.annota(ctx, chi, h.N, come, f.parte(), f.ufficio)
}

// comEra is the head of a case after its first acts: what they made of it then, and not
// what others made of it since.
func (a *Ambiente) comEra(h Testa, in []Registrato) (Testa, error) {
	r, err := rifai(a, h.N, in, nil)
	r.Testa.Scheda = h.Scheda
	return r.Testa, err
}

// ApriFileSeduta gives a document of such a case.
func (s *Servizio) ApriFileSeduta(ctx context.Context, chi access.Chi, id, file vault.ID) (FileVisto, error) {
	f, err := s.ApriSeduta(ctx, chi, id, ReadFile)
	if err != nil {
		return FileVisto{}, err
	}
	for _, x := range f.File {
		if x.ID == file {
			return x, nil
		}
	}
	return FileVisto{}, errSeduta
}

// Candidato is somebody of the Commissione, with why he cannot sit for a case.
type Candidato struct {
	Persona, Nome string
	Motivo        string // empty: he can
}

// Candidati are the people of the Commissione in office, for who reads all of a case:
// who is named in it, did something of it, or answers for who was asked cannot sit.
func (s *Servizio) Candidati(ctx context.Context, f *Fascicolo) ([]Candidato, error) {
	if s.Holding == nil {
		return nil, nil
	}
	persone, err := s.Holding(ctx, f.Testa.Ente, access.Commissione)
	if err != nil {
		return nil, err
	}
	amb, err := s.ambiente(f.Testa.Ente)
	if err != nil {
		return nil, err
	}
	parole, uffici := f.parole(), f.uffici(amb, s.Oggi())
	out := make([]Candidato, len(persone))
	for i, p := range persone {
		out[i] = Candidato{Persona: p.Persona, Nome: p.Nome}
		switch {
		case slices.ContainsFunc(f.Storia, func(a AttoVisto) bool { return a.Persona == p.Persona }):
			out[i].Motivo = "ha lavorato a questa pratica"
		case slices.ContainsFunc(p.Uffici, func(u string) bool { return slices.Contains(uffici, u) }):
			out[i].Motivo = "risponde per una struttura di cui si parla"
		case siNomina(parole, p.Nome):
			out[i].Motivo = "è nominato nella pratica"
		}
	}
	return out, nil
}

// uffici are those who answer for the structures that a case is about or asked.
func (f *Fascicolo) uffici(amb *Ambiente, oggi day.Date) []string {
	unita := []string{f.Testa.Struttura}
	for _, r := range f.Richieste {
		unita = append(unita, r.Unita)
	}
	var out []string
	for _, u := range unita {
		if u != "" {
			out = append(out, access.Ufficio(access.Responsabile, u), access.Ufficio(access.DirettoreMacrostruttura, amb.Organigramma.Macrostruttura(u, oggi)))
		}
	}
	return out
}

// parola is a word of a text, with what folding it takes away.
type parola struct {
	testo     string
	maiuscola bool // its first letter is
	punto     bool // one follows it
}

// nelTesto are the words of a text, in their order.
func nelTesto(testo string) []parola {
	var out []parola
	for testo != "" {
		i := strings.IndexFunc(testo, diParola)
		if i < 0 {
			break
		}
		testo = testo[i:]
		n := strings.IndexFunc(testo, func(r rune) bool { return !diParola(r) })
		if n < 0 {
			n = len(testo)
		}
		prima, _ := utf8.DecodeRuneInString(testo)
		for _, w := range vault.Words(testo[:n]) {
			out = append(out, parola{w, unicode.IsUpper(prima), strings.HasPrefix(testo[n:], ".")})
		}
		testo = testo[n:]
	}
	return out
}

func diParola(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// parole are the words of all that is written in a file, in their order; an empty one
// stands between two texts.
func (f *Fascicolo) parole() []parola {
	var out []parola
	metti := func(testi ...string) {
		for _, t := range testi {
			out = append(append(out, nelTesto(t)...), parola{})
		}
	}
	if f.Segnalazione != nil {
		g := f.Segnalazione.Apri()
		metti(g.Oggetto, g.Testo, g.Chiede, g.Testimone, g.Delega, g.Ritardo, g.Aiuto, g.NoteURP)
		for _, p := range []*Persona{g.Segnalante, g.Assistito} {
			if p != nil {
				metti(p.Nome + " " + p.Cognome)
			}
		}
	}
	for _, a := range f.Storia {
		for _, t := range a.Testi.Apri() {
			metti(t)
		}
	}
	for _, x := range f.File {
		metti(x.Nome.Valore())
	}
	return out
}

// titoli are what people put before a surname.
var titoli = []string{"dott", "dottor", "dottore", "dottoressa", "ssa", "dr", "dra", "prof", "professor", "professore", "professoressa",
	"sig", "signor", "signore", "signora", "ra", "infermiere", "infermiera", "primario", "caposala", "avv", "avvocato", "suor"}

// articoli are what people put before the surname of somebody they do not name whole.
var articoli = []string{"il", "lo", "la", "l", "del", "dello", "della", "dell", "dal", "dallo", "dalla", "dall", "al", "allo", "alla", "all", "col", "sul", "sulla"}

// siNomina reports whether the words name a person: the name whole, first or last name
// first, or the surname after a title, after an article or beside an initial of the
// first name. There it must be written as a name is, or la porta would be one.
func siNomina(parole []parola, nome string) bool {
	suo := vault.Words(nome)
	if len(suo) == 0 {
		return false
	}
	cognome := suo[len(suo)-1]
	ordinato := slices.Sorted(slices.Values(suo))
	iniziale := func(p parola) bool {
		return p.maiuscola && utf8.RuneCountInString(p.testo) == 1 && slices.ContainsFunc(suo[:len(suo)-1], func(x string) bool { return strings.HasPrefix(x, p.testo) })
	}
	for i, p := range parole {
		if i+len(suo) <= len(parole) && slices.Contains(suo, p.testo) && slices.Equal(slices.Sorted(slices.Values(testi(parole[i:i+len(suo)]))), ordinato) {
			return true
		}
		if p.testo != cognome {
			continue
		}
		if p.maiuscola && i+1 < len(parole) && parole[i+1].punto && iniziale(parole[i+1]) {
			return true
		}
		for j := i - 1; j >= 0; j-- {
			q := parole[j]
			if slices.Contains(titoli, q.testo) || p.maiuscola && (slices.Contains(articoli, q.testo) || iniziale(q)) {
				return true
			}
			if !slices.Contains(suo, q.testo) { // De Luca: what stands before it is before the name
				break
			}
		}
	}
	return false
}

func testi(pp []parola) []string {
	out := make([]string, len(pp))
	for i, p := range pp {
		out[i] = p.testo
	}
	return out
}
