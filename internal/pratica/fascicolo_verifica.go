package pratica

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"tutela/internal/registro"
	"tutela/internal/vault"
)

// Bounds of a package that comes from outside, in bytes unpacked.
const (
	maxManifesto = 16 << 20
	maxPezzo     = 64 << 20
	maxPacco     = 2 << 30
	maxPezzi     = 20_000
)

// FascicoloVerificato is what a package proves.
type FascicoloVerificato struct {
	Manifesto
	Checkpoint registro.Checkpoint // the last signed state that its acts stand in
	Documenti  int
	Taciuti    int // contents that its acts have and it does not
}

// VerificaFascicolo checks a package with nothing but the published keys of the ente's
// log: that each act is in the log and follows the one before, that the words and the
// documents are those the acts brought, that the index says just that, and that nothing
// else is in it. What is not so is a registro.Finding. Acts after the last one are not
// missed: who asks for a case asks of which day.
func VerificaFascicolo(z *zip.Reader, published ...string) (FascicoloVerificato, error) {
	var out FascicoloVerificato
	p, err := apriPacco(z)
	if err != nil {
		return out, err
	}
	out.Manifesto = p.m
	var prima *Registrato
	var apertura *Apertura
	var voci []voceIndice
	for i, a := range p.m.Atti {
		x, check, scritti, err := p.atto(a, i, apertura, prima, published)
		if err != nil {
			return out, err
		}
		if i == 0 {
			if apertura = x.Atto.Apertura; apertura == nil {
				return out, registro.Wrong("Il primo atto non apre la pratica.")
			}
			if NumeroRegistro(apertura.Registro, apertura.Anno, apertura.Numero) != p.m.Numero || apertura.Registro != p.m.Registro || x.Atto.Ente != p.m.Ente {
				return out, registro.Wrong("Il numero scritto sul fascicolo non è quello della pratica.")
			}
		}
		if check.Size > out.Checkpoint.Size {
			out.Checkpoint = check
		}
		out.Documenti += len(a.Documenti)
		out.Taciuti += len(x.Atto.Contenuti) - len(scritti)
		voci, prima = append(voci, voceIndice{x.Atto, scritti}), &x
	}
	if prima == nil {
		return out, registro.Wrong("Il fascicolo non ha atti.")
	}
	return out, p.resto(voci)
}

// resto checks the index, and that no file is there that no act has.
func (p *paccoLetto) resto(voci []voceIndice) error {
	b, err := p.leggi(nomeIndice, maxPezzo)
	if err != nil {
		return err
	}
	if !bytes.Equal(b, indice(p.m, voci)) {
		return registro.Wrong("«%s» non dice quello che dicono gli atti.", nomeIndice)
	}
	suoi := map[string]bool{nomeIndice: true, nomeManifesto: true}
	for _, a := range p.m.Atti {
		suoi[a.Busta], suoi[a.Ricevuta] = true, true
		for _, c := range a.Contenuti {
			suoi[c.Testo] = true
		}
		for _, d := range a.Documenti {
			suoi[d.File] = true
		}
	}
	for _, nome := range slices.Sorted(maps.Keys(p.file)) {
		if !suoi[nome] {
			return registro.Wrong("«%s» non è di nessun atto.", nome)
		}
	}
	return nil
}

// paccoLetto is a package that was opened: its manifest and its files, by name.
type paccoLetto struct {
	m    Manifesto
	file map[string]*zip.File
}

func apriPacco(z *zip.Reader) (*paccoLetto, error) {
	p := &paccoLetto{file: map[string]*zip.File{}}
	var tutto uint64
	for _, f := range z.File {
		if p.file[f.Name] != nil {
			return nil, registro.Wrong("Nel pacco c'è due volte «%s».", f.Name)
		}
		p.file[f.Name] = f
		tutto += f.UncompressedSize64
	}
	if tutto > maxPacco || len(z.File) > maxPezzi {
		return nil, registro.Wrong("Il pacco è troppo grande per essere un fascicolo.")
	}
	b, err := p.leggi(nomeManifesto, maxManifesto)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p.m); err != nil || d.More() || p.m.V != VersioneFascicolo {
		return nil, registro.Wrong("«%s» non si legge: non è un fascicolo di questo programma.", nomeManifesto)
	}
	for _, nome := range slices.Sorted(maps.Keys(p.file)) {
		if nome == nomeManifesto {
			continue
		}
		vuole, ok := p.m.File[nome]
		if !ok {
			return nil, registro.Wrong("Nel pacco c'è un file in più: «%s».", nome)
		}
		if ha, err := p.digest(nome); err != nil || ha != vuole {
			return nil, registro.Wrong("«%s» è stato cambiato.", nome)
		}
	}
	for _, nome := range slices.Sorted(maps.Keys(p.m.File)) {
		if p.file[nome] == nil {
			return nil, registro.Wrong("Nel pacco manca «%s».", nome)
		}
	}
	return p, nil
}

func (p *paccoLetto) apri(nome string, limite int64) (io.ReadCloser, error) {
	f := p.file[nome]
	if f == nil {
		return nil, registro.Wrong("Nel pacco manca «%s».", nome)
	}
	r, err := f.Open()
	if err != nil {
		return nil, registro.Wrong("«%s» non si apre.", nome)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, limite+1), r}, nil
}

func (p *paccoLetto) leggi(nome string, limite int64) ([]byte, error) {
	r, err := p.apri(nome, limite)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || int64(len(b)) > limite {
		return nil, registro.Wrong("«%s» non si legge, o è troppo grande.", nome)
	}
	return b, nil
}

func (p *paccoLetto) digest(nome string) (string, error) {
	r, err := p.apri(nome, maxPacco)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, r.Close())
}

// atto checks an act of the package against its receipt and the one before.
func (p *paccoLetto) atto(a AttoProvato, i int, apertura *Apertura, prima *Registrato, published []string) (x Registrato, c registro.Checkpoint, scritti []string, err error) {
	chi := fmt.Sprintf("L'atto %d", i+1)
	busta, err := p.leggi(a.Busta, maxPezzo)
	if err != nil {
		return x, c, nil, err
	}
	h := sha256.Sum256(busta)
	x.Busta, x.Hash = busta, h[:]
	if x.Atto, err = DecodeBusta(busta); err != nil {
		return x, c, nil, registro.Wrong("%s non si legge.", chi)
	}
	b, err := p.leggi(a.Ricevuta, maxPezzo)
	if err != nil {
		return x, c, nil, err
	}
	ricevuta, err := registro.ParseReceipt(b)
	if err != nil {
		return x, c, nil, registro.Wrong("%s: la prova non si legge.", chi)
	}
	leaf, c, err := ricevuta.Verify(published...)
	if err != nil {
		return x, c, nil, registro.Wrong("%s: la prova non vale con questa chiave (%v).", chi, err)
	}
	x.Sale = leaf.Sale[:]
	foglia := registro.HashText([]byte(ricevuta.Leaf))
	x.Foglia = foglia[:]
	if apertura == nil {
		apertura = x.Atto.Apertura
	}
	if sua, err := x.Leaf(leaf.Log, apertura, prima).Hash(); err != nil || sua != foglia {
		return x, c, nil, registro.Wrong("%s non è quello della sua prova.", chi)
	}
	if x.Atto.Seq != i+1 || a.Seq != i+1 || prima != nil && (!bytes.Equal(x.Atto.Prima, prima.Hash) || x.Atto.Pratica != prima.Atto.Pratica) {
		return x, c, nil, registro.Wrong("%s non segue quello prima: ne manca uno, o è di un'altra pratica.", chi)
	}
	if scritti, err = p.contenuti(a, x.Atto, chi); err != nil {
		return x, c, nil, err
	}
	return x, c, scritti, p.documenti(a, x.Atto, chi)
}

// contenuti checks the words against what the act sealed, and gives them.
func (p *paccoLetto) contenuti(a AttoProvato, atto Atto, chi string) (scritti []string, err error) {
	detti := map[int]bool{}
	for _, c := range a.Contenuti {
		i := slices.IndexFunc(atto.Contenuti, func(im Impronta) bool { return im.N == c.N })
		if i < 0 || detti[c.N] {
			return nil, registro.Wrong("%s non ha il contenuto %d, o l'ha una volta sola.", chi, c.N)
		}
		detti[c.N] = true
		h, k := sha256.Sum256(c.Sigillato), sha256.Sum256(c.K)
		testo, err := vault.OpenRevealed(c.K, c.Sigillato)
		if !bytes.Equal(h[:], atto.Contenuti[i].Hash) || !bytes.Equal(k[:], atto.Contenuti[i].K) || err != nil {
			return nil, registro.Wrong("%s: il contenuto %d non è quello che era stato scritto.", chi, c.N)
		}
		scritto, err := p.leggi(c.Testo, maxPezzo)
		if err != nil {
			return nil, err
		}
		if string(scritto) != testo {
			return nil, registro.Wrong("%s: le parole in «%s» non sono quelle che erano state scritte.", chi, c.Testo)
		}
		scritti = append(scritti, testo)
	}
	return scritti, nil
}

// documenti checks the documents against what the act brought.
func (p *paccoLetto) documenti(a AttoProvato, atto Atto, chi string) error {
	for _, d := range a.Documenti {
		i := slices.IndexFunc(atto.Allegati, func(f FileBusta) bool { return f.ID == d.ID })
		digest, err := p.digest(d.File)
		if err != nil {
			return err
		}
		b, err := hex.DecodeString(digest)
		if i < 0 || err != nil || !bytes.Equal(provaFile(d.Sale, [32]byte(b)), atto.Allegati[i].Prova) {
			return registro.Wrong("%s: il documento «%s» non è quello che era stato allegato.", chi, d.Nome)
		}
	}
	if len(a.Documenti) < len(atto.Allegati) {
		return registro.Wrong("%s: manca un documento.", chi)
	}
	return nil
}
