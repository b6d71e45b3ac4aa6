package protocollo

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"tutela/internal/day"
	"tutela/internal/pratica"
)

// Prova is the reference server of the contract: it numbers what it is asked, and keeps
// its numbers in a file, also when it is killed. It is no protocol system: the ente
// tries the exchange with it, and the tests do.
type Prova struct {
	Token string
	AOO   string
	Oggi  func() day.Date

	mu   sync.Mutex
	path string
	dati registrazioni
}

// Registrazione is a number that was given, and to what.
type Registrazione struct {
	Chiesto Domanda  `json:"chiesto"`
	Dato    Risposta `json:"dato"`
}

type registrazioni struct {
	Ultimo map[string]int           `json:"ultimo"` // by year
	Chiavi map[string]Registrazione `json:"chiavi"`
}

// ApriProva opens the file of the numbers, or begins one.
func ApriProva(path, token string, oggi func() day.Date) (*Prova, error) {
	p := &Prova{Token: token, AOO: "AOO-PROVA", Oggi: oggi, path: path, dati: registrazioni{map[string]int{}, map[string]Registrazione{}}}
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &p.dati); err != nil || p.dati.Ultimo == nil || p.dati.Chiavi == nil {
		return nil, fmt.Errorf("%s: not a file of numbers", path)
	}
	return p, nil
}

// Tutte are the registrations so far, by key.
func (p *Prova) Tutte() map[string]Registrazione {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]Registrazione{}
	for k, r := range p.dati.Chiavi {
		out[k] = r
	}
	return out
}

// ServeHTTP answers as the contract says.
func (p *Prova) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	no := func(stato int, detto string) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(stato)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": stato, "detail": detto})
	}
	if r.URL.Path != Via || r.Method != http.MethodPost {
		no(http.StatusNotFound, "Qui si chiede solo POST "+Via+".")
		return
	}
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+p.Token)) != 1 {
		no(http.StatusUnauthorized, "Il token non è quello.")
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<20))
	if err != nil {
		no(http.StatusRequestEntityTooLarge, "La richiesta è troppo grande.")
		return
	}
	var d Domanda
	if json.Unmarshal(b, &d) != nil || d.V != versione {
		no(http.StatusBadRequest, "La richiesta non si legge.")
		return
	}
	chiave := r.Header.Get(Chiave)
	if m := d.manca(chiave); m != "" {
		no(http.StatusUnprocessableEntity, m)
		return
	}
	out, err := p.numera(chiave, d)
	if err != nil {
		no(http.StatusInternalServerError, "Il numero non si può conservare.")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

// manca says what of a request is not as the contract wants it.
func (d Domanda) manca(chiave string) string {
	giorno, err := day.Parse(d.Giorno)
	switch {
	case len(chiave) < 16 || len(chiave) > 128:
		return "Manca " + Chiave + "."
	case err != nil || giorno.IsZero():
		return "«giorno» vuole AAAA-MM-GG."
	case d.Verso != pratica.VersoIngresso && d.Verso != pratica.VersoUscita:
		return "«verso» è ingresso o uscita."
	case d.Registro == "" || d.Numero == "" || d.Tipo == "" || d.Oggetto == "":
		return "Mancano registro, numero, tipo o oggetto."
	case len(d.Impronta) != sha256.Size:
		return "«impronta» è lo SHA-256 del documento, in base64."
	}
	if d.Documento != nil {
		if sum := sha256.Sum256(d.Documento.Contenuto); string(sum[:]) != string(d.Impronta) {
			return "L'impronta non è quella del documento."
		}
	}
	return ""
}

// numera gives the number of a key: the one it has, or the next, once it is on disk.
func (p *Prova) numera(chiave string, d Domanda) (Risposta, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r, ok := p.dati.Chiavi[chiave]; ok {
		return r.Dato, nil
	}
	oggi := p.Oggi()
	anno := oggi.String()[:4]
	n := p.dati.Ultimo[anno] + 1
	r := Risposta{Registro: "PG", Numero: fmt.Sprintf("%07d/%s", n, anno), Data: oggi.String(), AOO: p.AOO}
	d.Documento = nil // its hash is enough here
	p.dati.Ultimo[anno], p.dati.Chiavi[chiave] = n, Registrazione{d, r}
	if err := p.salva(); err != nil {
		p.dati.Ultimo[anno] = n - 1
		delete(p.dati.Chiavi, chiave)
		return Risposta{}, err
	}
	return r, nil
}

func (p *Prova) salva() error {
	b, err := json.MarshalIndent(p.dati, "", " ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(p.path), ".protocollo-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), p.path)
}
