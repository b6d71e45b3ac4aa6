package access_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tutela/internal/access"
	"tutela/internal/pratica"
	"tutela/internal/store/storetest"
	"tutela/internal/vault"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Ferma()
	os.Exit(code)
}

// mondo is a random world: cases of two enti, and people with appointments that
// overlap and end.
type mondo struct {
	casi    []storetest.Finta
	persone []persona
}

type persona struct {
	ente, nome string
	incarichi  []access.Incarico
	sbloccata  bool // the session has the key of the UPT open
}

// parolaFinta is the one word that is searched.
var parolaFinta = vault.Gettone{1, 2, 3, 4, 5, 6, 7, 8}

var (
	unita   = []string{"", "u1", "u2", "u3"}
	enti    = rapid.SampledFrom([]string{"a", "b"})
	ufficio = rapid.Custom(func(t *rapid.T) string {
		return access.Ufficio(rapid.SampledFrom(access.Roles).Draw(t, "ruolo"), rapid.SampledFrom(unita).Draw(t, "unita"))
	})
	uffici   = rapid.SliceOfNDistinct(ufficio, 0, 3, rapid.ID)
	incarico = rapid.Custom(func(t *rapid.T) access.Incarico {
		u := ufficio.Draw(t, "ufficio")
		i := access.Incarico{Ruolo: access.Ruolo(u), Unita: access.Unita(u), Dal: storetest.GiornoFinto.Add(rapid.IntRange(-9, 2).Draw(t, "dal"))}
		if rapid.Bool().Draw(t, "finisce") {
			i.Al = i.Dal.Add(rapid.IntRange(0, 9).Draw(t, "giorni"))
		}
		return i
	})
	nomi  = rapid.SampledFrom([]string{"p", "q"})
	posto = rapid.Custom(func(t *rapid.T) access.Posto {
		dal := storetest.GiornoFinto.Add(rapid.IntRange(-3, 1).Draw(t, "dal"))
		return access.Posto{Persona: nomi.Draw(t, "siede"), Dal: dal, Al: dal.Add(rapid.IntRange(0, 3).Draw(t, "giorni"))}
	})
	posti = rapid.SliceOfNDistinct(posto, 0, 2, func(x access.Posto) string { return x.Persona })
	caso  = rapid.Custom(func(t *rapid.T) storetest.Finta {
		f := storetest.Finta{Oggetto: access.Oggetto{Ente: enti.Draw(t, "ente"), Registro: rapid.SampledFrom([]string{access.RegistroURP, access.RegistroUPT}).Draw(t, "registro"),
			Nucleo: uffici.Draw(t, "nucleo"), Chiesto: uffici.Draw(t, "chiesto"), Posti: posti.Draw(t, "posti")}, Struttura: rapid.SampledFrom(unita).Draw(t, "struttura")}
		upt := f.Registro == access.RegistroUPT
		for _, u := range slices.Concat(f.Nucleo, f.Chiesto) { // a case waits only for who may list it
			suo := slices.Contains(f.Chiesto, u) || !upt || slices.Contains([]string{access.UPT, access.UPTOperatore}, access.Ruolo(u))
			if suo && !slices.Contains(f.Attende, u) && rapid.Bool().Draw(t, "attende") {
				f.Attende = append(f.Attende, u)
			}
		}
		if !upt && rapid.Bool().Draw(t, "parola") { // of what members hold no word is kept
			f.Parola = &parolaFinta
		}
		return f
	})
	chiunque = rapid.Custom(func(t *rapid.T) persona {
		return persona{enti.Draw(t, "ente"), nomi.Draw(t, "nome"), rapid.SliceOfN(incarico, 0, 4).Draw(t, "incarichi"), rapid.Bool().Draw(t, "sbloccata")}
	})
	mondi = rapid.Custom(func(t *rapid.T) mondo {
		return mondo{rapid.SliceOfN(caso, 1, 9).Draw(t, "casi"), rapid.SliceOfN(chiunque, 1, 4).Draw(t, "persone")}
	})
)

// sbloccata is a session with the UPT's key.
type sbloccata struct{}

func (sbloccata) Opener(comparto string) (vault.Opener, bool) {
	return vault.Opener{}, comparto == access.RegistroUPT
}

func (sbloccata) Recipient(string) (vault.Recipient, bool) { return vault.Recipient{}, false }

func (sbloccata) Person(string, string) (vault.Recipient, error) {
	return vault.Recipient{}, vault.ErrSealed
}

func (sbloccata) Own() (vault.Opener, bool) { return vault.Opener{}, false }

// chi is the person on the day of the worlds.
func (p persona) chi(ente string) access.Chi {
	c := access.Chi{Ente: ente, Persona: p.nome, Giorno: storetest.GiornoFinto}
	for _, i := range p.incarichi {
		if u := access.Ufficio(i.Ruolo, i.Unita); i.Vale(storetest.GiornoFinto) && !slices.Contains(c.Uffici, u) {
			c.Uffici = append(c.Uffici, u)
		}
	}
	if p.sbloccata {
		c.Aperti = sbloccata{}
	}
	return c
}

// lista is a way to ask for cases, and which of those that the rule lets through
// belong in it.
type lista struct {
	nome   string
	filtro pratica.Filtro
	azione access.Azione
	tiene  func(access.Chi, storetest.Finta) bool
}

var liste = []lista{
	{"all", pratica.Filtro{RicevutaDal: storetest.GiornoFinto}, access.Elencare, nil},
	{"by office", pratica.Filtro{}, access.Elencare, nil},
	{"by term", pratica.Filtro{PerScadenza: true}, access.Elencare, nil},
	{"by phase", pratica.Filtro{Aperte: true, ScadeEntro: storetest.GiornoFinto}, access.Elencare, nil},
	{"waiting", pratica.Filtro{Mie: true}, access.Elencare, attende},
	{"by structure", pratica.Filtro{Struttura: "u1"}, access.VedereNucleo, di("u1")},
	{"by structures, first term first", pratica.Filtro{Strutture: []string{"u1"}, PerScadenza: true}, access.VedereNucleo, di("u1")},
	{"waiting, by structure", pratica.Filtro{Mie: true, Struttura: "u2"}, access.VedereNucleo, func(c access.Chi, f storetest.Finta) bool { return attende(c, f) && di("u2")(c, f) }},
	{"by word", pratica.Filtro{Parole: []pratica.Domanda{{Anno: 2026, Gruppi: []pratica.Gruppo{{Voci: [][]vault.Gettone{{parolaFinta}}}}}}}, access.VedereNucleo,
		func(c access.Chi, f storetest.Finta) bool { return f.Parola != nil && cerca(c) }},
}

// cerca reports whether the index of words is for a person: who is only asked has none.
func cerca(c access.Chi) bool {
	return slices.ContainsFunc(c.Attivi(), func(u string) bool { return !access.Interpellato(u) })
}

func attende(c access.Chi, f storetest.Finta) bool {
	return slices.ContainsFunc(c.Attivi(), func(u string) bool { return slices.Contains(f.Attende, u) })
}

func di(unita string) func(access.Chi, storetest.Finta) bool {
	return func(_ access.Chi, f storetest.Finta) bool { return f.Struttura == unita }
}

// diverse says where, in a world, lists and rule do not say the same; n tells its enti
// from those of other worlds.
func (m mondo) diverse(ctx context.Context, b *storetest.Banco, n int) (string, error) {
	ente := func(e string) string { return fmt.Sprintf("%s%d", e, n) }
	casi := map[vault.ID]storetest.Finta{}
	for _, f := range m.casi {
		f.Ente = ente(f.Ente)
		id, err := f.Metti(ctx, b.Store)
		if err != nil {
			return "", err
		}
		casi[id] = f
	}
	for _, p := range m.persone {
		c := p.chi(ente(p.ente))
		for _, l := range liste {
			if d, err := l.diversa(ctx, b, c, casi); d != "" || err != nil {
				return fmt.Sprintf("%v of %s, key open %v, %s: %s", c.Uffici, c.Ente, p.sbloccata, l.nome, d), err
			}
		}
		if d, err := seduteDiverse(ctx, b, c, casi); d != "" || err != nil {
			return fmt.Sprintf("%s, %v of %s, sessions: %s", c.Persona, c.Uffici, c.Ente, d), err
		}
		k, err := b.Store.Conteggi(ctx, c, storetest.GiornoFinto)
		if err != nil {
			return "", err
		}
		aspettano := 0
		for _, f := range casi {
			if f.Ente == c.Ente && attende(c, f) {
				aspettano++
			}
		}
		if k.DaFare != aspettano || k.Entro3 != aspettano || k.Scadute != 0 {
			return fmt.Sprintf("%v of %s: counts %+v, %d wait", c.Uffici, c.Ente, k, aspettano), nil
		}
	}
	return "", nil
}

// diversa asks for a list a few rows at a time and holds it to the rule, case by case.
func (l lista) diversa(ctx context.Context, b *storetest.Banco, c access.Chi, casi map[vault.ID]storetest.Finta) (string, error) {
	var ha, deve []string
	f := l.filtro
	for f.Limite = 4; ; {
		p, err := b.Store.Elenco(ctx, c, f)
		if err != nil {
			return "", err
		}
		for _, r := range p.Righe {
			ha = append(ha, r.ID.String())
			o, err := b.Store.Oggetto(ctx, r.N)
			if err != nil {
				return "", err
			}
			o.Ente, o.Registro = r.Ente, r.Registro // as who opens it does
			if nucleo := access.Can(c, access.VedereNucleo, o); nucleo == r.Richiesta || nucleo != (r.Scheda != nil) {
				return fmt.Sprintf("summary hidden %v, may read the core %v", r.Richiesta, nucleo), nil
			}
		}
		if f.Dopo = p.Dopo; f.Dopo == "" {
			break
		}
	}
	for id, x := range casi {
		if access.Can(c, l.azione, x.Oggetto) && (l.tiene == nil || l.tiene(c, x)) {
			deve = append(deve, id.String())
		}
	}
	slices.Sort(ha)
	slices.Sort(deve)
	if !slices.Equal(ha, deve) {
		return fmt.Sprintf("it lists %v, the rule allows %v", ha, deve), nil
	}
	return "", nil
}

// seduteDiverse asks for the cases of the sessions of a person, and holds them to the
// rule.
func seduteDiverse(ctx context.Context, b *storetest.Banco, c access.Chi, casi map[vault.ID]storetest.Finta) (string, error) {
	var ha, deve []string
	righe, err := b.Store.Sedute(ctx, c)
	if err != nil {
		return "", err
	}
	for _, r := range righe {
		ha = append(ha, r.ID.String())
	}
	for id, x := range casi {
		if access.Can(c, access.VedereSeduta, x.Oggetto) {
			deve = append(deve, id.String())
		}
	}
	slices.Sort(ha)
	slices.Sort(deve)
	if !slices.Equal(ha, deve) {
		return fmt.Sprintf("it lists %v, the rule allows %v", ha, deve), nil
	}
	return "", nil
}

// A list returns exactly what Can allows: on random worlds of enti, offices, cases and
// people, the ids that each query gives, page by page, are those that the rule, asked
// one case at a time, lets through; and counts count them.
func TestElencoComeCan(t *testing.T) {
	storetest.Ogni(t, func(t *testing.T, b *storetest.Banco) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			if d, err := mondi.Draw(t, "mondo").diverse(context.Background(), b, n); err != nil || d != "" {
				t.Fatal(d, err)
			}
		})
	})
}

// The worlds are such that an atom that is wrong in one of its two forms does not stay
// hidden.
func TestAtomoRotto(t *testing.T) {
	b := storetest.SQLite(t)
	n := 0
	for _, a := range access.Atomi() {
		for _, guasto := range access.Guasti {
			ripara := access.Rompi(a, guasto)
			visto := false
			for i := 0; i < 1000 && !visto; i++ {
				n++
				d, err := mondi.Example(i).diverse(context.Background(), b, n)
				if err != nil {
					t.Fatal(err)
				}
				visto = d != ""
			}
			if ripara(); !visto {
				t.Errorf("%s, %s: a thousand worlds do not show it", a, guasto)
			}
		}
	}
	if len(access.Atomi()) < 5 {
		t.Errorf("only the atoms %v", access.Atomi())
	}
}
