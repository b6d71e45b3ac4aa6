package organigramma

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Names by which the files are known, also in errors.
const (
	FileUnita     = "organigramma.csv"
	FileRelazioni = "organigramma-relazioni.csv"
	FilePresidi   = "presidi.csv"
	FileAlias     = "alias.csv"
)

// Limits of one file.
const (
	MaxRighe = 100_000  // data lines
	MaxByte  = 64 << 20 // 64 MiB

	maxSeparatori = 40 * MaxRighe // each field takes memory, even when it is empty
)

// colonna is one column of a file: its name, how long a field may be in
// characters, and whether the file must have it and each line fill it.
type colonna struct {
	nome      string
	max       int
	richiesta bool // the header must name it
	piena     bool // and no line may leave it empty
}

// foglio is a file read whole: its lines with the fields in our own column order.
type foglio struct {
	file    string
	colonne []colonna
	nella   []int // position of each of our columns in the file; -1 if absent
	righe   []riga
	letto   bool // the header is sound, so what is not in righe is not in the file
	err     *errori
}

type riga struct {
	n     int // line in the file
	campi []string
}

// errore reports a wrong field: c counts our columns.
func (f *foglio) errore(n, c int, messaggio, suggerimento string) {
	f.err.add(Errore{File: f.file, Riga: n, Colonna: f.nella[c] + 1, Campo: f.colonne[c].nome,
		Messaggio: messaggio, Suggerimento: suggerimento})
}

func (f *foglio) erroreFile(n int, messaggio, suggerimento string) {
	f.err.add(Errore{File: f.file, Riga: n, Messaggio: messaggio, Suggerimento: suggerimento})
}

// leggi reads a file. Whatever is wrong goes to e; what could be read is returned
// all the same, so that later checks find their errors too.
func leggi(file string, r io.Reader, colonne []colonna, e *errori) *foglio {
	f := &foglio{file: file, colonne: colonne, err: e}
	dati, ok := f.testo(r)
	if !ok {
		return f
	}
	comma := separatore(dati)
	if bytes.Count(dati, []byte(string(comma))) > maxSeparatori {
		f.erroreFile(0, "Il file ha troppi campi.", "Controlla che sia il file giusto.")
		return f
	}
	lettore := csv.NewReader(bytes.NewReader(dati))
	lettore.Comma = comma
	lettore.FieldsPerRecord = -1
	testata, err := lettore.Read()
	if err != nil {
		f.erroreFile(1, "Manca la riga di intestazione.", "La prima riga deve portare i nomi: "+f.nomi()+".")
		return f
	}
	if !f.intestazione(testata) {
		return f
	}
	f.letto = true
	f.corpo(lettore, len(testata))
	return f
}

// testo gives the bytes of the file as UTF-8 without BOM.
func (f *foglio) testo(r io.Reader) ([]byte, bool) {
	dati, err := io.ReadAll(io.LimitReader(r, MaxByte+1))
	switch {
	case err != nil:
		f.erroreFile(0, "Il file non si legge.", "Controlla che esista e che si possa aprire.")
		return nil, false
	case len(dati) > MaxByte:
		f.erroreFile(0, fmt.Sprintf("Il file supera %d MB.", MaxByte>>20), "Controlla che sia il file giusto.")
		return nil, false
	}
	dati = bytes.TrimPrefix(dati, []byte("\xef\xbb\xbf"))
	const salva = "Salvalo di nuovo come «CSV UTF-8»."
	if bytes.HasPrefix(dati, []byte("\xff\xfe")) || bytes.HasPrefix(dati, []byte("\xfe\xff")) {
		f.erroreFile(1, "Il file è scritto in UTF-16.", salva)
		return nil, false
	}
	if bytes.HasPrefix(dati, []byte("PK\x03\x04")) {
		f.erroreFile(0, "Questo è un foglio di calcolo o un archivio, non un CSV.", "Dal foglio scegli «Salva con nome» e poi «CSV UTF-8».")
		return nil, false
	}
	if i := bytes.IndexByte(dati, 0); i >= 0 {
		f.erroreFile(rigaDi(dati, i), "C'è un byte nullo: il file è rovinato o non è un CSV.", salva)
		return nil, false
	}
	if i := nonUTF8(dati); i >= 0 {
		f.erroreFile(rigaDi(dati, i), "C'è un carattere che non è UTF-8.", salva)
		return nil, false
	}
	return dati, true
}

func nonUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func rigaDi(b []byte, i int) int { return 1 + bytes.Count(b[:i], []byte("\n")) }

// separatore looks at the first line: Italian spreadsheets write semicolons.
func separatore(dati []byte) rune {
	prima, _, _ := bytes.Cut(bytes.TrimLeft(dati, "\r\n"), []byte("\n"))
	if bytes.Count(prima, []byte(";")) > bytes.Count(prima, []byte(",")) {
		return ';'
	}
	return ','
}

func (f *foglio) nomi() string {
	var n []string
	for _, c := range f.colonne {
		n = append(n, c.nome)
	}
	return strings.Join(n, ", ")
}

// intestazione finds our columns by name, in any order.
func (f *foglio) intestazione(testata []string) bool {
	prima := len(f.err.lista)
	f.nella = make([]int, len(f.colonne))
	for i := range f.nella {
		f.nella[i] = -1
	}
	for pos, nome := range testata {
		nome = strings.ToLower(strings.TrimSpace(nome))
		c := f.colonna(nome)
		switch {
		case c < 0:
			f.err.add(Errore{File: f.file, Riga: 1, Colonna: pos + 1, Campo: strings.Trim(cita(nome), "«»"),
				Messaggio: "Questa colonna non è prevista.", Suggerimento: f.suggerisci(nome)})
		case f.nella[c] >= 0:
			f.err.add(Errore{File: f.file, Riga: 1, Colonna: pos + 1, Campo: nome, Messaggio: "La colonna compare due volte.", Suggerimento: "Lasciane una sola."})
		default:
			f.nella[c] = pos
		}
	}
	for i, c := range f.colonne {
		if c.richiesta && f.nella[i] < 0 {
			f.erroreFile(1, "Manca la colonna "+cita(c.nome)+".", "Aggiungila all'intestazione, anche con i campi vuoti.")
		}
	}
	return len(f.err.lista) == prima
}

func (f *foglio) colonna(nome string) int {
	for i, c := range f.colonne {
		if c.nome == nome {
			return i
		}
	}
	return -1
}

func (f *foglio) suggerisci(nome string) string {
	if v := vicino(nome, strings.Split(f.nomi(), ", ")); len(nome) <= 64 && v != "" {
		return forse(v)
	}
	return "Le colonne sono: " + f.nomi() + "."
}

func (f *foglio) corpo(lettore *csv.Reader, larghezza int) {
	for !f.err.pieno() {
		campi, err := lettore.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var pe *csv.ParseError
		if errors.As(err, &pe) {
			f.virgolette(pe)
			continue
		}
		n, _ := lettore.FieldPos(0)
		if vuota(campi) {
			continue
		}
		if len(f.righe) == MaxRighe {
			f.erroreFile(n, fmt.Sprintf("Il file ha più di %d righe.", MaxRighe), "Controlla che sia il file giusto.")
			return
		}
		if len(campi) != larghezza {
			f.erroreFile(n, fmt.Sprintf("La riga ha %d campi, l'intestazione ne ha %d.", len(campi), larghezza),
				"Un testo che contiene il separatore va chiuso tra virgolette.")
			f.righe = append(f.righe, f.ordina(n, campi))
			continue
		}
		r := f.ordina(n, campi)
		f.campi(r)
		f.righe = append(f.righe, r)
	}
}

// virgolette words what encoding/csv has against a line.
func (f *foglio) virgolette(pe *csv.ParseError) {
	if errors.Is(pe.Err, csv.ErrBareQuote) {
		f.erroreFile(pe.Line, "C'è una virgoletta in mezzo a un campo.", "Scrivi il campo tra virgolette e raddoppia quelle interne.")
		return
	}
	f.erroreFile(pe.StartLine, "Da questa riga parte un campo tra virgolette che non si chiude bene.",
		"Controlla che ogni virgoletta aperta sia chiusa subito prima del separatore.")
}

func vuota(campi []string) bool {
	for _, c := range campi {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// ordina puts the fields of a line in our order, without spaces around them.
func (f *foglio) ordina(n int, campi []string) riga {
	r := riga{n: n, campi: make([]string, len(f.colonne))}
	for c, pos := range f.nella {
		if pos >= 0 && pos < len(campi) {
			r.campi[c] = strings.TrimSpace(campi[pos])
		}
	}
	return r
}

// campi checks what holds for every field, whatever it means.
func (f *foglio) campi(r riga) {
	for c, col := range f.colonne {
		s := r.campi[c]
		switch {
		case s == "" && col.piena:
			f.errore(r.n, c, "Il campo è vuoto.", "Va compilato in ogni riga.")
		case s == "":
		case len(s) > col.max && utf8.RuneCountInString(s) > col.max:
			f.errore(r.n, c, fmt.Sprintf("Il campo ha più di %d caratteri.", col.max), "Accorcialo.")
		case strings.ContainsFunc(s, vietato):
			f.errore(r.n, c, "Il campo contiene caratteri invisibili.", "Riscrivilo a mano.")
		case strings.ContainsRune("=+-@", rune(s[0])):
			f.errore(r.n, c, "Il campo comincia come una formula.", "Togli il segno iniziale.")
		}
	}
}
