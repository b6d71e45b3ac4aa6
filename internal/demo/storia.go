package demo

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/redact"
)

// periodo is the stretch of days before today over which the samples are spread.
const periodo = 110

// evento is something that happens at an instant of the demonstration.
type evento struct {
	il time.Time
	fa func(context.Context) error
}

// segnalazioni lets the samples come in, and everybody do their part, in the
// order of time: the procedure itself then leaves each case in its phase.
func (g *persone) segnalazioni(ctx context.Context, adesso time.Time, oggi day.Date) error {
	cc, err := campioni()
	if err != nil {
		return err
	}
	ultimo, err := time.ParseInLocation("2006-01-02T15:04", cc[len(cc)-1].Ricevuta, day.Rome)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	var coda []evento
	for i, c := range cc {
		t, err := time.ParseInLocation("2006-01-02T15:04", c.Ricevuta, day.Rome)
		if err != nil {
			return fmt.Errorf("read samples: %w", err)
		}
		x := ultimo.Sub(t).Hours() / 24 / 342
		indietro := int(periodo * x * math.Sqrt(x)) // closer together towards today, so that each phase has some
		arrivo := oggi.Add(-1 - indietro).Start().Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
		c.Quando = sposta(c.Quando, t, arrivo)
		k := &caso{g: g, c: c, i: i}
		coda = append(coda, evento{arrivo, k.arriva})
		for _, p := range k.passi() {
			il := oggi.Add(-1 - indietro + p.dopo).Start().Add(9*time.Hour + time.Duration(10*i%180)*time.Minute)
			coda = append(coda, evento{il, func(ctx context.Context) error { return k.fa(ctx, p) }})
		}
	}
	slices.SortStableFunc(coda, func(a, b evento) int { return cmp.Compare(a.il.UnixMilli(), b.il.UnixMilli()) })
	for _, e := range coda {
		if e.il.After(adesso) {
			break
		}
		g.Metti(e.il)
		if err := e.fa(ctx); err != nil {
			return err
		}
	}
	return nil
}

// caso is one sample on its way.
type caso struct {
	g   *persone
	c   campione
	i   int
	seg pratica.Segnalazione
	ric pratica.Ricevuta
	h   pratica.Testa
}

type passo struct {
	dopo int // days after arrival
	chi  string
	atto string
	dati func(*caso) pratica.Dati
}

func niente(*caso) pratica.Dati { return nil }

// passi is what will be done of a case, if there is time before today. Some run
// late, some wait for a structure that does not answer, some end at once.
func (k *caso) passi() []passo {
	if k.c.Tipo != "reclamo" || k.c.Reclamante == nil {
		return []passo{
			{2 + k.i%4, "urp", "inoltro", niente},
			{9 + k.i%9, "urp-aziendale", "presa_atto", niente},
		}
	}
	if k.i%11 == 3 {
		return []passo{{1, "urp", "risoluzione_diretta", func(*caso) pratica.Dati {
			return pratica.Dati{"testo": "Abbiamo parlato con la persona e sistemato subito la prenotazione.", "soddisfatto": "si"}
		}}}
	}
	lento := 1 + k.i%3
	prima := 1
	if k.i%6 == 4 {
		prima = 1 + k.i%4*3 // a busy week at the desk
	}
	lento += prima - 1
	pp := []passo{
		{prima, "urp", "presa_in_carico", niente},
		{1 + lento, "urp", "valutazione", func(k *caso) pratica.Dati {
			n := "sanitaria"
			if strings.Contains(k.c.Luogo.Unita, "CUP") || strings.Contains(k.c.Luogo.Unita, "Uffic") || k.i%3 == 0 {
				n = "altra"
			}
			return pratica.Dati{"natura": n, "danni": "esclusi"}
		}},
		{1 + lento, "urp", "informativa", niente},
		{3 + lento, "urp", "richiesta_chiarimenti", func(k *caso) pratica.Dati {
			return pratica.Dati{"quesito": "Che cosa è successo, e che cosa si può fare perché non accada più?",
				"strutture": []map[string]string{{"id": k.h.Struttura, "copia": k.copia()}}}
		}},
	}
	if k.i%9 == 5 {
		return append(pp, passo{22, "urp", "sollecito", niente})
	}
	pp = append(pp,
		passo{9 + 4*lento, access.Responsabile, "chiarimenti", testo("Abbiamo sentito chi era in turno e riletto i registri di quel giorno. I tempi sono stati più lunghi del solito per il numero di accessi. Ci dispiace per le informazioni mancate.")},
		passo{18 + 4*lento, access.DirettoreMacrostruttura, "relazione", func(*caso) pratica.Dati {
			return pratica.Dati{"testo": "I chiarimenti della struttura sono completi. I fatti sono confermati in parte.", "valutazione": "Il disservizio c'è stato. Serve avvisare chi attende."}
		}},
		passo{18 + 4*lento, access.DirettoreMacrostruttura, "provvedimento", func(k *caso) pratica.Dati {
			return pratica.Dati{"azione": "Ogni ora una persona informa chi attende.", "responsabile": "Coordinatore infermieristico", "entro": k.g.Servizio.Oggi().Add(60).String()}
		}},
		passo{24 + 5*lento, access.URPAziendale, "bozza_risposta", func(k *caso) pratica.Dati {
			return pratica.Dati{"testo": "Gentile " + k.c.Reclamante.Nome + ",\n\nabbiamo letto con attenzione quello che ci hai scritto e abbiamo chiesto spiegazioni alla struttura.\n\nHai ragione: le informazioni durante l'attesa sono mancate. Ce ne scusiamo.\n\nDa oggi ogni ora una persona informa chi attende.\n\nPuoi sempre rivolgerti al giudice o all'autorità amministrativa: questa segnalazione non lo impedisce."}
		}})
	if k.i%7 == 2 {
		pp = append(pp, passo{50, access.URPAziendale, "proroga", func(*caso) pratica.Dati {
			return pratica.Dati{"motivo": "La struttura deve completare la verifica delle agende.", "giorni": 30}
		}})
	}
	if k.i >= 24 && k.i%4 == 1 {
		return pp // the draft waits for its signature
	}
	return append(pp,
		passo{28 + 5*lento, "firma", "firma_risposta", niente},
		passo{30 + 5*lento, access.URPAziendale, "invio_risposta", func(*caso) pratica.Dati { return pratica.Dati{"mezzo": "email"} }},
		passo{38 + 5*lento, "cittadino", "soddisfazione", func(k *caso) pratica.Dati {
			return pratica.Dati{"soddisfatto": map[bool]string{true: "si", false: "no"}[k.i%4 != 0]}
		}},
		passo{60 + 5*lento, access.URPAziendale, "archiviazione", niente})
}

func testo(t string) func(*caso) pratica.Dati {
	return func(*caso) pratica.Dati { return pratica.Dati{"testo": t} }
}

var anno = regexp.MustCompile(`\b20[0-9]{2}\b`)

// sposta moves what a sample says of when it happened by whole years, as its
// arrival was: day and month stay those that its words tell.
func sposta(quando string, prima, dopo time.Time) string {
	anni := dopo.Year() - prima.Year()
	if prima.AddDate(anni, 0, 0).After(dopo) {
		anni--
	}
	return anno.ReplaceAllStringFunc(quando, func(a string) string {
		n, _ := strconv.Atoi(a) // four figures
		return strconv.Itoa(n + anni)
	})
}

// copia is the sample as the desk proposes it to who asks a structure: all that
// was found is hidden.
func (k *caso) copia() string {
	t := k.seg.Originale()
	return redact.Apply(t, redact.Find(t, k.seg.Noti()))
}

// arriva registers the sample: on the web by the citizen, else by who receives it.
func (k *caso) arriva(ctx context.Context) error {
	k.seg = pratica.Segnalazione{Tipo: k.c.Tipo, Oggetto: k.c.Oggetto, Testo: k.c.Testo, Presidio: k.c.Luogo.Presidio, Unita: k.c.Luogo.Unita,
		Quando: k.c.Quando, Segnalante: k.c.Reclamante.persona(), Assistito: k.c.Assistito.persona()}
	nu := pratica.Nuova{Segnalazione: pratica.Chiudi(k.seg), Canale: k.c.Canale}
	chi := access.Cittadino(EnteID, "web")
	switch k.c.Canale {
	case "web":
	case "telefono", "sportello", "cassetta":
		u := []string{"fronte.santachiara", "fronte.rivalta"}[k.i%2]
		chi = k.g.chi(u)
		nu.Ricezione = chi.Uffici[0]
	default:
		chi = k.g.chi("urp.aziendale")
		nu.Ricezione = chi.Uffici[0]
	}
	r, err := k.g.Servizio.Registra(ctx, chi, nu)
	if err != nil {
		return fmt.Errorf("sample %s: %w", k.c.ID, err)
	}
	k.ric = r
	k.h, _, err = k.g.Servizio.Arch.Leggi(ctx, r.ID)
	return err
}

// fa performs a step, by the person whose office it is.
func (k *caso) fa(ctx context.Context, p passo) error {
	h, _, err := k.g.Servizio.Arch.Leggi(ctx, k.ric.ID)
	if err != nil {
		return err
	}
	k.h = h
	if h.Struttura == "" && p.atto == "richiesta_chiarimenti" {
		return nil // nobody to ask: the office will choose
	}
	var chi access.Chi
	u := ""
	switch p.chi {
	case "cittadino":
		chi = access.Cittadino(EnteID, "web")
	case "urp":
		if u = k.g.con(access.Ufficio(access.URP, h.URP)); u == "" {
			u = "urp.aziendale"
		}
	case "firma":
		u = "direttore.sanitario"
		if h.Natura == "altra" {
			u = "direttore.amministrativo"
		}
	case access.Responsabile:
		u, err = k.g.titolare(ctx, p.chi, h.Struttura)
	case access.DirettoreMacrostruttura:
		u, err = k.g.titolare(ctx, p.chi, h.Macro)
	default:
		u = "urp.aziendale"
	}
	if err != nil {
		return err
	}
	if u != "" {
		chi = k.g.chi(u)
	}
	_, err = k.g.Servizio.Esegui(ctx, chi, pratica.Comando{Pratica: k.ric.ID, Atto: p.atto, Dati: p.dati(k)})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Forbidden) {
		return nil // what came before was not done: the case waits, as in life
	}
	if err != nil {
		return fmt.Errorf("sample %s, %s: %w", k.c.ID, p.atto, err)
	}
	if p.atto == "chiarimenti" {
		k.g.chieste = append(k.g.chieste, k.ric.ID)
	}
	return nil
}
