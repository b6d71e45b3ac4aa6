package pratica

import (
	"context"
	"strconv"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/vault"
)

// Op names what one change will read, so that a group of changes can be read
// together: the case with its acts, the row of an idempotent request, and the
// register from which a number is taken.
type Op struct {
	Ente       string
	Pratica    vault.ID // zero: no case is read
	Registro   string   // empty: no number is taken
	Chiave     []byte   // row id of an idempotent request; nil: none
	Background bool     // jobs and imports give way to people
}

// Tx is one change, inside the transaction of its group. What it reads was read
// already; what it writes is sent when the function returns nil. The function may
// run again, so it touches nothing else.
type Tx interface {
	Now() time.Time // UTC, milliseconds, never before the last instant stored
	Testa() (Testa, bool)
	Atti() []Registrato
	Richiesta() ([]byte, bool)
	Numero() (anno, numero int)
	NuovaPratica() int64
	Append(Registrato, []Contenuto)
	Project(Righe)
	Avvolgi(n int64, involucri []vault.Involucro)
	Concedi(n int64, involucri []vault.Involucro)           // as Avvolgi; what is there already stays
	Riavvolgi(n int64, involucri []vault.Involucro)         // as Avvolgi, in the place of the reader's version before
	Siedono(n int64, giorno day.Date, posti []access.Posto) // in the place of who sat
	Togli(n int64, destinatario string)
	Cartellino(n int64, c CartellinoChiuso)
	Allega(Allegato)
	Timbra(Contrassegno)
	Protocollare(n int64, r RigaProtocollo)              // waits for the number of the ente's protocol
	Protocollata(n int64, p NumeroEsterno, il time.Time) // has it
	Scatti(n int64, s []Scatto)
	Index(n int64, anno int, gettoni []byte) // added to those the case has
	Ricorda(risposta []byte, n int64)        // n: the case whose chiave it holds; 0: none
	Supera(n int64)                          // puts Superata in the place of the answers that hold a chiave of the case
}

// Archivio is what the commands need of the store. It is declared here so that
// the domain knows no database.
type Archivio interface {
	Update(ctx context.Context, op Op, fn func(Tx) error) error
	Leggi(ctx context.Context, id vault.ID) (Testa, []Registrato, error)
	LeggiCodice(ctx context.Context, ente, codice string) (Testa, []Registrato, error)
	PerNumero(ctx context.Context, ente, registro string, anno, numero int) (Testa, error)
	Contenuti(ctx context.Context, n int64, parti []string) (map[int64][]byte, error) // parti nil: all
	// Aperture gives the opening of each case: its envelope and the segnalazione,
	// sealed.
	Aperture(ctx context.Context, pratiche []int64) (map[int64]Aperta, error)
	Scritti(ctx context.Context, pratiche []int64) (map[int64]Scritto, error)
	Involucri(ctx context.Context, pratiche []int64, destinatario, parte string) (map[int64][]vault.Involucro, error) // parte empty: all
	Cartellini(ctx context.Context, pratiche []int64) (map[int64]CartellinoChiuso, error)                             // the newest of each
	Allegati(ctx context.Context, pratica vault.ID) ([]Allegato, error)
	// Contrassegno is the stamp with that id, fault.NotFound for none.
	Contrassegno(ctx context.Context, ente, id string) (Contrassegno, error)
	Copie(ctx context.Context, ente string, n int64) ([]RigaCopia, error)
	SalvaCopia(ctx context.Context, ente string, n int64, r RigaCopia) error // fault.Conflict when it is not the version after the stored one
	// Affidate are the open cases of a register with a wrap for a reader, newest first.
	Affidate(ctx context.Context, ente, registro, destinatario string) ([]vault.ID, error)
	// Fuori is the version of a compartment's key that last took somebody out of its
	// roll, or out of his place there; 0 when none did.
	Fuori(ctx context.Context, ente, comparto, persona string) (int, error)
	Oggetto(ctx context.Context, n int64) (access.Oggetto, error)
	Elenco(ctx context.Context, chi access.Chi, f Filtro) (Pagina, error)
	// Annotati are, of each case, the act that opened it and those of some kinds.
	Annotati(ctx context.Context, pratiche []int64, kinds []string) (map[int64][]Registrato, error)
	Sedute(ctx context.Context, chi access.Chi) ([]RigaSeduta, error)
	// SeduteConvocate are the sessions that the cases of a register are given to and
	// whose last day is not past.
	SeduteConvocate(ctx context.Context, ente, registro string, oggi day.Date) ([]SedutaConvocata, error)
	Conteggi(ctx context.Context, chi access.Chi, oggi day.Date) (Conteggi, error)
	Accesso(ctx context.Context, a Accesso) error
	Accessi(ctx context.Context, ente string, f FiltroAccessi) (PaginaAccessi, error)
	Letture(ctx context.Context, n int64) ([]Accesso, error)
	ArchivioScarti
	ArchivioProtocollo
	ArchivioGiornalieri
}

// Testa is the head row of a case: what lists and commands need without folding.
// Everything in it but the seals is derived from the acts.
type Testa struct {
	N           int64
	ID          vault.ID
	Ente        string
	Registro    string
	Anno        int
	Numero      int
	Codice      string
	Contatto    []byte // keyed digest of each contact, to follow without the key
	Tipo        string
	Fase        string
	Stato       string // the citizen's four words
	Aperta      bool
	Slot        int64
	Regolamento string // hash
	Calendario  string // hash
	Seq         int
	RicevutaIl  time.Time
	Giorno      day.Date
	Canale      string
	Presidio    string
	Struttura   string
	Macro       string
	URP         string // unit of the competent 2nd level URP; empty: URP aziendale
	Ricezione   string // office key that received it
	Incaricato  string
	Natura      string
	Scadenza    day.Date // of the term that drives the work list; zero: none or suspended
	Termine     string
	ChiDeve     string // office key
	Prossimo    string // act suggested next
	Sospesa     bool
	Scatto      time.Time // earliest warning or lapse of any term; zero: none
	RispostaIl  day.Date
	ChiusaIl    day.Date // when it came to a final phase; zero: it is in none
	Vincolo     bool     // something holds it beyond its years
	Eliminata   day.Date // its content is no more
	Scheda      []byte   // sealed summary: subject, who
}

// Registrato is an act as stored: its envelope's exact bytes, and what was
// decoded from them.
type Registrato struct {
	A      int64
	Busta  []byte
	Hash   []byte
	Sale   []byte
	Pos    int64  // of its leaf in the ente's log
	Foglia []byte // hash of the leaf
	Atto   Atto
}

// Contenuto is one sealed part of an act's content, at most 64 KiB.
type Contenuto struct {
	Parte string // nucleo, cittadino, richiesta-N
	N     int    // place within the act, 0 to 15
	Bytes []byte
}

// Aperta is how a case was opened: the envelope and the segnalazione, sealed.
type Aperta struct {
	Busta []byte
	Contenuto
}

// Allegato is a stored file: where its ciphertext lies, and its sealed card
// (name, type, digest of the clear bytes).
type Allegato struct {
	ID         vault.ID
	Pratica    vault.ID
	Ente       string
	A          int64 // the act that brought it
	Parte      string
	Dove       string
	Dimensione int64 // clear bytes
	Scheda     []byte
	Creato     time.Time
}

// RigaCopia is the copy of an attachment as stored.
type RigaCopia struct {
	File     vault.ID // of the original
	Versione int
	Dove     string // address of the copy; empty: it is not ready
	Sigillo  []byte
}

// RigaCompito says that a case waits for an office, until when and for what.
type RigaCompito struct {
	Ufficio  string
	Scadenza day.Date
	Cosa     string // act suggested, or term to be met
	Gruppo   string // phase of the work: da_smistare, istruttoria, firma, invio…
}

// RigaVede opens a case's existence to an office: come 'n' reads everything, 'r'
// only what was addressed to it.
type RigaVede struct{ Ufficio, Come string }

// Righe are the derived rows of a case after an act.
type Righe struct {
	Testa   Testa
	Nuova   bool
	Compiti []RigaCompito
	Vede    []RigaVede
}

// Filtro chooses and orders a list.
type Filtro struct {
	Mie         bool   // what waits for the offices of who asks
	Registro    string // empty: all
	Numero      string // "2026/12", "12"
	Protocollo  string // number of the ente's own protocol
	Stato       string // fase or one of the citizen's words
	Tipo        string
	Struttura   string
	Strutture   []string // any of these
	Codice      string
	Incaricato  string // person's id, or Io
	RicevutaDal day.Date
	RicevutaAl  day.Date
	Gruppo      string
	Sospese     bool
	Aperte      bool
	ScadeEntro  day.Date
	Parole      []Domanda // searched words, year by year
	Candidate   bool      // with them: also the cases of which only opening tells
	PerScadenza bool

	Archiviate    bool // closed, whether their content is still there or not
	DelRegistro   bool // as a register has them: those who may read them see them, the last number first
	RegistrataDal day.Date
	RegistrataAl  day.Date

	Limite int    // 1 to 100
	Dopo   string // cursor
}

// Domanda is what is searched among the cases of one year: groups that must all
// hold. The first one never takes out.
type Domanda struct {
	Anno   int
	Gruppi []Gruppo
}

// Gruppo holds if all the tokens of one of its words are there; with Senza, if those
// of none are.
type Gruppo struct {
	Voci  [][]vault.Gettone
	Senza bool
}

// Riga is a row of a list. Richiesta is set when the reader was only asked: the
// summary is then not his to read, and Scheda is nil.
type Riga struct {
	Testa
	Cosa      string // what the reader's office should do
	Gruppo    string
	Entro     day.Date // the reader's own date
	Richiesta bool
	Candidata bool // of a search: it must be opened to know whether it answers

	Brani      Riservata[[]Brano] // of a search: the passage found
	Dove       string             // of a search: the act that it stands in; empty: the report
	DoveIl     day.Date
	Cartellino Riservata[Cartellino] // of a case of members

	riepilogo Riservata[Riepilogo] // opened before; empty: to be opened with parti
	parti     *mazzo               // the keys of its summary and, for a search, of all its parts; nil: it cannot be read
}

// Cursore is where a list goes on after this row.
func (r Riga) Cursore() string { return Cursore(r.Giorno.String(), r.N) }

// Cursore is a place in a list: the date that orders it, or none, and n.
func Cursore(data string, n int64) string { return data + "." + strconv.FormatInt(n, 36) }

// Vista is a filter that a person saved under a name: typed filters only, never
// searched words.
type Vista struct{ Nome, Filtro string }

// Pagina is one page of a list; Dopo is the cursor of the next, empty at the end.
// Ancora says the search stopped at its bound and can go on.
type Pagina struct {
	Righe  []Riga
	Dopo   string
	Ancora bool

	PerMerito bool // of a search: all of it, the rows that answer best first
}

// Conteggi are the figures beside the views of the work list; each stops at 1,000.
type Conteggi struct {
	DaFare, Scadute, Entro3 int
	Gruppi                  map[string]int
}
