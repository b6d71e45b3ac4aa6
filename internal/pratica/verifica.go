package pratica

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/organigramma"
	"tutela/internal/registro"
	"tutela/internal/vault"
)

// Intera is a case with every row that its acts answer for.
type Intera struct {
	Testa      Testa
	Atti       []Registrato
	Colonne    []Colonne           // beside each act
	Contenuti  map[int64]Contenuto // by a*16+part
	Involucri  []vault.Involucro
	Allegati   []Allegato
	Cartellini []CartellinoChiuso
	Righe      Righe       // what is derived, as it stands
	Scatti     []time.Time // when warnings fell due, oldest first
	Siede      []access.Posto
	Timbri     []Contrassegno
	Protocolli []RigaProtocollo
}

// Colonne are what the row of an act says again of its envelope.
type Colonne struct {
	Seq           int
	Kind, Persona string
	Il            time.Time
	Giorno        day.Date
}

// controllo checks cases against their own acts, one after the other. What it has seen
// of an ente's numbers and leaves it holds against the counters and the log at the end.
type controllo struct {
	amb    *Ambiente
	carte  []*organigramma.Versione // every chart there ever was
	epoche registro.EpochList

	leaves  []registro.Hash // by place; zero: not seen
	numeri  map[string]map[int]bool
	esterni map[string]bool  // wraps that acts of other cases gave
	attesi  map[string]error // wraps that no act of their case gave
}

// nuovoControllo is for the cases of one ente, whose log has so many leaves: what came
// later is not looked at.
func nuovoControllo(amb *Ambiente, carte []*organigramma.Versione, epoche registro.EpochList, leaves int64) *controllo {
	return &controllo{amb: amb, carte: carte, epoche: epoche, leaves: make([]registro.Hash, leaves), numeri: map[string]map[int]bool{},
		esterni: map[string]bool{}, attesi: map[string]error{}}
}

// vista takes note of the leaf at a place.
func (v *controllo) vista(pos int64, leaf []byte) error {
	switch {
	case pos < 0 || len(leaf) != len(registro.Hash{}):
		return registro.Wrong("non ha un posto nel registro.")
	case pos >= int64(len(v.leaves)):
		return nil
	case v.leaves[pos] != registro.Hash{} && v.leaves[pos] != registro.Hash(leaf):
		return registro.Wrong("sta nel registro al posto di un altro (%d).", pos)
	}
	v.leaves[pos] = registro.Hash(leaf)
	return nil
}

// pratica checks one case; the error says what was changed.
func (v *controllo) pratica(c *Intera) error {
	nome := "La pratica " + c.Testa.NumeroScritto()
	err := v.caso(c)
	if f := (*registro.Finding)(nil); err != nil && errors.As(err, &f) {
		return registro.Wrong("%s: %s", nome, f.Text)
	}
	return err
}

func (v *controllo) caso(c *Intera) error {
	if len(c.Atti) == 0 {
		return registro.Wrong("non ha atti.")
	}
	apertura := c.Atti[0].Atto.Apertura
	if apertura == nil {
		return registro.Wrong("il primo atto non la apre.")
	}
	for i := range c.Atti {
		if err := v.atto(c, i, apertura); err != nil {
			return err
		}
	}
	for _, check := range []func(*Intera) error{v.contenuti, v.involucri, v.allegati, v.timbri, v.protocolli, v.siede, v.derivati} {
		if err := check(c); err != nil {
			return err
		}
	}
	k := fmt.Sprintf("%s/%d", apertura.Registro, apertura.Anno)
	if v.numeri[k] == nil {
		v.numeri[k] = map[int]bool{}
	}
	v.numeri[k][apertura.Numero] = true
	return nil
}

// atto checks an act's bytes, its row, its place in the case and its leaf.
func (v *controllo) atto(c *Intera, i int, apertura *Apertura) error {
	x, col := c.Atti[i], c.Colonne[i]
	chi := fmt.Sprintf("l'atto %d (%s del %s)", i+1, x.Atto.Kind, x.Atto.Il.In(day.Rome).Format("02/01/2006 15.04"))
	h := sha256.Sum256(x.Busta)
	var prima *Registrato
	if i > 0 {
		prima = &c.Atti[i-1]
	}
	switch {
	case !bytes.Equal(h[:], x.Hash):
		return registro.Wrong("%s è stato cambiato: l'impronta non è la sua.", chi)
	case x.Atto.Seq != i+1 || col.Seq != i+1:
		return registro.Wrong("%s non è al suo posto: manca un atto, o ce n'è uno in più.", chi)
	case x.Atto.Pratica != c.Testa.ID || x.Atto.Ente != c.Testa.Ente:
		return registro.Wrong("%s è di un'altra pratica.", chi)
	case col.Kind != x.Atto.Kind || col.Persona != x.Atto.Persona || !col.Il.Equal(x.Atto.Il) || col.Giorno != x.Atto.Giorno:
		return registro.Wrong("%s ha tipo, persona o date diversi da quelli registrati.", chi)
	case i > 0 && !bytes.Equal(x.Atto.Prima, prima.Hash) || i == 0 && x.Atto.Prima != nil:
		return registro.Wrong("%s non segue quello prima.", chi)
	case i > 0 && x.Atto.Il.Before(prima.Atto.Il):
		return registro.Wrong("%s è prima di quello che lo precede.", chi)
	}
	leaf, err := x.Leaf(registro.Origin(c.Testa.Ente, v.epoche.At(x.Pos)), apertura, prima).Hash()
	if err != nil || !bytes.Equal(leaf[:], x.Foglia) {
		return registro.Wrong("%s non corrisponde alla sua foglia nel registro.", chi)
	}
	if err := v.vista(x.Pos, x.Foglia); err != nil {
		return registro.Wrong("%s %s", chi, err)
	}
	v.concede(x.Atto)
	return nil
}

// concede takes note of the keys that an act gives in another case.
func (v *controllo) concede(a Atto) {
	if g := a.Concessione; g != nil {
		for _, i := range g.Involucri {
			v.esterni[g.Pratica.String()+"|"+hex.EncodeToString(i.Hash)] = true
		}
	}
}

// contenuti checks the sealed bytes of what was written: what an act says it has is
// there, unless the case was eliminated, and nothing else is.
func (v *controllo) contenuti(c *Intera) error {
	visti := 0
	for _, x := range c.Atti {
		for _, im := range x.Atto.Contenuti {
			b, ok := c.Contenuti[x.A*16+int64(im.N)]
			if !ok {
				if c.Testa.Eliminata.IsZero() {
					return registro.Wrong("manca un contenuto dell'atto %d (%s).", x.Atto.Seq, im.Parte)
				}
				continue
			}
			visti++
			if h := sha256.Sum256(b.Bytes); !bytes.Equal(h[:], im.Hash) || b.Parte != im.Parte {
				return registro.Wrong("un contenuto dell'atto %d (%s) è stato cambiato.", x.Atto.Seq, im.Parte)
			}
		}
	}
	if visti != len(c.Contenuti) {
		return registro.Wrong("c'è un contenuto che nessun atto ha scritto.")
	}
	for _, k := range c.Cartellini {
		h := sha256.Sum256(k.Bytes)
		if k.Seq < 1 || k.Seq > len(c.Atti) || !bytes.Equal(c.Atti[k.Seq-1].Atto.Cartellino, h[:]) {
			return registro.Wrong("la scheda statistica dell'atto %d è stata cambiata.", k.Seq)
		}
	}
	quanti := 0
	for _, x := range c.Atti {
		if x.Atto.Cartellino != nil {
			quanti++
		}
	}
	if quanti != len(c.Cartellini) {
		return registro.Wrong("manca una scheda statistica.")
	}
	return nil
}

// involucri checks that every key given to read was given by an act, of this case or of
// another that asked to read it; and that those are there that nobody takes away.
func (v *controllo) involucri(c *Intera) error {
	dati, ultimi := map[string]bool{}, map[[2]string]string{}
	for _, x := range c.Atti {
		for _, i := range x.Atto.Involucri {
			dati[string(i.Hash)] = true
			if i.Destinatario != LettoreCommissione && !strings.HasPrefix(i.Destinatario, lettorePersona("")) {
				ultimi[[2]string{i.Parte, i.Destinatario}] = string(i.Hash)
			}
		}
	}
	for _, i := range c.Involucri {
		h := i.Impronta()
		if string(h[:]) == ultimi[[2]string{i.Nome, i.Destinatario}] {
			delete(ultimi, [2]string{i.Nome, i.Destinatario})
		}
		if !dati[string(h[:])] { // perhaps the act of a case that is still to come
			v.attesi[c.Testa.ID.String()+"|"+hex.EncodeToString(h[:])] =
				registro.Wrong("La pratica %s: una chiave di lettura (%s, per %s) non l'ha data nessun atto.", c.Testa.NumeroScritto(), i.Nome, i.Destinatario)
		}
	}
	for k := range ultimi {
		if c.Testa.Eliminata.IsZero() {
			return registro.Wrong("manca una chiave di lettura (%s, per %s), o non è l'ultima.", k[0], k[1])
		}
	}
	return nil
}

// dati checks, once all cases were seen, the keys that acts of other cases gave.
func (v *controllo) dati() error {
	for _, k := range slices.Sorted(maps.Keys(v.attesi)) {
		if !v.esterni[k] {
			return v.attesi[k]
		}
	}
	return nil
}

// siede checks who sits in the session that reads the case.
func (v *controllo) siede(c *Intera) error {
	seduta, _ := SedutaDi(atti(c.Atti))
	for _, p := range c.Siede {
		if seduta == nil || !slices.Contains(seduta.Membri, p.Persona) || p.Dal != seduta.Dal || p.Al != seduta.Al {
			return registro.Wrong("la legge chi non è nella seduta, o in altri giorni.")
		}
	}
	return nil
}

// allegati checks the rows of files against the acts that brought them.
func (v *controllo) allegati(c *Intera) error {
	detti := map[vault.ID]FileBusta{}
	atto := map[vault.ID]int64{}
	for _, x := range c.Atti {
		for _, f := range x.Atto.Allegati {
			detti[f.ID], atto[f.ID] = f, x.A
		}
	}
	for _, x := range c.Allegati {
		f, ok := detti[x.ID]
		if !ok || f.Dove != x.Dove || f.Parte != x.Parte || f.Dimensione != x.Dimensione || atto[x.ID] != x.A {
			return registro.Wrong("un documento non è quello che l'atto ha allegato.")
		}
	}
	if len(c.Allegati) != len(detti) && c.Testa.Eliminata.IsZero() {
		return registro.Wrong("manca un documento.")
	}
	return nil
}

// timbri checks the rows of stamps against the acts that made them. Of a case that was
// eliminated they have no hash any more.
func (v *controllo) timbri(c *Intera) error {
	dell := map[int]*Timbro{}
	for _, x := range c.Atti {
		if x.Atto.Timbro != nil {
			dell[x.Atto.Seq] = x.Atto.Timbro
		}
	}
	if len(c.Timbri) != len(dell) {
		return registro.Wrong("ha %d contrassegni, dagli atti risultano %d.", len(c.Timbri), len(dell))
	}
	for _, x := range c.Timbri {
		t := dell[x.Seq]
		vuoto := !c.Testa.Eliminata.IsZero() && len(x.Impronta)+len(x.Sale) == 0
		if t == nil || t.ID != x.ID || !vuoto && !t.di(x.Sale, x.Impronta) {
			return registro.Wrong("il contrassegno %s non è quello che l'atto %d ha messo sul documento.", vault.Gruppi(x.ID), x.Seq)
		}
	}
	return nil
}

// protocolli checks what waits for a number of the ente's protocol, or has one, against
// the acts.
func (v *controllo) protocolli(c *Intera) error {
	var vuole []RigaProtocollo
	for _, x := range c.Atti {
		if x.Atto.Protocollare == "" {
			continue
		}
		r := RigaProtocollo{Seq: x.Atto.Seq, Verso: x.Atto.Protocollare}
		for _, y := range c.Atti {
			if p := y.Atto.Protocollo; p != nil && p.Seq == r.Seq {
				r.Numero, r.Il = p.Numero, y.Atto.Il.UTC()
			}
		}
		vuole = append(vuole, r)
	}
	if !slices.Equal(vuole, c.Protocolli) {
		return registro.Wrong("i numeri del protocollo dell'ente, o quelli che aspetta, non sono quelli degli atti.")
	}
	return nil
}

// derivati folds the acts again and compares the rows that lists and rights read.
func (v *controllo) derivati(c *Intera) error {
	var motivo string
	for _, carta := range slices.Backward(v.carte) {
		amb := *v.amb
		amb.Organigramma = carta
		r, err := rifai(&amb, c.Testa.N, c.Atti, c.Scatti)
		if err != nil {
			return err
		}
		if motivo = diverse(r, c.Righe); motivo == "" {
			break
		}
	}
	if motivo != "" {
		return registro.Wrong("%s", motivo)
	}
	if h := sha256.Sum256(c.Testa.Scheda); c.Testa.Eliminata.IsZero() && !bytes.Equal(h[:], c.Atti[0].Atto.Apertura.Scheda) {
		return registro.Wrong("il riassunto (nomi e oggetto) è stato cambiato.")
	}
	return nil
}

// diverse names what of the derived rows is not as the acts leave it; empty: nothing.
func diverse(vuole, ha Righe) string {
	a, b := vuole.Testa, ha.Testa
	for _, x := range []struct {
		cosa string
		a, b any
	}{
		{"il numero", fmt.Sprint(a.Registro, a.Anno, a.Numero), fmt.Sprint(b.Registro, b.Anno, b.Numero)},
		{"il codice", a.Codice, b.Codice}, {"la chiave", a.Slot, b.Slot}, {"il tipo", a.Tipo, b.Tipo}, {"la fase", a.Fase, b.Fase},
		{"lo stato", a.Stato, b.Stato}, {"se è aperta", a.Aperta, b.Aperta}, {"quanti atti ha", a.Seq, b.Seq},
		{"la procedura", a.Regolamento + a.Calendario, b.Regolamento + b.Calendario},
		{"il giorno di arrivo", a.Giorno, b.Giorno}, {"l'istante di arrivo", a.RicevutaIl.UTC(), b.RicevutaIl.UTC()},
		{"il canale", a.Canale, b.Canale}, {"il luogo", a.Presidio, b.Presidio}, {"la struttura", a.Struttura, b.Struttura},
		{"la macrostruttura", a.Macro, b.Macro}, {"l'URP", a.URP, b.URP}, {"chi l'ha ricevuta", a.Ricezione, b.Ricezione},
		{"a chi è assegnata", a.Incaricato, b.Incaricato}, {"la natura", a.Natura, b.Natura}, {"la scadenza", a.Scadenza, b.Scadenza},
		{"il termine", a.Termine, b.Termine}, {"chi deve agire", a.ChiDeve, b.ChiDeve}, {"il prossimo atto", a.Prossimo, b.Prossimo},
		{"la sospensione", a.Sospesa, b.Sospesa}, {"il prossimo avviso", a.Scatto.UTC(), b.Scatto.UTC()},
		{"il giorno della risposta", a.RispostaIl, b.RispostaIl}, {"il giorno della chiusura", a.ChiusaIl, b.ChiusaIl},
		{"il vincolo", a.Vincolo, b.Vincolo}, {"l'eliminazione", a.Eliminata, b.Eliminata},
	} {
		if x.a != x.b {
			return fmt.Sprintf("%s è «%v», dagli atti risulta «%v».", x.cosa, x.b, x.a)
		}
	}
	if !stessi(vuole.Compiti, ha.Compiti) {
		return "quello che aspetta gli uffici non è quello che risulta dagli atti."
	}
	if !stessi(vuole.Vede, ha.Vede) {
		return "gli uffici che la vedono non sono quelli che risultano dagli atti."
	}
	return ""
}

// stessi reports whether two lists have the same rows, in any order.
func stessi[T comparable](a, b []T) bool {
	conta := map[T]int{}
	for _, x := range a {
		conta[x]++
	}
	for _, x := range b {
		conta[x]--
	}
	for _, n := range conta {
		if n != 0 {
			return false
		}
	}
	return true
}
