package storetest

import (
	"context"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store"
	"tutela/internal/vault"
)

// Intruso is somebody with every file of the disk, every row of both databases, the
// server's key too, and the program itself: nobody's passphrase, cookie or chiave.
type Intruso struct {
	t                 testing.TB
	ente              string
	anello            *vault.KeyRing // read from the disk
	chiavi            *store.Chiavi
	db                *store.Store
	deposito, tabelle []riga
	Parole            []string // that he tries as passphrases, chiavi, keys of requests
	noti              map[[32]byte]bool
	segreti           [][]byte // 32 bytes each, that might be a key
}

// scopi are what the program derives secrets for, and some that it might.
var scopi = []string{"sessione", "richieste", "risposte", "bozze", "segui", "indice", "usati", "freni", "chiave", "membro", "upt"}

// conSegreti are the tables in which something may be, or lead to, a key: those of the
// keys but the slots, which each case has its own of, and those of who signs in, asks
// again or has not finished.
var conSegreti = []string{"versioni", "indici", "membri", "slot_membri", "pepe", "consegne", "recuperi", "sottoinsiemi", "ricordi", "firme", "radice",
	"enti", "persone", "fattori", "usati", "sessioni", "token", "bozze", "richieste", "atti_chiavi"}

// NewIntruso reads the disk: the folder of the keys, and the database, which is a
// folder or an address.
func NewIntruso(t testing.TB, ente, chiavi string, db *store.Store, dove string) *Intruso {
	t.Helper()
	x := &Intruso{t: t, ente: ente, db: db}
	var err error
	x.anello, err = vault.LoadKeyRing(filepath.Join(chiavi, "server.key"), false)
	x.ok(err)
	x.chiavi, err = store.OpenKeys(context.Background(), chiavi, x.anello)
	x.ok(err)
	t.Cleanup(func() { _ = x.chiavi.Close() })
	x.deposito, err = righeSQLite(filepath.Join(chiavi, "chiavi.db"))
	x.ok(err)
	if strings.Contains(dove, "://") {
		x.tabelle, err = righePostgres(dove)
	} else {
		x.tabelle, err = righeSQLite(filepath.Join(dove, "tutela.db"))
	}
	x.ok(err)
	x.segreti = append(x.segreti, make([]byte, 32))
	for _, s := range scopi {
		x.segreti = append(x.segreti, x.anello.Derive(s))
	}
	for _, r := range slices.Concat(x.deposito, x.tabelle) {
		if !slices.Contains(conSegreti, r.tabella) {
			continue
		}
		for _, v := range r.valori {
			x.impara(byteDi(v))
		}
	}
	return x
}

func (x *Intruso) ok(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// impara keeps, of some bytes, all that might be a key.
func (x *Intruso) impara(b []byte) {
	if len(b) < 8 {
		return
	}
	metti := func(k []byte) {
		if x.noti == nil {
			x.noti = map[[32]byte]bool{}
		}
		if !x.noti[[32]byte(k)] {
			x.noti[[32]byte(k)], x.segreti = true, append(x.segreti, k)
		}
	}
	s := sha256.Sum256(b)
	metti(s[:])
	if k, err := base64.RawURLEncoding.DecodeString(string(b)); err == nil && len(k) == 32 {
		metti(k)
	}
	if len(b) >= 32 {
		metti(b[:32])
		metti(b[len(b)-32:])
	}
}

// lettori are all the readers whose key the disk gives, or whose name somebody may try.
func (x *Intruso) lettori(h pratica.Testa) []vault.Opener {
	x.t.Helper()
	ctx := context.Background()
	var out []vault.Opener
	for _, nome := range []string{"urp", "strutture", "upt"} {
		vv, err := x.chiavi.Versioni(ctx, h.Ente, nome)
		x.ok(err)
		o, err := x.anello.Opener(vv)
		x.ok(err)
		out = append(out, o)
		for _, v := range vv { // a version of members as if it were the server's
			for _, k := range [][]byte{v.Chiave, v.Pubblica, v.Firma, v.Albo} {
				if len(k) >= 32 {
					_, o := vault.SharedKey("compartimento."+nome, v.N, k)
					out = append(out, o)
				}
			}
		}
	}
	for _, segreto := range append([]string{h.Codice, strings.Repeat("A", 16), h.ID.String()}, x.Parole...) { // guesses of the chiave
		_, o := vault.SharedKey("chiave", 1, []byte(segreto+strings.Repeat("0", 16)))
		_, p := vault.Holder("chiave", 1, vault.NewRiservato(segreto), vault.Context("cittadino", h.Ente, h.ID.String()))
		out = append(out, o, p)
	}
	return out
}

// Apre gives all that opens of a case: of contents, summary, cards of files, the card
// that it is counted by; and the parts of which the key came out.
func (x *Intruso) Apre(id vault.ID) (testi, parti []string) {
	x.t.Helper()
	ctx := context.Background()
	h, atti, err := x.db.Leggi(ctx, id)
	x.ok(err)
	caso, err := x.chiavi.Key(ctx, h.Slot)
	x.ok(err)
	pk := append([][]byte{caso}, x.segreti...)
	lettori := x.lettori(h)
	for _, destinatario := range []string{"compartimento.urp", "compartimento.upt", "compartimento.strutture", "chiave", "posta", "recupero"} {
		avvolte, err := x.db.Involucri(ctx, []int64{h.N}, destinatario, "")
		x.ok(err)
		for _, i := range avvolte[h.N] {
			i.Ente, i.Pratica = h.Ente, h.ID
			contesto := vault.Context("involucro", h.Ente, id.String(), i.Nome, destinatario, strconv.Itoa(i.Versione))
			for _, o := range lettori {
				for _, nome := range []string{destinatario, "compartimento.urp", "compartimento.strutture", "compartimento.upt", "chiave"} {
					i.Destinatario = nome
					if k, err := o.Unwrap(i); err == nil {
						pk, parti = append(pk, k), append(parti, i.Nome)
					}
				}
			}
			for _, s := range x.segreti {
				if k, err := vault.Open(s, contesto, i.Chiusa); err == nil {
					pk, parti = append(pk, k), append(parti, i.Nome)
				}
			}
			if k, err := x.anello.Open(contesto, i.Chiusa); err == nil {
				pk, parti = append(pk, k), append(parti, i.Nome)
			}
		}
	}
	prova := func(contesto string, sigillato []byte) {
		for _, k := range pk {
			for _, y := range [][]byte{k, vault.ContentKey(k, caso), vault.ContentKey(caso, k)} {
				if s, err := vault.OpenText(y, contesto, sigillato); err == nil {
					testi = append(testi, s)
				}
			}
		}
		if s, err := x.anello.Open(contesto, sigillato); err == nil {
			testi = append(testi, string(s))
		}
	}
	prova(vault.Context("scheda", h.Ente, id.String()), h.Scheda)
	sigillati, err := x.db.Contenuti(ctx, h.N, nil)
	x.ok(err)
	for _, a := range atti {
		for _, im := range a.Atto.Contenuti {
			prova(vault.Context("contenuto", h.Ente, id.String(), im.Parte, a.Atto.ID.String(), strconv.Itoa(im.N)), sigillati[a.A*16+int64(im.N)])
		}
	}
	allegati, err := x.db.Allegati(ctx, id)
	x.ok(err)
	for _, f := range allegati {
		prova(vault.Context("allegato", h.Ente, id.String(), f.ID.String()), f.Scheda)
	}
	cartellini, err := x.db.Cartellini(ctx, []int64{h.N})
	x.ok(err)
	for _, c := range cartellini {
		for _, o := range lettori {
			for v := range 3 {
				if s, err := o.Open(v, vault.Context("cartellino", h.Ente, id.String(), strconv.Itoa(c.Seq)), c.Bytes); err == nil {
					testi = append(testi, string(s))
				}
			}
		}
	}
	slices.Sort(testi)
	slices.Sort(parti)
	return slices.Compact(testi), slices.Compact(parti)
}

// Segreti says what he gets of the secrets of people: keys of members out of sessions
// without their cookie, out of slots, sheets and hand-overs; drafts, and answers kept
// for who asks again. Impara gives him a secret, to see that he would use it.
func (x *Intruso) Segreti() []string {
	x.t.Helper()
	var out []string
	preso := func(cosa string, r riga) {
		out = append(out, fmt.Sprintf("%s: %v", cosa, r.testo("persona")+r.testo("custodi")+r.testo("compartimento")))
	}
	for _, r := range x.tabelle {
		switch {
		case r.tabella == "sessioni" && len(r.byte("stato")) > 0:
			for _, s := range x.segreti {
				if x.diSessione(r, [32]byte(s)) {
					preso("a session's key", r)
				}
			}
		case r.tabella == "bozze":
			for _, s := range x.segreti {
				if x.diBozza(r, s) {
					preso("a draft", r)
				}
			}
		case r.tabella == "richieste" && x.diRichiesta(r):
			preso("an answer kept", r)
		}
	}
	return append(out, x.deiMembri()...)
}

// diSessione tries a cookie on a session.
func (x *Intruso) diSessione(r riga, cookie [32]byte) bool {
	stato := r.byte("stato")
	if len(stato) < 4 {
		return false
	}
	_, err := x.anello.Session(x.ente, cookie).OpenMember(r.testo("persona"), int(binary.BigEndian.Uint32(stato)), stato[4:])
	return err == nil
}

// diBozza tries a secret on a citizen's draft: as its key, and as the cookie.
func (x *Intruso) diBozza(r riga, s []byte) bool {
	x.t.Helper()
	del, err := hkdf.Key(sha256.New, s, nil, "bozza", 32)
	x.ok(err)
	return slices.ContainsFunc([][]byte{s, del}, func(k []byte) bool {
		_, err := vault.Open(k, vault.Context("bozza", x.ente, hex.EncodeToString(r.byte("id"))), r.byte("sigillo"))
		return err == nil
	})
}

// diRichiesta tries a secret on the answer kept for who asks again; and the keys that
// he guesses, without the body that went with them.
func (x *Intruso) diRichiesta(r riga) bool {
	chiavi := slices.Clone(x.segreti)
	for _, p := range x.Parole {
		for _, corpo := range [][32]byte{{}, sha256.Sum256(nil), sha256.Sum256([]byte("{}"))} {
			m := hmac.New(sha256.New, x.anello.Derive("risposte"))
			m.Write([]byte(x.ente + "\x00" + string(corpo[:]) + p))
			chiavi = append(chiavi, m.Sum(nil))
		}
	}
	return slices.ContainsFunc(chiavi, func(k []byte) bool {
		_, err := vault.Open(k, vault.Context("risposta", x.ente), r.byte("risposta"))
		_, fatto := vault.Open(k, vault.Context("fatto", x.ente), r.byte("risposta"))
		return err == nil || fatto == nil
	})
}

// deiMembri tries the tables of the members' keys.
func (x *Intruso) deiMembri() []string {
	x.t.Helper()
	ctx := context.Background()
	var out []string
	pepe, err := x.chiavi.Pepe(ctx, x.ente)
	x.ok(err)
	pubbliche := map[string]string{}
	for _, r := range x.deposito {
		if p := r.byte("pubblica"); len(p) == 33 {
			pubbliche[string(p[1:])] = r.tabella + " " + r.testo("persona") + r.testo("compartimento")
		}
		prova := func(k []byte, contesto string) {
			if _, err := vault.Open(k, contesto, r.byte("chiusa")); err == nil {
				out = append(out, r.tabella+" "+r.testo("persona")+r.testo("custodi"))
			}
		}
		switch r.tabella {
		case "slot_membri":
			contesto := vault.Context("membro", x.ente, r.testo("persona"), r.testo("numero"), r.testo("tipo"), r.testo("id"))
			for _, s := range x.segreti {
				prova(s, contesto)
				prova(append(slices.Clone(s), pepe...), contesto)
			}
			for _, m := range x.slot(r.testo("persona")) {
				for _, p := range x.Parole {
					if _, err := m.OpenPassphrase(vault.NewRiservato(p), pepe); err == nil {
						out = append(out, "a passphrase of "+r.testo("persona"))
					}
				}
			}
		case "sottoinsiemi":
			for _, s := range x.segreti {
				for serie := range 3 {
					contesto := vault.Context("recupero", x.ente, r.testo("compartimento"), strconv.Itoa(serie), r.testo("custodi"))
					prova(s, contesto)
					prova(s[:16], contesto)
				}
			}
		}
	}
	for _, s := range x.segreti { // no bytes of the disk are the private half of a key of theirs
		k, err := ecdh.X25519().NewPrivateKey(s)
		if err == nil && pubbliche[string(k.PublicKey().Bytes())] != "" {
			out = append(out, "a private key: "+pubbliche[string(k.PublicKey().Bytes())])
		}
	}
	if len(pubbliche) == 0 {
		x.t.Error("no public keys of members in the key store: nothing was tried")
	}
	return out
}

func (x *Intruso) slot(persona string) []vault.MemberSlot {
	x.t.Helper()
	m, err := x.chiavi.Slot(context.Background(), x.ente, persona)
	x.ok(err)
	return m
}

// Impara gives him something that people have: a cookie, the key of a member.
func (x *Intruso) Impara(segreto string) {
	b, err := base64.RawURLEncoding.DecodeString(segreto)
	x.ok(err)
	x.impara(b)
}

// Indovina are the cases in which he finds a word, by guessing it and asking the index
// with the keys of every year, as if every office were his.
func (x *Intruso) Indovina(parola string) []vault.ID {
	x.t.Helper()
	chi := access.Chi{Ente: x.ente, Persona: "x", Aperti: x}
	for _, r := range access.Roles {
		chi.Uffici = append(chi.Uffici, access.Ufficio(r, ""))
	}
	var out []vault.ID
	for _, registro := range []string{pratica.RegistroURP, pratica.RegistroUPT} {
		anni, err := vault.NewTokenizers(x.chiavi).Years(registro + "-" + x.ente)
		x.ok(err)
		for _, y := range anni {
			voci := make([][]vault.Gettone, 0, 4)
			for _, g := range y.Testo(parola, []string{vault.Term(parola)}) {
				voci = append(voci, []vault.Gettone{g})
				for _, r := range x.tabelle { // whatever the rows of the index say of themselves
					if n, ok := r.numero("n"); ok && r.tabella == "cerca" && strings.Contains(string(r.byte("gettoni")), string(g[:])) {
						out = append(out, x.caso(n))
					}
				}
			}
			p, err := x.db.Elenco(context.Background(), chi, pratica.Filtro{Parole: []pratica.Domanda{{Anno: y.Anno, Gruppi: []pratica.Gruppo{{Voci: voci}}}}})
			x.ok(err)
			for _, r := range p.Righe {
				out = append(out, r.ID)
			}
		}
	}
	return out
}

func (x *Intruso) caso(n int64) vault.ID {
	for _, r := range x.tabelle {
		if m, ok := r.numero("n"); ok && r.tabella == "pratiche" && m == n {
			return vault.ID(r.byte("id"))
		}
	}
	return vault.ID{}
}

// Opener claims to have the UPT's key open, with the keys that the disk gives.
func (x *Intruso) Opener(string) (vault.Opener, bool) {
	vv, _ := x.chiavi.Versioni(context.Background(), x.ente, pratica.CompartimentoUPT)
	o, _ := x.anello.Opener(vv)
	return o, true
}

// Recipient gives none.
func (x *Intruso) Recipient(string) (vault.Recipient, bool) { return vault.Recipient{}, false }

// Person gives none.
func (x *Intruso) Person(string, string) (vault.Recipient, error) {
	return vault.Recipient{}, vault.ErrSealed
}

// Own claims what Opener does.
func (x *Intruso) Own() (vault.Opener, bool) { return x.Opener(pratica.CompartimentoUPT) }

// Casi are the cases of a register.
func (x *Intruso) Casi(registro string) []vault.ID {
	var out []vault.ID
	for _, r := range x.tabelle {
		if r.tabella == "pratiche" && r.testo("registro") == registro {
			out = append(out, vault.ID(r.byte("id")))
		}
	}
	return out
}

// Quante counts the rows of a table of the database.
func (x *Intruso) Quante(tabella string) (n int) {
	for _, r := range x.tabelle {
		if r.tabella == tabella {
			n++
		}
	}
	return n
}

// byteDi are the bytes of a value of a row.
func byteDi(v any) []byte {
	switch y := v.(type) {
	case []byte:
		return y
	case string:
		return []byte(y)
	case int64:
		return binary.BigEndian.AppendUint64(nil, uint64(y))
	}
	return nil
}
