package pratica

import (
	"context"
	"slices"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Fascicolo is a whole file, as much of it as who asked may read. Segnalazione
// is nil for who was only asked something.
type Fascicolo struct {
	Testa         Testa
	Regole        *regolamento.Regolamento
	Stato         regolamento.Stato
	Segnalazione  *Riservata[Segnalazione]
	Storia        []AttoVisto
	Termini       []TermineVisto
	Richieste     []RichiestaVista
	File          []FileVisto
	Consentiti    []Consentito
	SoloRichieste bool
	Cartellino    Riservata[Cartellino] // of a case of members
	Affidata      *Affidamento          // to the assistant who reads it today; nil: to none
	Seduta        *Seduta               // for which it is read; nil: for none
	ComEra        day.Date              // the day of which everything here is; zero: today

	ufficio string // in which it is read
}

// AttoVisto is an act in the history.
type AttoVisto struct {
	Atto
	Etichetta string
	Testi     Riservata[map[string]string] // what was written in it, for who may read it
	Leggibile bool

	Contrassegno Riservata[ContrassegnoVisto] // of what it sent, for who may read it
}

// RichiestaVista is what one structure was asked, and what it answered.
type RichiestaVista struct {
	Unita    string
	Il       day.Date
	Risposta day.Date // zero: not yet
	Copia    Riservata[string]
	Quesito  Riservata[string]
	Testo    Riservata[string]     // its answer
	Lasciati Riservata[[]Lasciato] // of what looks personal, what the copy keeps: for who reads the nucleo
	Entro    TermineVisto
	File     []FileVisto // copies that came with the question

	parte string
	a     int64
}

// FileVisto is an attachment the reader may open.
type FileVisto struct {
	Allegato
	Nome     vault.Riservato
	Tipo     string
	Impronta [32]byte
	chiave   func() []byte // a func does not print
	sale     func() []byte // its own half of the key, with which its bytes are proved
}

// ChiaveFile opens its ciphertext.
func (f FileVisto) ChiaveFile() []byte { return f.chiave() }

// Consentito is an act that who asks may do now; Primo marks the one that the
// rules propose next.
type Consentito struct {
	Def      *regolamento.DefAtto
	Per      []string // units on whose behalf it can be done, when it answers a request
	Primo    bool
	Proposto bool
}

// Apri reads a file for who may: everything for those who handle it, only what
// was addressed to them for those who were asked.
func (s *Servizio) Apri(ctx context.Context, chi access.Chi, id vault.ID) (*Fascicolo, error) {
	return s.apri(ctx, chi, id, ReadPage)
}

// ApriPrint is Apri for a sheet that will leave the screen.
func (s *Servizio) ApriPrint(ctx context.Context, chi access.Chi, id vault.ID) (*Fascicolo, error) {
	return s.apri(ctx, chi, id, ReadPrint)
}

func (s *Servizio) apri(ctx context.Context, chi access.Chi, id vault.ID, come string) (*Fascicolo, error) {
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return nil, err
	}
	h, atti, o, err := s.vista(ctx, chi, id)
	if err != nil {
		return nil, err
	}
	intero := access.Can(chi, access.VedereNucleo, o)
	var parti []string // nil: all
	if !intero {
		parti = s.mieParti(amb, chi, atti)
	}
	m := &mazzo{}
	if h.Eliminata.IsZero() {
		if intero {
			m, err = s.mazzo(ctx, chi, h)
		} else {
			m, err = s.mazzoChiesto(ctx, h, atti, parti)
		}
		if err != nil {
			return nil, err
		}
	}
	f, err := s.fascicolo(ctx, amb, h, atti, m, parti)
	if err != nil {
		return nil, err
	}
	f.SoloRichieste = !intero
	if h.Eliminata.IsZero() {
		f.Consentiti = slices.DeleteFunc(s.consentiti(amb, f.Regole, amb.Calendari[h.Calendario], chi, h, f.Stato),
			func(c Consentito) bool { return fuoriSeduta(c.Def, atti, s.Oggi()) != nil })
	}
	if intero {
		di, err := s.cartellini(ctx, chi, []Testa{h})
		if err != nil {
			return nil, err
		}
		f.Cartellino = Chiudi(di[h.N])
	}
	f.ufficio = nonVuoto(operante(chi, o.Nucleo), operante(chi, o.Chiesto))
	if err := s.annota(ctx, chi, h.N, come, f.parte(), f.ufficio); err != nil {
		return nil, err
	}
	return f, nil
}

// fascicolo opens what a bunch of keys opens of a case: of these parts, or of all
// when there are none said.
func (s *Servizio) fascicolo(ctx context.Context, amb *Ambiente, h Testa, atti []Registrato, m *mazzo, parti []string) (*Fascicolo, error) {
	reg, cal, st, err := amb.piega(h, atti)
	if err != nil {
		return nil, err
	}
	f := &Fascicolo{Testa: h, Regole: reg, Stato: st, Termini: terminiVisti(amb, reg, cal, h, st, false)}
	if f.Affidata, err = s.affidata(ctx, reg, h, atti); err != nil {
		return nil, err
	}
	var contenuti map[int64][]byte
	if h.Eliminata.IsZero() {
		if contenuti, err = s.Arch.Contenuti(ctx, h.N, parti); err != nil {
			return nil, err
		}
	}
	if err := f.apriAtti(reg, h, atti, contenuti, m); err != nil {
		return nil, err
	}
	if h.Eliminata.IsZero() {
		return f, s.apriFile(ctx, f, m, parti, atti[len(atti)-1].A)
	}
	return f, nil
}

// parte is how much of the file there is.
func (f *Fascicolo) parte() string {
	switch {
	case f.Seduta != nil && f.SoloRichieste:
		return ParteSedutaCopia
	case f.Seduta != nil:
		return ParteSeduta
	case f.SoloRichieste:
		return "richiesta"
	}
	return ParteNucleo
}

// mieParti are the parts addressed to the offices of who asks: those of the
// structures he answers for, and, for the director of a macrostruttura, those of
// the structures below it.
func (s *Servizio) mieParti(amb *Ambiente, chi access.Chi, atti []Registrato) []string {
	parti := []string{}
	n := 0
	for _, x := range atti {
		for _, d := range x.Atto.Destinatari {
			n++
			macro := amb.Organigramma.Macrostruttura(d, x.Atto.Giorno)
			if slices.Contains(chi.Attivi(), access.Ufficio(access.Responsabile, d)) ||
				macro != "" && slices.Contains(chi.Attivi(), access.Ufficio(access.DirettoreMacrostruttura, macro)) {
				parti = append(parti, tutteLeParti(atti, ParteRichiesta(n))...)
			}
		}
	}
	for _, u := range chi.Attivi() {
		parti = append(parti, tutteLeParti(atti, parteMacro(u))...)
	}
	return parti
}

// apriAtti opens the contents that were read, act by act.
func (f *Fascicolo) apriAtti(reg *regolamento.Regolamento, h Testa, atti []Registrato, contenuti map[int64][]byte, m *mazzo) error {
	richieste := 0
	for _, x := range atti {
		v := AttoVisto{Atto: x.Atto, Etichetta: x.Atto.Kind}
		def := reg.Atto(x.Atto.Kind)
		if def != nil {
			v.Etichetta = def.Fatto
		}
		for _, im := range x.Atto.Contenuti {
			sig, ok := contenuti[x.A*16+int64(im.N)]
			if !ok || im.uscita() {
				continue
			}
			b, err := vault.OpenText(m.chiave(im.Parte), contestoContenuto(h.Ente, h.ID, im.Parte, x.Atto.ID, im.N), sig)
			if err != nil {
				return err
			}
			v.Leggibile = true
			var d detto
			if err := d.leggi(x.Atto, im, b); err != nil {
				return err
			}
			switch {
			case d.timbro != nil:
				v.Contrassegno = Chiudi(d.timbro.visto(h, x.Atto))
			case d.seg != nil:
				c := Chiudi(*d.seg)
				f.Segnalazione = &c
			case len(d.richieste) > 0:
				r := d.richieste[0]
				f.Richieste = append(f.Richieste, RichiestaVista{Unita: r.Unita, Il: x.Atto.Giorno, Copia: Chiudi(r.Copia), Quesito: Chiudi(r.Quesito),
					parte: im.Parte, a: x.A})
			case d.lasciati != nil:
				f.lasciati(d.lasciati)
			case d.testi != nil:
				v.Testi = Chiudi(d.testi)
			}
		}
		f.risposta(x.Atto, v)
		richieste += len(x.Atto.Destinatari)
		f.Storia = append(f.Storia, v)
	}
	for i := range f.Richieste {
		for _, t := range f.Termini {
			if t.Per == f.Richieste[i].Unita {
				f.Richieste[i].Entro = t
			}
		}
	}
	return nil
}

// lasciati puts beside the last request to each structure what its copy keeps.
func (f *Fascicolo) lasciati(ll []lasciatiStruttura) {
	for _, l := range ll {
		for i := range slices.Backward(f.Richieste) {
			if f.Richieste[i].Unita == l.Unita {
				f.Richieste[i].Lasciati = Chiudi(l.Lasciati)
				break
			}
		}
	}
}

// risposta puts an answer beside the request it answers.
func (f *Fascicolo) risposta(a Atto, v AttoVisto) {
	if a.Per == "" {
		return
	}
	for i := range f.Richieste {
		r := &f.Richieste[i]
		if r.Unita == a.Per && r.Risposta.IsZero() {
			r.Risposta = a.Giorno
			r.Testo = Chiudi(v.Testi.Apri()["testo"])
			return
		}
	}
}

// apriFile opens the files that came with the acts up to the last one that is read.
func (s *Servizio) apriFile(ctx context.Context, f *Fascicolo, m *mazzo, parti []string, ultimo int64) error {
	file, err := s.Arch.Allegati(ctx, f.Testa.ID)
	if err != nil {
		return err
	}
	for _, x := range file {
		if x.A > ultimo || parti != nil && !slices.Contains(parti, x.Parte) {
			continue
		}
		v, err := m.file(x)
		if err != nil {
			return err
		}
		f.File = append(f.File, v)
		for i := range f.Richieste {
			if r := &f.Richieste[i]; r.parte == x.Parte && r.a == x.A {
				r.File = append(r.File, v)
			}
		}
	}
	return nil
}

// consentiti are the acts that who asks may do now.
func (s *Servizio) consentiti(amb *Ambiente, reg *regolamento.Regolamento, cal *day.Calendario, chi access.Chi, h Testa, st regolamento.Stato) []Consentito {
	var out []Consentito
	oggi := s.Oggi()
	esiti := reg.Allowed(cal, st, oggi)
	proposti := suggerisci(cal, st, esiti, oggi)
	for _, e := range esiti {
		if !e.Ammesso() || e.Def.Apre || e.Def.Chiave && !access.Provable(chi, access.Chiavi) ||
			e.Def.Annota == regolamento.AnnotaAnnullamento && !access.Provable(chi, access.Annullare) {
			continue
		}
		c := Consentito{Def: e.Def}
		a := Atto{}
		if e.Def.Risponde != "" {
			for _, d := range st.Destinatari {
				a := Atto{Per: d.Unita}
				if d.Risposto.IsZero() && s.puo(amb, reg, chi, h, &a, e, oggi) == nil {
					c.Per = append(c.Per, d.Unita)
				}
			}
			if len(c.Per) == 0 {
				continue
			}
		} else if s.puo(amb, reg, chi, h, &a, e, oggi) != nil {
			continue
		}
		c.Proposto = slices.ContainsFunc(proposti, func(p regolamento.Esito) bool { return p.Def == e.Def })
		out = append(out, c)
	}
	for _, p := range proposti { // the first proposal that this person may take up
		if i := slices.IndexFunc(out, func(c Consentito) bool { return c.Def == p.Def }); i >= 0 {
			out[i].Primo = true
			break
		}
	}
	return out
}

// ApriFile gives an attachment to who may read it.
func (s *Servizio) ApriFile(ctx context.Context, chi access.Chi, id, file vault.ID) (FileVisto, error) {
	f, err := s.Apri(ctx, chi, id)
	if err != nil {
		return FileVisto{}, err
	}
	for _, x := range f.File {
		if x.ID == file {
			return x, s.annota(ctx, chi, f.Testa.N, ReadFile, f.parte(), f.ufficio)
		}
	}
	return FileVisto{}, errAssente
}

// file opens the card of a file.
func (m *mazzo) file(x Allegato) (FileVisto, error) {
	var sc schedaFile
	if err := apriJSON(m.chiave(x.Parte), contestoSchedaFile(m.ente, m.id, x.ID), x.Scheda, &sc); err != nil {
		return FileVisto{}, err
	}
	k := ChiaveFile(sc.Chiave, BaseFile(m.caso, m.ente, m.id, nonVuoto(sc.Per, x.Parte)))
	return FileVisto{x, vault.NewRiservato(sc.Nome), sc.Tipo, sc.Impronta, func() []byte { return k }, func() []byte { return sc.Chiave }}, nil
}
