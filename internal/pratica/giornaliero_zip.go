package pratica

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"tutela/internal/access"
	"tutela/internal/day"
	"tutela/internal/fault"
)

// EsportaGiornalieri gives the registers of days between two as a package to be
// preserved. That it was taken out is on record.
//
// ref: dpr445-2000 art. 53 c. 3
func (s *Servizio) EsportaGiornalieri(ctx context.Context, chi access.Chi, nome string, dal, al day.Date) ([]byte, error) {
	if !MayGiornaliero(chi, nome) {
		return nil, errRegistro
	}
	if err := s.annota(ctx, chi, 0, ReadExport, "", ""); err != nil {
		return nil, err
	}
	b, _, err := ImballaGiornalieri(ctx, s.Arch, chi.Ente, nome, dal, al)
	return b, err
}

// ImballaGiornalieri makes the package, and says of how many days: each document as it was fixed, a page made from
// it for who reads without a program, an index of hashes that sha256sum checks, and what
// it all is. The same days give the same bytes.
func ImballaGiornalieri(ctx context.Context, arch ArchivioGiornalieri, ente, nome string, dal, al day.Date) ([]byte, int, error) {
	var giorni []Giornaliero // the last first
	for prima := al.Add(1); ; {
		gg, err := arch.Giornalieri(ctx, ente, nome, prima, pagina)
		if err != nil {
			return nil, 0, err
		}
		for _, g := range gg {
			if g.Giorno >= dal {
				giorni = append(giorni, g)
			}
		}
		if len(gg) < pagina || gg[len(gg)-1].Giorno < dal {
			break
		}
		prima = gg[len(gg)-1].Giorno
	}
	if len(giorni) == 0 {
		return nil, 0, fault.New(fault.NotFound, "Tra quei giorni non c'è nessun registro giornaliero.")
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	var somme, indice bytes.Buffer
	indice.WriteString("file,giorno,registrazioni,annotazioni,fatto,sha256\r\n")
	metti := func(nome string, il time.Time, b []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: nome, Method: zip.Deflate, Modified: il.UTC()})
		if err == nil {
			_, err = w.Write(b)
		}
		fmt.Fprintf(&somme, "%x  %s\n", sha256.Sum256(b), nome)
		return err
	}
	ultimo := giorni[0].Il
	for i := len(giorni) - 1; i >= 0; i-- {
		g, err := arch.Giornaliero(ctx, ente, nome, giorni[i].Giorno)
		if err != nil {
			return nil, 0, err
		}
		h := sha256.Sum256(g.Testo)
		if !bytes.Equal(h[:], g.Hash) {
			return nil, 0, fmt.Errorf("the register of %s is not the one that was fixed", g.Giorno)
		}
		pagina, err := g.Pagina()
		if err != nil {
			return nil, 0, err
		}
		if err := metti(g.NomeFile(), g.Il, g.Testo); err != nil {
			return nil, 0, fmt.Errorf("write the package: %w", err)
		}
		if err := metti(strings.TrimSuffix(g.NomeFile(), ".xml")+".html", g.Il, pagina); err != nil {
			return nil, 0, fmt.Errorf("write the package: %w", err)
		}
		fmt.Fprintf(&indice, "%s,%s,%d,%d,%s,%x\r\n", g.NomeFile(), g.Giorno, g.Numeri, g.Annotazioni, g.Il.UTC().Format(time.RFC3339), g.Hash)
	}
	for _, x := range []struct {
		nome string
		b    []byte
	}{{"indice.csv", indice.Bytes()}, {"LEGGIMI.txt", []byte(leggimiGiornalieri)}} {
		if err := metti(x.nome, ultimo, x.b); err != nil {
			return nil, 0, fmt.Errorf("write the package: %w", err)
		}
	}
	w, err := z.CreateHeader(&zip.FileHeader{Name: "SHA256SUMS", Method: zip.Deflate, Modified: ultimo.UTC()})
	if err == nil {
		_, err = w.Write(somme.Bytes())
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, 0, fmt.Errorf("write the package: %w", err)
	}
	return out.Bytes(), len(giorni), nil
}

// NomePacchetto is how the package of some days is called.
func NomePacchetto(nome string, dal, al day.Date) string {
	return "registro-giornaliero-" + nome + "-" + dal.String() + "-" + al.String() + ".zip"
}

const leggimiGiornalieri = `Registro giornaliero di protocollo.

Ogni file .xml è il registro di un giorno, come è stato fissato: testo UTF-8, una registrazione per riga. Il file .html
con lo stesso nome dice le stesse cose, per chi legge senza programmi. Fa fede il file .xml.

numero     il numero dato        istante   quando, in tempo universale (UTC)
arrivo     il giorno di arrivo   atto      che cosa è stato registrato
tipo, presidio, struttura, canale          codici dell'ente; mancano nel registro dell'UPT
mittente   pseudonimo: SHA-256 di un sale e del nome. Il sale sta con la segnalazione, e finisce con lei
impronta   SHA-256 del contenuto registrato, come è conservato
foglia     il posto della registrazione nel registro che nessuno può riscrivere
precedente il registro giornaliero prima di questo, con il suo SHA-256

Le annotazioni dicono che cosa è stato corretto o annullato in quel giorno, anche di numeri dati prima.

Per controllare i file: sha256sum -c SHA256SUMS
L'impronta di ogni registro giornaliero è anche nel registro dell'ente: la controlla «tutela registro verify».
`

// giornoLetto is the register of a day, read again from its bytes.
type giornoLetto struct {
	Ente     string `xml:"ente,attr"`
	Registro string `xml:"registro,attr"`
	Giorno   string `xml:"giorno,attr"`
	Prima    struct {
		Giorno string `xml:"giorno,attr"`
		SHA256 string `xml:"sha256,attr"`
	} `xml:"precedente"`
	Righe []rigaGiorno `xml:",any"`
}

type rigaGiorno struct {
	XMLName   xml.Name
	Numero    string `xml:"numero,attr"`
	Istante   string `xml:"istante,attr"`
	Atto      string `xml:"atto,attr"`
	Causa     string `xml:"causa,attr"`
	Arrivo    string `xml:"arrivo,attr"`
	Tipo      string `xml:"tipo,attr"`
	Presidio  string `xml:"presidio,attr"`
	Struttura string `xml:"struttura,attr"`
	Canale    string `xml:"canale,attr"`
	Mittente  string `xml:"mittente,attr"`
	Impronta  string `xml:"impronta,attr"`
}

// Pagina is a page that says what the document says, for who reads without a program.
func (g Giornaliero) Pagina() ([]byte, error) {
	var l giornoLetto
	if err := xml.Unmarshal(g.Testo, &l); err != nil {
		return nil, fmt.Errorf("read the register of %s: %w", g.Giorno, err)
	}
	titolo := escape("Registro giornaliero " + l.Registro + " del " + l.Giorno)
	var b bytes.Buffer
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"it\"><head><meta charset=\"utf-8\"><title>%s</title></head><body>\n<h1>%s</h1>\n<p>Ente: %s. SHA-256 del documento: %x.", titolo, titolo, escape(l.Ente), g.Hash)
	if l.Prima.Giorno != "" {
		fmt.Fprintf(&b, " Quello prima è del %s.", escape(l.Prima.Giorno))
	}
	b.WriteString("</p>\n<table border=\"1\"><thead><tr>")
	for _, t := range []string{"Numero", "Istante (UTC)", "Atto", "Arrivo", "Tipo", "Luogo", "Come", "Mittente (pseudonimo)", "Impronta"} {
		fmt.Fprintf(&b, "<th>%s</th>", t)
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, r := range l.Righe {
		if r.XMLName.Local == "precedente" {
			continue
		}
		b.WriteString("<tr>")
		for _, t := range []string{r.Numero, r.Istante, strings.TrimSpace(r.Atto + " " + r.Causa), r.Arrivo, r.Tipo, strings.TrimSpace(r.Presidio + " " + r.Struttura), r.Canale, r.Mittente, r.Impronta} {
			fmt.Fprintf(&b, "<td>%s</td>", escape(t))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></body></html>\n")
	return b.Bytes(), nil
}
