package regolamento

// DefTipo is a kind of segnalazione.
type DefTipo struct {
	Nome      string `yaml:"-"`
	Etichetta string `yaml:"etichetta"`
	ContaCome string `yaml:"conta_come"` // the kind with which statistics count it; empty for itself
}

// DefAttore is an actor: a role, and where the organigramma looks for it.
type DefAttore struct {
	Nome      string `yaml:"-"`
	Etichetta string `yaml:"etichetta"`
	Ruolo     string `yaml:"ruolo"`
	Ambito    string `yaml:"ambito"`
}

// DefFase is a phase of the case.
type DefFase struct {
	Nome      string `yaml:"-"`
	Etichetta string `yaml:"etichetta"`
	Cittadino string `yaml:"cittadino"` // ricevuta | in_esame | risposta_pronta | chiusa
	Doveri    string `yaml:"doveri"`    // "nessuno": entering it, no term is owed any more
	Finale    bool   `yaml:"finale"`
}

// Aperta reports whether in this phase somebody owes something.
func (f *DefFase) Aperta() bool { return f.Doveri == "" && !f.Finale }

// Conservazione says how long a file is kept from when it was closed, and which acts
// hold it longer, let it go, end it, and say that no copy opens it any more.
//
// ref: pga01 4.4.4
type Conservazione struct {
	Anni       int    `yaml:"anni"`
	Trattiene  string `yaml:"trattiene"`
	Libera     string `yaml:"libera"`
	Elimina    string `yaml:"elimina"`
	Definitiva string `yaml:"definitiva"` // empty: nothing says it
	Fonte      string `yaml:"fonte"`
}

// Ends reports whether an act is one of those that end a file.
func (c Conservazione) Ends(atto string) bool {
	return atto != "" && (atto == c.Elimina || atto == c.Definitiva)
}

// Condizione is an attribute and the values of which it must have one.
type Condizione struct {
	Attributo string
	Valori    []string
}

// Condizioni must all hold.
type Condizioni []Condizione

// Chi says who may do an act: a list of actors, or a choice by one attribute.
type Chi struct {
	Attori    []string
	Attributo string       // of the choice; empty if there is none
	Scelta    []Condizione // each: Attributo holds the value, Valori the actors
}

// Pone is an attribute that an act sets.
type Pone struct {
	Attributo   string
	Fisso       string   // the value that the act always sets
	Predefinito string   // the value if the act says none
	Valori      []string // the values among which the act chooses
}

// Chiesto reports whether who does the act chooses the value.
func (p Pone) Chiesto() bool { return p.Fisso == "" }

// Ponendi are the attributes that an act sets, in the order of the file.
type Ponendi []Pone

// DefAtto is a kind of act: its guards, its effects, its words.
type DefAtto struct {
	Nome      string `yaml:"-"`
	Etichetta string `yaml:"etichetta"` // on the button: "Prendi in carico"
	Fatto     string `yaml:"fatto"`     // in the history: "Presa in carico"
	Cittadino string `yaml:"cittadino"` // what the citizen reads of it; empty for nothing
	Manca     string `yaml:"manca"`     // what to tell who needs it done first

	Chi         Chi        `yaml:"chi"`
	Apre        bool       `yaml:"apre"`     // it opens the case
	Uscita      bool       `yaml:"uscita"`   // a way out, which proves nothing in Check
	In          []string   `yaml:"in"`       // phases or groups; empty for any
	Se          Condizioni `yaml:"se"`       // attributes
	Dopo        []string   `yaml:"dopo"`     // each done
	Mai         []string   `yaml:"mai"`      // none done
	Volte       int        `yaml:"volte"`    // at most; 0 for any number
	Corre       string     `yaml:"corre"`    // this term is due, on time or late
	Entro       string     `yaml:"entro"`    // this term is due and not past, or suspended
	Risponde    string     `yaml:"risponde"` // the act by which the addressee was asked
	Pone        Ponendi    `yaml:"pone"`
	Dimentica   []string   `yaml:"dimentica"`   // acts that no longer count for guards
	Destinatari string     `yaml:"destinatari"` // the field that names the units asked
	Fascicolo   string     `yaml:"fascicolo"`   // the field that names a file of the URP, given to read to who does the act
	Affida      string     `yaml:"affida"`      // the field that names the assistant to whom the case is given to read
	AffidaFino  string     `yaml:"affida_fino"` // the field with the last day of it
	Chiave      bool       `yaml:"chiave"`      // it gives the citizen another chiave: the one before opens nothing more
	Protocollo  bool       `yaml:"protocollo"`  // it stores the number that the ente's own protocol gave
	Seduta      string     `yaml:"seduta"`      // what it does to the session of the Commissione that reads the case
	Annota      string     `yaml:"annota"`      // what it writes beside the number in the register
	Fase        string     `yaml:"fase"`
	Serve       []string   `yaml:"serve"`   // fields without which it is not done
	Ammette     []string   `yaml:"ammette"` // fields that may be left empty
	Lettera     string     `yaml:"lettera"` // the letter it sends
	Modulo      string     `yaml:"modulo"`  // the form it fills
	Fonte       string     `yaml:"fonte"`   // as people read it: "PGA01, § 4.4.2"

	Suggerisci DefSuggerimento `yaml:"suggerisci"` // when it is proposed as the next step
	TestoDa    string          `yaml:"testo_da"`   // the act whose text it signs or sends

	fasi    []string // In, groups resolved
	effetti []effetto
	campi   []Campo
}

// Termini are the names of the terms that doing d starts, in the order of the
// file.
func (d *DefAtto) Termini() []string {
	var n []string
	for _, e := range d.effetti {
		if e.cosa == inizia {
			n = append(n, e.def.Nome)
		}
	}
	return n
}

// effetto is what an act does to a term.
type effetto struct {
	def   *DefTermine
	cosa  cosa
	campo string // of inizia: the date field from which to count; empty for the act's day
}

type cosa uint8

// The effects, in the order in which they are applied to one term.
const (
	adempie cosa = iota
	decade
	riprende
	sospende
	proroga
	inizia
)

// DefTermine is the rule of a term.
type DefTermine struct {
	Nome      string     `yaml:"-"`
	Etichetta string     `yaml:"etichetta"`
	Dal       []string   `yaml:"dal"`    // acts, or act.field for one of its dates
	Giorni    int        `yaml:"giorni"` // 0 is the day itself
	Ore       int        `yaml:"ore"`    // instead of Giorni: hours from the instant
	Tipo      string     `yaml:"tipo"`   // "legge": shown beside, never drives the work list
	Chi       string     `yaml:"chi"`    // the actor who owes it
	Se        Condizioni `yaml:"se"`
	Per       string     `yaml:"per"` // "destinatario": one for each addressee
	Ferma     []string   `yaml:"ferma"`
	Decade    []string   `yaml:"decade"`
	Proroga   DefProroga `yaml:"proroga"`
	Sospende  string     `yaml:"sospende"`
	Riprende  string     `yaml:"riprende"`
	Avvisi    []int      `yaml:"avvisi"` // days before (-) and after (+) the date
	Scaduto   DefScaduto `yaml:"scaduto"`
	Computo   string     `yaml:"computo"`
	Sabato    string     `yaml:"sabato"`
	Dentro    string     `yaml:"dentro"` // the term inside which this one must fit
	Fonte     string     `yaml:"fonte"`

	conto  Conteggio
	indice int // place among the terms of the file
}

// Legge reports whether the term is the law's own, shown beside the others.
func (d *DefTermine) Legge() bool { return d.Tipo == "legge" }

// DefProroga says which act extends a term and by how much.
type DefProroga struct {
	Atto    string `yaml:"atto"`
	Giorni  int    `yaml:"giorni"`  // at most, each time; what is granted if the act says nothing
	Massimo int    `yaml:"massimo"` // cap on all the days, from the start; 0 for none
}

// DefScaduto says what happens the day after a term's date.
type DefScaduto struct {
	Avvisa []string `yaml:"avvisa"` // actors to be told
	Atto   string   `yaml:"atto"`   // the act that sistema then does
}
