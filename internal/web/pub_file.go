package web

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"tutela/internal/day"
	"tutela/internal/document"
	"tutela/internal/fault"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// invio is what came with a form that takes files.
type invio struct {
	valori    url.Values
	chiave    chiaveBozza // of the draft they are for
	presi     []fileBozza
	rifiutati []rifiuto
}

// rifiuto is a file not taken, with what to do.
type rifiuto struct{ Nome, Frase string }

const msgTroppi = "I file sono già 10: di più non ne possiamo prendere. Questo portalo allo sportello."

// ricevi reads a form with files. Each is encrypted for its future case while it
// arrives; one that is refused does not stop the others.
func (s *Server) ricevi(w http.ResponseWriter, r *http.Request, delega bool) (*invio, error) {
	in := &invio{chiave: leggiBiscotto(r)}
	b, err := s.apriBozza(r.Context(), in.chiave)
	if err != nil {
		return nil, err
	}
	in.valori, err = leggiModulo(w, r, func(_, nome string, file io.Reader) error {
		if b == nil || b.Slot == 0 {
			if b, err = s.preparaFile(w, r, in); err != nil {
				return in.rifiuta(nome, err)
			}
		}
		if b.Ricevuta != nil {
			return nil // sent already: the page will say so
		}
		if len(b.File)+len(in.presi) >= document.MaxFiles {
			return in.rifiuta(nome, fault.New(fault.TooLarge, msgTroppi))
		}
		f, err := s.prendi(b, nome, file)
		if err != nil {
			return in.rifiuta(nome, err)
		}
		f.Delega = delega
		in.presi = append(in.presi, f)
		return nil
	})
	if err != nil {
		for _, f := range in.presi {
			s.scarta(f)
		}
		return nil, err
	}
	return in, nil
}

// rifiuta notes a file that was not taken, if it can be said why; other errors
// end the reading.
func (in *invio) rifiuta(nome string, err error) error {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge, fault.Unavailable:
		in.rifiutati = append(in.rifiutati, rifiuto{nomeMostrato(nome), fault.Message(err)})
		return nil
	}
	return err
}

// preparaFile stores a draft that has its case's key before the first file
// arrives: two windows of one draft then encrypt under the same.
func (s *Server) preparaFile(w http.ResponseWriter, r *http.Request, in *invio) (*bozza, error) {
	if in.chiave != nil {
		defer s.serrature.chiudi(in.chiave.id())()
	}
	b, err := s.apriBozza(r.Context(), in.chiave)
	if err != nil {
		return nil, err
	}
	if b == nil {
		in.chiave, b = s.nuovaBozza()
	}
	if b.Slot != 0 || b.Ricevuta != nil {
		return b, nil
	}
	if err := s.prendiSlot(r.Context(), b); err != nil {
		return nil, err
	}
	return b, s.salvaBozza(w, r, in.chiave, b)
}

// prendi encrypts one file for the case that the draft will become.
func (s *Server) prendi(b *bozza, nome string, file io.Reader) (fileBozza, error) {
	return s.cifra(pratica.BaseFile(b.SlotKey, s.EnteID, b.ID, pratica.ParteCittadino), b.ID, nome, file)
}

// cifra encrypts one file for a part of a case, under a half of the key that is its
// own and the half of the part.
func (s *Server) cifra(base []byte, caso vault.ID, nome string, file io.Reader) (fileBozza, error) {
	id := vault.NewID(s.Now())
	q := s.quota.conta(file, s.oggi())
	sua := vault.NewKey()
	blob, err := s.Blobs.PutFile(q, pratica.ChiaveFile(sua, base), pratica.ContestoFile(s.EnteID, caso, id))
	if err != nil {
		s.quota.togli(q.letti)
		return fileBozza{}, err
	}
	return fileBozza{ID: id, Nome: document.CleanName(nome, blob.Tipo), Tipo: string(blob.Tipo), Dimensione: blob.Size,
		Dove: blob.Address.String(), Impronta: blob.PlainSum, Chiave: sua}, nil
}

// scarta removes the ciphertext of a file that nobody wants any more. What it
// cannot remove now, the sweep removes later.
func (s *Server) scarta(f fileBozza) {
	a, err := document.ParseAddress(f.Dove)
	if err == nil {
		err = s.Blobs.Remove(a)
	}
	if err != nil {
		s.Log.Error("attachment not removed", "err", err)
		return
	}
	s.quota.togli(f.Dimensione)
}

// tieni keeps the ciphertext of a draft's file from the sweep, as long as the draft
// lasts. What is written matters more: it is saved even if this fails.
func (s *Server) tieni(f fileBozza) {
	a, err := document.ParseAddress(f.Dove)
	if err == nil {
		err = s.Blobs.Touch(a, s.Now())
	}
	if err != nil {
		s.Log.Error("attachment not kept", "err", err)
	}
}

// mandaFile sends an attachment to who may read it: to be saved, never to be
// shown by the browser as a page of ours.
func (s *Server) mandaFile(w http.ResponseWriter, f pratica.FileVisto) error {
	a, err := document.ParseAddress(f.Dove)
	if err != nil {
		return err
	}
	contesto := pratica.ContestoFile(f.Ente, f.Pratica, f.ID)
	if err := s.Blobs.Verify(a); err != nil { // before the first byte: half a file would look whole
		return err
	}
	w.Header().Set("Content-Length", strconv.FormatInt(f.Dimensione, 10))
	allega(w, f.Nome.Valore(), document.Tipo(f.Tipo).Media())
	if _, err := s.Blobs.Read(w, a, f.ChiaveFile(), contesto); err != nil {
		s.Log.Error("attachment cut off", "err", err)
		panic(http.ErrAbortHandler) // so that it does not look whole
	}
	return nil
}

// allega says that what follows is a file, to be kept and never shown.
func allega(w http.ResponseWriter, nome, tipo string) {
	h := w.Header()
	h.Set("Content-Type", tipo)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": nome}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-store")
}

// unisci adds the files taken to the draft.
func (in *invio) unisci(b *bozza) { b.File = append(b.File, in.presi...) }

func (f fileBozza) perPratica() pratica.File {
	return pratica.File{ID: f.ID, Nome: vault.NewRiservato(f.Nome), Tipo: f.Tipo, Dimensione: f.Dimensione, Dove: f.Dove, Impronta: f.Impronta,
		Chiave: vault.NewRiservato(string(f.Chiave))}
}

// Peso is the size as people read it.
func (f fileBozza) Peso() string { return pesoScritto(f.Dimensione) }

func pesoScritto(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", max(1, (n+1023)/1024))
	}
	return strings.Replace(fmt.Sprintf("%.1f MB", float64(n)/(1<<20)), ".", ",", 1)
}

// peso is how much disk the draft's files take.
func (b *bozza) peso() (n int64) {
	for _, f := range b.File {
		n += f.Dimensione
	}
	return n
}

func (b *bozza) deleghe() []fileBozza {
	var out []fileBozza
	for _, f := range b.File {
		if f.Delega {
			out = append(out, f)
		}
	}
	return out
}

func elencoFile(file []fileBozza) string {
	if len(file) == 0 {
		return "Nessuno"
	}
	var nomi []string
	for _, f := range file {
		nomi = append(nomi, f.Nome)
	}
	return strings.Join(nomi, "\n")
}

// nomeMostrato is a file's name as a page may show it, whatever it was.
func nomeMostrato(nome string) string {
	if i := strings.LastIndexAny(nome, `/\`); i >= 0 {
		nome = nome[i+1:]
	}
	nome = strings.Join(strings.Fields(pratica.Pulisci(strings.ToValidUTF8(nome, ""))), " ")
	if r := []rune(nome); len(r) > 80 {
		nome = string(r[:60]) + "…" + string(r[len(r)-15:])
	}
	return nonVuota(nome, "File senza nome")
}

func (s *Server) vediPasso4(w http.ResponseWriter, r *http.Request, stato int, b *bozza, rifiutati []rifiuto) error {
	var errori []erroreCampo
	for _, x := range rifiutati {
		errori = append(errori, erroreCampo{"documenti", x.Nome + ": " + x.Frase})
	}
	return s.mostra(w, r, stato, "pub_passo4", vista{UPT: b.Risposte.UPT(), Titolo: "Documenti", Passo: 4, Indietro: indietro(r, "/segnala/3"), Azione: azione(r),
		Errori: errori, V: struct {
			File      []fileBozza
			Rifiutati []rifiuto
			Restano   int
			Togli     string
		}{b.File, rifiutati, document.MaxFiles - len(b.File), dopo2(r, "/segnala/4/togli")}})
}

func (s *Server) passo4(w http.ResponseWriter, r *http.Request, _ chiaveBozza, b *bozza) error {
	return s.vediPasso4(w, r, http.StatusOK, b, nil)
}

// scrivi4 takes in the files chosen; "Aggiungi" comes back to the list, and so
// does a form with a file refused.
func (s *Server) scrivi4(w http.ResponseWriter, r *http.Request) error {
	in, err := s.ricevi(w, r, false)
	if err != nil {
		return err
	}
	return s.scriviBozzaIn(w, r, in.chiave, func(b aperta) (string, error) {
		in.unisci(b.bozza)
		b.Risposte.Documenti = true
		if len(in.rifiutati) > 0 {
			if err := b.salva(); err != nil {
				return "", err
			}
			return "", s.vediPasso4(w, r, http.StatusUnprocessableEntity, b.bozza, in.rifiutati)
		}
		if in.valori.Get("vai") == "aggiungi" {
			return dopo2(r, "/segnala/4") + "#documenti", nil
		}
		return "/segnala/5", nil
	})
}

// togliFile removes one file from the draft.
func (s *Server) togliFile(w http.ResponseWriter, r *http.Request) error {
	v, err := leggiModulo(w, r, nil)
	if err != nil {
		return err
	}
	id, err := vault.ParseID(v.Get("file"))
	if err != nil {
		return err
	}
	dopo := dopo2(r, "/segnala/4") + "#documenti"
	if v.Get("da") == "dati" {
		dopo = dopo2(r, "/segnala/5/dati") + "#delega"
	}
	return s.scriviBozza(w, r, func(b aperta) (string, error) {
		for i, f := range b.File {
			if f.ID == id {
				s.scarta(f)
				b.File = append(b.File[:i], b.File[i+1:]...)
				break
			}
		}
		return dopo, nil
	})
}

// quota bounds the disk that drafts take together. Past it attachments are
// refused in words, text never. It starts from zero with the program: what was
// left behind before is swept by its age.
type quota struct {
	massimo int64 // bytes
	mu      sync.Mutex
	giorni  map[day.Date]int64
}

const maxBozze = 8 << 30 // bytes of attachments not sent yet, in seven days

var errQuota = fault.New(fault.Unavailable, "Ora non abbiamo spazio per altri documenti. Puoi andare avanti senza e portarli allo sportello.")

// contato reads a file and books what it takes.
type contato struct {
	io.Reader
	q     *quota
	oggi  day.Date
	letti int64
}

func (q *quota) conta(r io.Reader, oggi day.Date) *contato {
	return &contato{Reader: r, q: q, oggi: oggi}
}

// Read books before it gives; past the quota it fails with errQuota.
func (c *contato) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.letti += int64(n)
	if !c.q.aggiungi(int64(n), c.oggi) {
		return 0, errQuota
	}
	return n, err
}

func (q *quota) aggiungi(n int64, oggi day.Date) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.giorni == nil {
		q.giorni = map[day.Date]int64{}
	}
	q.giorni[oggi] += n
	var tot int64
	for g, x := range q.giorni {
		if int(oggi-g) > 7 {
			delete(q.giorni, g)
		} else {
			tot += x
		}
	}
	return tot <= q.massimo
}

// togli gives back what was sent or removed, from the newest day on.
func (q *quota) togli(n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for g := range q.giorni {
		x := min(n, q.giorni[g])
		q.giorni[g] -= x
		n -= x
	}
}
