package pratica

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
)

// Comando asks for an act on a case.
type Comando struct {
	Pratica  vault.ID
	Atto     string
	Versione int      // the Seq of the file the person was looking at; 0: any
	Per      string   // the unit on whose behalf the person answers, if it was asked
	Giorno   day.Date // an earlier day on which it counts; zero: today
	Dati     Dati
	File     []File
	Chiave   []byte // of the idempotent request; nil: none

	nuova      *vault.Riservato // the chiave that the act gives the citizen
	protocollo *NumeroEsterno   // the number that the act stores
}

// Esegui performs an act: the one path of every change. It fails with
// fault.NotFound when who asks may not see the case, fault.Forbidden when the
// act is another's to do, fault.Conflict when somebody was quicker, and
// fault.Invalid with the reasons when the rules do not allow it or data lack.
func (s *Servizio) Esegui(ctx context.Context, chi access.Chi, cmd Comando) (Testa, error) {
	out, err := s.esegui(ctx, chi, cmd)
	if prima := (*Superato)(nil); errors.As(err, &prima) && prima.ancora || errors.Is(err, errLettori) {
		out, err = s.esegui(ctx, chi, cmd) // once more on what the other one left
	}
	return out, err
}

// fatto is what is remembered of an act asked under an idempotent key: a seal
// that only the same act with the same data opens, with the chiave it gave.
func (s *Servizio) fatto(ente string, cmd Comando) []byte {
	var chiave []byte
	if cmd.nuova != nil {
		chiave = []byte(cmd.nuova.Valore())
	}
	return vault.Seal(s.chiaveRichiesta(ente, cmd.Chiave, cmd.corpo()), vault.Context("fatto", ente), chiave)
}

// stesso lets pass what was asked before in the same words, and says so of what
// was not: it must not look as if it were stored.
func (s *Servizio) stesso(ente string, cmd Comando, salvato []byte) error {
	if bytes.Equal(salvato, Superata) {
		return ErrSuperata
	}
	chiave, err := vault.Open(s.chiaveRichiesta(ente, cmd.Chiave, cmd.corpo()), vault.Context("fatto", ente), salvato)
	if err != nil {
		return fault.New(fault.Conflict, "Questa pagina era già stata inviata con un testo diverso: vale quello. Ricaricala per aggiungere altro.")
	}
	if cmd.nuova != nil {
		*cmd.nuova = vault.NewRiservato(string(chiave))
	}
	return nil
}

// corpo is the digest of what an act says. Files are left out: each sending
// encrypts them anew.
func (c Comando) corpo() [32]byte {
	b, err := json.Marshal(map[string]any{"atto": c.Atto, "per": c.Per, "giorno": c.Giorno, "dati": map[string]any(c.Dati)})
	if err != nil {
		return [32]byte{} // such data are refused before anything is stored
	}
	return sha256.Sum256(b)
}

// vecchio reports whether the case has gone on since the person looked at it. A number of
// the ente's protocol comes by itself, and changes nothing of what one was doing.
func (c Comando) vecchio(atti []Registrato) bool {
	return c.Versione != 0 && (c.Versione > len(atti) || slices.ContainsFunc(atti[c.Versione:], func(x Registrato) bool { return x.Atto.Protocollo == nil }))
}

func (s *Servizio) esegui(ctx context.Context, chi access.Chi, cmd Comando) (Testa, error) {
	amb, err := s.ambiente(chi.Ente)
	if err != nil {
		return Testa{}, err
	}
	h, atti, o, err := s.vista(ctx, chi, cmd.Pratica)
	if err != nil {
		return Testa{}, err
	}
	if reg := amb.Regolamenti[h.Regolamento]; !h.Eliminata.IsZero() && (reg == nil || !reg.Conservazione().Ends(cmd.Atto)) {
		return h, fault.New(fault.Forbidden, "Il contenuto di questa pratica è stato eliminato: non si può più cambiare.")
	}
	op := Op{Ente: chi.Ente, Pratica: cmd.Pratica}
	if cmd.Chiave != nil {
		op.Chiave = s.idRichiesta(chi.Ente, slices.Concat(cmd.Chiave, cmd.Pratica[:], []byte(cmd.Atto+"\x00"+chi.Persona)))
	}
	intero := access.Can(chi, access.VedereNucleo, o)
	if !intero {
		cmd.Versione = 0 // what others do is not shown to who was only asked: the rules say what is late
	}
	if cmd.vecchio(atti) && op.Chiave == nil {
		return h, superato(amb, h, atti[len(atti)-1].Atto, intero, false)
	}
	var fatta Testa
	p, err := s.prepara(ctx, amb, chi, intero || !chi.Personale(), cmd, h, atti)
	if err != nil && op.Chiave != nil { // perhaps the same form, sent twice: then the first one did it
		gia := s.Arch.Update(ctx, op, func(tx Tx) error {
			b, ok := tx.Richiesta()
			if !ok {
				return err
			}
			fatta, _ = tx.Testa()
			return s.stesso(chi.Ente, cmd, b)
		})
		return fatta, gia
	}
	if err != nil {
		return h, err
	}
	err = s.Arch.Update(ctx, op, func(tx Tx) error {
		adesso, ok := tx.Testa()
		if !ok {
			return errAssente
		}
		if b, gia := tx.Richiesta(); gia { // the same form, sent twice
			fatta = adesso
			return s.stesso(chi.Ente, cmd, b)
		}
		if a := tx.Atti(); adesso.Seq != h.Seq || cmd.vecchio(a) {
			return superato(amb, adesso, a[len(a)-1].Atto, intero, !cmd.vecchio(a))
		}
		if p.per != nil {
			if err := s.ancoraLettori(ctx, h, *p.per); err != nil {
				return err
			}
		}
		at := p.atto
		at.Il = tx.Now()
		if at.Giorno.IsZero() {
			at.Giorno = day.In(at.Il)
		}
		st, err := p.reg.Apply(p.cal, p.stato, perFold(at))
		if err != nil {
			return fmt.Errorf("fold act: %w", err)
		}
		rec, err := sigilla(at)
		if err != nil {
			return err
		}
		righe := proietta(amb, p.reg, p.cal, p.testa, st, at)
		if def := p.reg.Atto(at.Kind); def.Lettera == "risposta" {
			righe.Testa.RispostaIl = at.Giorno
		}
		tx.Append(rec, p.contenuti)
		tx.Avvolgi(p.testa.N, p.involucri)
		tx.Riavvolgi(p.testa.N, p.riavvolti)
		at.Seduta.scrivi(tx, p.testa.N)
		tx.Concedi(p.concessa, p.concessi)
		if p.cartellino != nil {
			tx.Cartellino(p.testa.N, *p.cartellino)
		}
		for _, x := range p.allegati {
			tx.Allega(x)
		}
		if p.timbro != nil {
			tx.Timbra(*p.timbro)
		}
		accoda(tx, at)
		if at.Protocollo != nil {
			tx.Protocollata(p.testa.N, *at.Protocollo, at.Il)
		}
		tx.Project(righe)
		if err := s.indicizza(tx, p.testa, &p.parole); err != nil {
			return err
		}
		sua := int64(0)
		if cmd.nuova != nil {
			sua = h.N
			tx.Supera(sua)
		}
		if op.Chiave != nil {
			tx.Ricorda(s.fatto(chi.Ente, cmd), sua) // that it was done: the case says what became of it
		}
		fatta = righe.Testa
		return nil
	})
	if err != nil {
		return h, err
	}
	return fatta, nil
}

// vista reads a case for who may know that it exists, and whose it is.
func (s *Servizio) vista(ctx context.Context, chi access.Chi, id vault.ID) (Testa, []Registrato, access.Oggetto, error) {
	var o access.Oggetto
	h, atti, err := s.Arch.Leggi(ctx, id)
	if err != nil {
		return h, nil, o, err
	}
	if chi.Ente != h.Ente || len(atti) == 0 {
		return h, nil, o, errAssente
	}
	if !chi.Personale() { // the citizen with the key, or the program itself
		return h, atti, o, nil
	}
	if o, err = s.Arch.Oggetto(ctx, h.N); err != nil {
		return h, nil, o, err
	}
	o.Ente, o.Registro = h.Ente, h.Registro
	if !access.Can(chi, access.Elencare, o) {
		return h, nil, o, errAssente
	}
	return h, atti, o, nil
}

// Superato is why an act was refused with fault.Conflict: the case has gone on.
type Superato struct {
	Versione         int
	Persona, Ufficio string // who was quicker; both empty: the citizen
	ancora           bool   // who asked had no version before his eyes: it may be tried again
}

func (s *Superato) Error() string { return fmt.Sprintf("the case is at version %d", s.Versione) }

// superato says who was quicker, with what and when: to who may read it.
func superato(amb *Ambiente, h Testa, ultimo Atto, intero, ancora bool) error {
	if !intero {
		return fault.Wrap(&Superato{Versione: h.Seq, ancora: ancora}, fault.Conflict, "Intanto la pratica è cambiata. Rileggila e riprova.")
	}
	cosa := ultimo.Kind
	if r := amb.Regolamenti[h.Regolamento]; r != nil && r.Atto(ultimo.Kind) != nil {
		cosa = r.Atto(ultimo.Kind).Fatto
	}
	return fault.Wrap(&Superato{h.Seq, ultimo.Persona, ultimo.Ufficio, ancora}, fault.Conflict,
		fmt.Sprintf("Intanto la pratica è cambiata: «%s», %s. Rileggila e riprova.",
			cosa, ultimo.Il.In(day.Rome).Format("02/01/2006 alle 15.04")))
}

// pronto is an act decided, checked and sealed, waiting for its transaction.
type pronto struct {
	reg       *regolamento.Regolamento
	cal       *day.Calendario
	stato     regolamento.Stato
	testa     Testa
	atto      Atto
	contenuti []Contenuto
	involucri []vault.Involucro
	riavvolti []vault.Involucro // in the place of those for a reader's key before
	allegati  []Allegato
	timbro    *Contrassegno
	detto     detto
	parole    parole

	per        *vault.Recipient // the compartment of members for which something was sealed
	cartellino *CartellinoChiuso
	concessa   int64 // n of the case given to read
	concessi   []vault.Involucro
}

// prepara decides an act on the state that was read, and seals its content. The
// transaction then only checks that nobody was quicker.
func (s *Servizio) prepara(ctx context.Context, amb *Ambiente, chi access.Chi, intero bool, cmd Comando, h Testa, atti []Registrato) (pronto, error) {
	var p pronto
	reg, cal, st, err := amb.piega(h, atti)
	if err != nil {
		return p, err
	}
	def := reg.Atto(cmd.Atto)
	if def == nil || def.Apre {
		return p, fault.New(fault.Invalid, "Questa azione non esiste nella procedura della pratica.")
	}
	if def.Chiave && cmd.nuova == nil {
		return p, errSoloPagina
	}
	if def.Annota == regolamento.AnnotaAnnullamento && !access.Confermato(chi, access.Annullare, s.Now()) {
		return p, errProva
	}
	if def.Protocollo != (cmd.protocollo != nil) || cmd.protocollo != nil && numerato(atti, cmd.protocollo.Seq) != nil {
		return p, errSoloProtocollo
	}
	oggi := s.Oggi()
	campi, err := leggiCampi(def, cmd.Dati, amb)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return p, err
	}
	ultimo := atti[len(atti)-1]
	affidamento, e := leggiAffidamento(def, &campi, oggi)
	if e != nil && err == nil {
		err = e
	}
	if e := ripete(def, campi, h); e != nil && err == nil {
		err = e
	}
	if DeiMembri(h.Registro) && chi.Persona != access.Sistema(chi.Ente).Persona {
		campi.copri()
	}
	a := Atto{ID: vault.NewID(s.Now()), Pratica: h.ID, N: h.N, Ente: h.Ente, Seq: h.Seq + 1, Kind: def.Nome, Persona: chi.Persona,
		Mezzo: chi.Mezzo, Protocollo: cmd.protocollo, Affidamento: affidamento, Pone: campi.pone, Giorni: campi.giorni, Dati: campi.chiari, Date: campi.date, Prima: ultimo.Hash}
	if campi.persona != "" {
		a.Incaricato = &campi.persona
	}
	for _, r := range campi.strutture {
		a.Destinatari = append(a.Destinatari, r.Unita)
	}
	if e := giornoDichiarato(reg, cmd.Giorno, oggi); e != nil {
		return p, e
	}
	a.Giorno = cmd.Giorno
	if def.Risponde != "" {
		a.Per = s.perChi(amb, reg, chi, h, st, def, cmd.Per, oggi)
	}
	prop := perFold(a)
	if prop.Giorno.IsZero() {
		prop.Giorno = oggi
	}
	esito := reg.Decide(cal, st, regolamento.Proposta{Atto: prop, Campi: campi.presenti})
	permesso := s.puo(amb, reg, chi, h, &a, esito, oggi)
	if err == nil && campi.persona != "" && s.Persona != nil && s.Persona(ctx, chi.Ente, campi.persona) != nil {
		err = fault.New(fault.Invalid, "Controlla i campi indicati.").Campo("persona", "Scegli una persona dell'elenco.")
	}
	if permesso != nil && len(esito.Attori) > 0 {
		return p, permesso
	}
	if err != nil {
		return p, err
	}
	if len(esito.Motivi) > 0 {
		e := fault.New(fault.Invalid, "Ora non si può fare.")
		for _, m := range esito.Motivi {
			e.Motivi = append(e.Motivi, m.Frase())
			if m.Cosa == regolamento.MotivoServe || m.Cosa == regolamento.MotivoValore {
				e.Campo(m.Nome, m.Frase())
			}
		}
		if len(e.Motivi) == 1 {
			e.Message = e.Motivi[0]
		}
		return p, e
	}
	if permesso != nil {
		return p, permesso
	}
	p = pronto{reg: reg, cal: cal, stato: st, testa: h, atto: a}
	if u := h.riguarda(a); u != "" {
		p.testa = amb.instrada(h, u, oggi)
		p.atto.Luogo = &Luogo{p.testa.Struttura, p.testa.Macro, p.testa.URP}
	}
	if reg.Conservazione().Ends(def.Nome) { // it has no content, and the key may be gone
		p.testa.Scheda = append([]byte{}, h.Scheda...)
		return p, nil
	}
	m, err := s.mazzoPer(ctx, amb, chi, h, intero, atti, a.Per)
	if err != nil {
		return p, err
	}
	if err := s.assiste(ctx, m, chi, reg, h, append(slices.Clone(atti), Registrato{Atto: a})); err != nil {
		return p, err
	}
	if err := s.sigillaAtto(ctx, &p, m, chi, def, cmd, campi, atti); err != nil {
		return p, err
	}
	p.parole = p.detto.parole(def)
	if !p.parole.vuote() && !DeiMembri(h.Registro) { // ahead of the transaction, where others wait
		if _, err := s.gettoni(h.Ente, h.Anno, &p.parole); err != nil {
			return p, err
		}
	}
	if def.Chiave {
		return p, s.cambiaChiave(ctx, &p, m, chi, atti, *cmd.nuova)
	}
	switch {
	case def.Fascicolo != "":
		return p, s.concedi(ctx, &p, chi, campi.testi[def.Fascicolo])
	case def.Seduta != "":
		return p, s.siedono(ctx, &p, def, m, campi, atti)
	}
	return p, nil
}

// puo checks that who asks plays one of the act's actors in this case, and
// writes the office in which.
func (s *Servizio) puo(amb *Ambiente, reg *regolamento.Regolamento, chi access.Chi, h Testa, a *Atto, esito regolamento.Esito, oggi day.Date) error {
	for _, attore := range esito.Attori {
		switch {
		case attore == regolamento.AttoreCittadino && chi.Persona == "":
			return nil
		case attore == regolamento.AttoreSistema && chi.Persona == "sistema":
			return nil
		}
		if u := operante(chi, uffici(reg, amb.Organigramma, h, oggi, attore, a.Per)); u != "" {
			a.Ufficio = u
			return nil
		}
	}
	var chiPuo []string
	for _, attore := range esito.Attori {
		if d, ok := reg.Attore(attore); ok {
			chiPuo = append(chiPuo, d.Etichetta)
		}
	}
	m := "Questa azione non spetta al tuo ufficio."
	if len(chiPuo) > 0 {
		m += " Può farla: " + strings.Join(chiPuo, ", ") + "."
	}
	return fault.New(fault.Forbidden, m)
}

// sigillaAtto seals what was written, each text in the part of who may read it.
func (s *Servizio) sigillaAtto(ctx context.Context, p *pronto, m *mazzo, chi access.Chi, def *regolamento.DefAtto, cmd Comando, c campiLetti, atti []Registrato) error {
	testi := maps.Clone(c.testi)
	if def.TestoDa != "" { // it carries the text of an earlier act: signed, sent
		t, id, err := s.ultimoTesto(ctx, p.testa, m, atti, def.TestoDa)
		if err != nil {
			return err
		}
		h := sha256.Sum256([]byte(t))
		testi["testo"], testi["impronta"] = t, hex.EncodeToString(h[:])
		if p.atto.Dati == nil {
			p.atto.Dati = map[string]string{}
		}
		p.atto.Dati["atto"] = id.String()
	}
	apri := func(nome string) (string, error) {
		parte, err := s.apriParte(ctx, m, chi, p.testa, nome, append(slices.Clone(atti), Registrato{Atto: p.atto}))
		if err == nil && p.per == nil {
			err = s.segnaLettori(ctx, p, chi)
		}
		return parte, err
	}
	metti := func(nome string, n int, v any) error {
		parte, err := apri(nome)
		if err != nil {
			return err
		}
		p.detto.prendi(v)
		x, err := contenuto(m.chiave(parte), &p.atto, parte, n, v)
		p.contenuti = append(p.contenuti, x)
		return err
	}
	nome := parteAtto(def, p.atto, atti)
	if len(testi) > 0 {
		if err := metti(nome, 0, testi); err != nil {
			return err
		}
	}
	if manda(def) {
		if s.protocollazione(p.reg) != nil {
			p.atto.Protocollare = VersoUscita
		}
		if err := s.timbra(ctx, p, m, chi, testi["testo"], atti, metti); err != nil {
			return err
		}
	}
	if err := s.sigillaRichieste(ctx, p, m, chi, c.strutture, atti, metti); err != nil {
		return err
	}
	if len(cmd.File) > 0 {
		parte, err := apri(nome)
		if err != nil {
			return err
		}
		allegati, err := allega(m, &p.atto, cmd.File, parte, nome)
		if err != nil {
			return err
		}
		p.allegati = append(p.allegati, allegati...)
		p.detto.file = append(p.detto.file, nomi(cmd.File)...)
	}
	if m.assistente != nil {
		m.anchePer(*m.assistente, atti)
		if err := s.segnaLettori(ctx, p, chi); err != nil {
			return err
		}
	}
	p.involucri, p.riavvolti = m.nuovi, m.riavvolti
	p.atto.Involucri = impronte(slices.Concat(m.nuovi, m.riavvolti))
	return s.sigillaCartellino(ctx, p, chi, c)
}
