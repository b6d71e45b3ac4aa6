package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/organigramma"
	"tutela/internal/pratica"
	"tutela/internal/regolamento"
	"tutela/internal/vault"
	"tutela/internal/web"
)

type termineCmd struct{}

// Run answers each line of standard input.
func (c *termineCmd) Run(a *ambito) error { return runTermine(a.in, a.out) }

type regolamentoCmd struct {
	List  regolamentoListCmd  `cmd:"" help:"I regolamenti che ci sono già."`
	Show  regolamentoShowCmd  `cmd:"" help:"Un regolamento, da leggere."`
	Check regolamentoCheckCmd `cmd:"" help:"Prova che un regolamento va bene, o mostra la via più breve al suo difetto."`
}

type regolamentoListCmd struct {
	JSON bool `help:"Scrive JSON."`
}

// Run lists the shipped procedures.
func (c *regolamentoListCmd) Run(a *ambito) error { return runRegolamentoList(a.out, c.JSON) }

type regolamentoShowCmd struct {
	Name string `arg:"" name:"nome" help:"Nome di un regolamento che c'è già."`
	JSON bool   `help:"Scrive JSON."`
}

// Run shows a procedure.
func (c *regolamentoShowCmd) Run(a *ambito) error { return runRegolamentoShow(c.Name, a.out, c.JSON) }

type regolamentoCheckCmd struct {
	What string `arg:"" name:"nome-o-file" help:"Nome di un regolamento che c'è già, o un file."`
	JSON bool   `help:"Scrive JSON."`
}

// Run checks a procedure.
func (c *regolamentoCheckCmd) Run(a *ambito) error { return runRegolamentoCheck(c.What, a.out, c.JSON) }

type organigrammaCmd struct {
	Check  organigrammaCheckCmd  `cmd:"" help:"Legge un organigramma e dice che cosa non va, riga per riga."`
	Import organigrammaImportCmd `cmd:"" help:"Mostra che cosa cambia con un organigramma, e lo mette in vigore."`
	Export organigrammaExportCmd `cmd:"" help:"Scrive in CSV l'organigramma in vigore."`
}

type organigrammaCheckCmd struct {
	File string `arg:"" help:"organigramma.csv, o la sua cartella."`
	JSON bool   `help:"Scrive JSON."`
}

// Run checks a chart.
func (c *organigrammaCheckCmd) Run(a *ambito) error {
	return runOrganigrammaCheck(c.File, a.out, c.JSON)
}

type organigrammaImportCmd struct {
	dove
	File string `arg:"" help:"organigramma.csv, o la sua cartella."`
	Dal  string `help:"Il giorno da cui vale; oggi, se non lo dici." placeholder:"AAAA-MM-GG"`
	Si   bool   `name:"si" help:"Lo fa senza chiedere."`
}

// Run shows the difference first, and changes nothing without a yes.
func (c *organigrammaImportCmd) Run(a *ambito) error {
	var dal day.Date
	if c.Dal != "" {
		var err error
		if dal, err = day.Parse(c.Dal); err != nil {
			return fault.New(fault.Bad, "--dal: "+err.Error()+".")
		}
	}
	nuova, errori, err := leggiOrganigramma(c.File)
	if err != nil {
		return err
	}
	if len(errori) > 0 {
		return esitoOrganigramma(a.out, nil, errori, false)
	}
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error { return c.importa(a, i, e, nuova, dal) })
}

func (c *organigrammaImportCmd) importa(a *ambito, i *impianto, e *pratica.Ente, nuova *organigramma.Versione, dal day.Date) error {
	if dal.IsZero() {
		dal = i.servizio.Oggi()
	}
	diff := organigramma.Diff(i.ambienti.Di(e.ID).Organigramma, nuova)
	for _, d := range diff {
		_, _ = fmt.Fprintln(a.out, d.Frase)
	}
	_, _ = fmt.Fprintf(a.out, "%s. In vigore dal %s.\n", i18n.Plural(len(diff), "differenza", "differenze"), dal)
	if !c.Si {
		if err := conferma(a, "Confermi?"); err != nil {
			return err
		}
	}
	if err := i.ambienti.NuovoOrganigramma(a, e.ID, dal, nuova); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.out, "Fatto.")
	return err
}

// conferma asks a person, and takes for no whatever is no yes.
func conferma(a *ambito, domanda string) error {
	_, _ = fmt.Fprint(a.out, domanda+" [s/N] ")
	var r string
	_, _ = fmt.Fscanln(a.in, &r)
	if strings.HasPrefix(strings.ToLower(r), "s") {
		return nil
	}
	_, _ = fmt.Fprintln(a.out, "Non è cambiato nulla.")
	return &detta{fault.New(fault.Invalid, "Non confermato.")}
}

type organigrammaExportCmd struct {
	dove
	Out string `help:"Cartella in cui scrivere, anche sopra i file che ci sono. Senza, scrive in questa e non sopra altri." type:"path" placeholder:"CARTELLA"`
}

// Run writes the three files of the chart in force.
func (c *organigrammaExportCmd) Run(a *ambito) error {
	if err := nonFile("--out", c.Out); err != nil {
		return err
	}
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error { return c.esporta(a, i, e) })
}

func (c *organigrammaExportCmd) esporta(a *ambito, i *impianto, e *pratica.Ente) error {
	var uu, rr, pp bytes.Buffer
	if err := i.ambienti.Di(e.ID).Organigramma.Export(&uu, &rr, &pp); err != nil {
		return err
	}
	file := map[string]*bytes.Buffer{organigramma.FileUnita: &uu, organigramma.FileRelazioni: &rr, organigramma.FilePresidi: &pp}
	for nome := range file {
		if c.Out == "" && esiste(nome) {
			return fault.New(fault.Conflict, "C'è già "+nome+": non ho scritto niente. Di' in quale cartella scrivere con --out.")
		}
	}
	for nome, b := range file {
		if err := os.WriteFile(filepath.Join(c.Out, nome), b.Bytes(), 0o600); err != nil {
			return fault.Wrap(err, fault.Unavailable, "Non posso scrivere "+nome+". Controlla che la cartella ci sia, i permessi e lo spazio.")
		}
	}
	_, err := fmt.Fprintln(a.out, "L'organigramma è in "+cmp.Or(c.Out, "questa cartella")+".")
	return err
}

type utenteCmd struct {
	Add   utenteAddCmd   `cmd:"" help:"Aggiunge una persona; la password si legge dallo standard input."`
	Token utenteTokenCmd `cmd:"" help:"Scrive un token dell'API nuovo di una persona."`
	Reset utenteResetCmd `cmd:"" help:"Toglie i secondi fattori a chi li ha persi."`
}

type utenteAddCmd struct {
	dove
	Utente string   `arg:"" help:"Nome con cui accede."`
	Nome   string   `help:"Come la chiamano i colleghi." required:"" placeholder:"TESTO"`
	Ruolo  []string `help:"Ruolo, o ruolo:unità. Ripeti per averne altri." placeholder:"RUOLO[:UNITA]"`
}

// Run adds a person.
func (c *utenteAddCmd) Run(a *ambito) error {
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error {
		return runUtenteAdd(a, i, e.ID, c.Utente, c.Nome, c.Ruolo)
	})
}

type utenteTokenCmd struct {
	dove
	Utente string `arg:"" help:"Nome con cui la persona accede."`
}

// Run prints a token, once.
func (c *utenteTokenCmd) Run(a *ambito) error {
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error {
		return runUtenteToken(a, i.auth, e.ID, c.Utente, i.orologio.Now().Add(durataToken), a.out)
	})
}

type utenteResetCmd struct {
	dove
	Utente string `arg:"" help:"Nome con cui la persona accede."`
}

// Run takes the factors away; the password stays.
func (c *utenteResetCmd) Run(a *ambito) error {
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error {
		return runUtenteReset(a, i.auth, e.ID, c.Utente, a.out)
	})
}

// con opens an installation with its one ente for a short command.
func con(ctx context.Context, d dove, fn func(*impianto, *pratica.Ente) error) error {
	i, err := apri(ctx, d)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	e, err := i.unico()
	if err != nil {
		return err
	}
	return fn(i, e)
}

type enteCmd struct {
	Crea enteCreaCmd `cmd:"" help:"Crea l'ente, con un regolamento in vigore da oggi."`
}

type enteCreaCmd struct {
	dove
	ID          string   `help:"Nome breve: lettere minuscole, cifre e trattini." required:"" placeholder:"TESTO"`
	Nome        string   `help:"Nome, come si legge sulle pagine." required:"" placeholder:"TESTO"`
	Telefono    string   `help:"Telefono dell'URP." required:"" placeholder:"TESTO"`
	Regolamento string   `help:"Il regolamento: pga01 se non lo dici." default:"pga01"`
	Testimone   []string `help:"Chiave pubblicata di chi fa da testimone al registro. Ripeti per averne altre." placeholder:"CHIAVE" sep:"none"`
}

// Run makes the ente.
func (c *enteCreaCmd) Run(a *ambito) error {
	r, err := regolamento.Shipped(c.Regolamento)
	if err != nil {
		return fault.New(fault.Bad, "--regolamento: "+err.Error()+". Ci sono: "+strings.Join(regolamento.Names(), ", ")+".")
	}
	if c.ID != strings.Map(soloCodice, c.ID) || c.ID == "" || len(c.ID) > 32 {
		return fault.New(fault.Bad, "--id: usa da 1 a 32 tra lettere minuscole, cifre e trattini.")
	}
	nuovo := pratica.Ente{ID: c.ID, Nome: strings.TrimSpace(c.Nome), Telefono: strings.TrimSpace(c.Telefono), Testimoni: c.Testimone}
	if err := web.ControllaEnte(nuovo); err != nil {
		return err
	}
	i, err := fonda(a, c.dove, &orologio{}, vault.Costo{})
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	if len(i.ambienti.Enti()) > 0 {
		return fault.New(fault.Conflict, "L'ente c'è già. Per ora un'installazione ne serve uno.")
	}
	if err := i.ambienti.SalvaEnte(a, nuovo); err != nil {
		return err
	}
	if err := i.ambienti.Pubblica(a, c.ID, i.servizio.Oggi(), r); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "Creato %s. Ora aggiungi un amministratore: tutela utente add NOME --nome … --ruolo %s\n", nuovo.Nome, access.Amministratore)
	return err
}

func soloCodice(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
		return r
	}
	return -1
}

type migrateCmd struct{ dove }

// Run opens the data, which brings their schema to this version.
func (c *migrateCmd) Run(a *ambito) error {
	i, err := apri(a, c.dove)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(a.out, "Lo schema è aggiornato.")
	return i.chiudi()
}

type checkCmd struct {
	dove
	JSON bool `help:"Scrive JSON."`
}

// rilievo is one thing that check found.
type rilievo struct {
	Grave bool   `json:"grave"`
	Nota  bool   `json:"nota,omitempty"` // nothing is wrong: why something was not looked at
	Cosa  string `json:"cosa"`
}

// Run explains the configuration; it fails when something grave is wrong.
func (c *checkCmd) Run(a *ambito) error {
	lascia, occupata := serra(c.chiavi(), true) // whoever has it open serves, or is about to end
	if occupata == nil {
		lascia()
	}
	i, err := apri(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	i.serve = fault.Is(occupata, fault.Conflict)
	macchina, err := i.rilievi(a)
	if err != nil {
		return err
	}
	var rr []rilievo
	metti := func(grave bool, cosa string) { rr = append(rr, rilievo{Grave: grave, Cosa: cosa}) }
	for _, r := range macchina {
		rr = append(rr, rilievo(r))
	}
	e, err := i.unico()
	if err != nil {
		metti(true, fault.Message(err))
	} else {
		amb := i.ambienti.Di(e.ID)
		if amb.Regolamento == nil {
			metti(true, "Nessun regolamento è in vigore oggi.")
		}
		if len(amb.Organigramma.Units()) == 0 {
			metti(true, "Manca l'organigramma: tutte le segnalazioni vanno all'URP aziendale.")
		}
		if len(e.Uffici) == 0 {
			metti(false, "Nessun URP di 2° livello ha un ufficio: tutto va all'URP aziendale.")
		}
		if e.DPO == "" {
			metti(false, "Manca l'e-mail del responsabile della protezione dei dati: la pagina sulla privacy non dice a chi scrivere.")
		}
		if regola, err := i.auth.Regola(a, e.ID); err != nil {
			return err
		} else if regola.Libero {
			metti(false, "Il secondo fattore non è obbligatorio: chi sa una password entra. Si cambia da Amministrazione, Come si accede.")
		}
		if e.Sito == "" {
			metti(false, "Manca l'indirizzo delle pagine: dietro un proxy le ricevute ne scrivono uno che comincia con http.")
		}
	}
	gravi, note := 0, 0
	for _, r := range rr {
		if r.Grave {
			gravi++
		}
		if r.Nota {
			note++
		}
	}
	if c.JSON {
		if err := json.NewEncoder(a.out).Encode(map[string]any{"rilievi": rr, "gravi": gravi}); err != nil {
			return err
		}
	} else {
		for _, r := range rr {
			come := "avviso "
			switch {
			case r.Grave:
				come = "GRAVE  "
			case r.Nota:
				come = "nota   "
			}
			_, _ = fmt.Fprintln(a.out, come+r.Cosa)
		}
		if _, err := fmt.Fprintf(a.out, "%s, %s.\n", i18n.Plural(len(rr)-note, "rilievo", "rilievi"), i18n.Plural(gravi, "grave", "gravi")); err != nil {
			return err
		}
	}
	if gravi > 0 {
		return &detta{fault.New(fault.Invalid, "Ci sono rilievi gravi.")}
	}
	return nil
}
