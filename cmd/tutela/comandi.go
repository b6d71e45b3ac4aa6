package main

import (
	"bytes"
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
	List  regolamentoListCmd  `cmd:"" help:"The shipped procedures."`
	Show  regolamentoShowCmd  `cmd:"" help:"One procedure, readable."`
	Check regolamentoCheckCmd `cmd:"" help:"Prove a procedure sound, or show the shortest way to its fault."`
}

type regolamentoListCmd struct {
	JSON bool `help:"Print JSON."`
}

// Run lists the shipped procedures.
func (c *regolamentoListCmd) Run(a *ambito) error { return runRegolamentoList(a.out, c.JSON) }

type regolamentoShowCmd struct {
	Name string `arg:"" help:"Name of a shipped procedure."`
	JSON bool   `help:"Print JSON."`
}

// Run shows a procedure.
func (c *regolamentoShowCmd) Run(a *ambito) error { return runRegolamentoShow(c.Name, a.out, c.JSON) }

type regolamentoCheckCmd struct {
	What string `arg:"" name:"name-or-file" help:"Name of a shipped procedure, or a file."`
	JSON bool   `help:"Print JSON."`
}

// Run checks a procedure.
func (c *regolamentoCheckCmd) Run(a *ambito) error { return runRegolamentoCheck(c.What, a.out, c.JSON) }

type organigrammaCmd struct {
	Check  organigrammaCheckCmd  `cmd:"" help:"Read a chart and say what is wrong, line by line."`
	Import organigrammaImportCmd `cmd:"" help:"Show what a chart changes, and put it in force."`
	Export organigrammaExportCmd `cmd:"" help:"Write the chart in force as CSV."`
}

type organigrammaCheckCmd struct {
	File string `arg:"" help:"organigramma.csv, or its folder."`
	JSON bool   `help:"Print JSON."`
}

// Run checks a chart.
func (c *organigrammaCheckCmd) Run(a *ambito) error {
	return runOrganigrammaCheck(c.File, a.out, c.JSON)
}

type organigrammaImportCmd struct {
	dove
	File string `arg:"" help:"organigramma.csv, or its folder."`
	Dal  string `help:"The day from which it holds; today if absent." placeholder:"YYYY-MM-DD"`
	Si   bool   `name:"si" help:"Do it without asking."`
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
	i, err := apri(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	e, err := i.unico()
	if err != nil {
		return err
	}
	if dal.IsZero() {
		dal = i.servizio.Oggi()
	}
	diff := organigramma.Diff(i.ambienti.Di(e.ID).Organigramma, nuova)
	for _, d := range diff {
		_, _ = fmt.Fprintln(a.out, d.Frase)
	}
	_, _ = fmt.Fprintf(a.out, "%s. In vigore dal %s.\n", i18n.Plural(len(diff), "differenza", "differenze"), dal)
	if !c.Si {
		_, _ = fmt.Fprint(a.out, "Confermi? [s/N] ")
		var r string
		_, _ = fmt.Fscanln(a.in, &r)
		if !strings.HasPrefix(strings.ToLower(r), "s") {
			_, _ = fmt.Fprintln(a.out, "Non è cambiato nulla.")
			return &detta{fault.New(fault.Invalid, "Non confermato.")}
		}
	}
	if err := i.ambienti.NuovoOrganigramma(a, e.ID, dal, nuova); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.out, "Fatto.")
	return err
}

type organigrammaExportCmd struct {
	dove
	Out string `help:"Folder to write to." default:"." type:"path" placeholder:"DIR"`
}

// Run writes the three files of the chart in force.
func (c *organigrammaExportCmd) Run(a *ambito) error {
	i, err := apri(a, c.dove)
	if err != nil {
		return err
	}
	defer func() { _ = i.chiudi() }()
	e, err := i.unico()
	if err != nil {
		return err
	}
	var uu, rr, pp bytes.Buffer
	if err := i.ambienti.Di(e.ID).Organigramma.Export(&uu, &rr, &pp); err != nil {
		return err
	}
	for nome, b := range map[string]*bytes.Buffer{"organigramma.csv": &uu, "organigramma-relazioni.csv": &rr, "presidi.csv": &pp} {
		if err := os.WriteFile(filepath.Join(c.Out, nome), b.Bytes(), 0o600); err != nil {
			return fault.Wrap(err, fault.Unavailable, "Non posso scrivere "+nome+".")
		}
	}
	_, err = fmt.Fprintln(a.out, "L'organigramma è in "+c.Out+".")
	return err
}

type utenteCmd struct {
	Add   utenteAddCmd   `cmd:"" help:"Add a person; the password is read from standard input."`
	Token utenteTokenCmd `cmd:"" help:"Print a new API token of a person."`
	Reset utenteResetCmd `cmd:"" help:"Take away the second factors of a person who lost them."`
}

type utenteAddCmd struct {
	dove
	Utente string   `arg:"" help:"Name to sign in with."`
	Nome   string   `help:"How colleagues call the person." required:""`
	Ruolo  []string `help:"Role, or role:unit. Repeat for more." placeholder:"RUOLO[:UNITA]"`
}

// Run adds a person.
func (c *utenteAddCmd) Run(a *ambito) error {
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error {
		return runUtenteAdd(a, i, e.ID, c.Utente, c.Nome, c.Ruolo)
	})
}

type utenteTokenCmd struct {
	dove
	Utente string `arg:"" help:"Name the person signs in with."`
}

// Run prints a token, once.
func (c *utenteTokenCmd) Run(a *ambito) error {
	return con(a, c.dove, func(i *impianto, e *pratica.Ente) error {
		return runUtenteToken(a, i.auth, e.ID, c.Utente, i.orologio.Now().Add(durataToken), a.out)
	})
}

type utenteResetCmd struct {
	dove
	Utente string `arg:"" help:"Name the person signs in with."`
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
	Crea enteCreaCmd `cmd:"" help:"Make the ente, with a procedure in force from today."`
}

type enteCreaCmd struct {
	dove
	ID          string   `help:"Short id: letters and digits." required:""`
	Nome        string   `help:"Name, as people read it." required:""`
	Telefono    string   `help:"Telephone of the URP." required:""`
	Regolamento string   `help:"Shipped procedure." default:"pga01"`
	Testimone   []string `help:"Published key of who witnesses the log. Repeat for more." placeholder:"KEY" sep:"none"`
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
	JSON bool `help:"Print JSON."`
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
	macchina, err := i.rilieviMacchina(a)
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
