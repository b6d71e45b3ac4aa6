package regolamento

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxErrori is how many errors a file is told at once.
const maxErrori = 20

// lettore reads a tree into structs strictly: an unknown key, a missing value
// or a value of another sort is an error with its line.
type lettore struct {
	*sorgente
	nodi map[string]*yaml.Node // by path, for what is checked after reading
	errs []error
}

// daNodo is a type that reads itself.
type daNodo interface {
	daNodo(l *lettore, n *yaml.Node, via string)
}

func (l *lettore) sbaglia(n *yaml.Node, formato string, a ...any) {
	if len(l.errs) < maxErrori {
		l.errs = append(l.errs, l.errore(n, formato, a...))
	}
}

// qui is sbaglia at a path; if the path is not in the file, at the nearest one
// above it.
func (l *lettore) qui(via, formato string, a ...any) {
	for l.nodi[via] == nil && via != "" {
		via = via[:max(0, strings.LastIndexByte(via, '/'))]
	}
	n := l.nodi[via]
	if n == nil {
		n = l.radice
	}
	l.sbaglia(n, formato, a...)
}

func (l *lettore) c(via string) bool { return l.nodi[via] != nil }

func (l *lettore) err() error { return errors.Join(l.errs...) }

// leggi reads n into what v points to.
func (l *lettore) leggiIn(n *yaml.Node, v any, via string) {
	l.valore(n, reflect.ValueOf(v).Elem(), via)
}

func (l *lettore) valore(n *yaml.Node, v reflect.Value, via string) {
	l.nodi[via] = n
	if d, ok := v.Addr().Interface().(daNodo); ok {
		d.daNodo(l, n, via)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(l.testo(n))
	case reflect.Int:
		var i int
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Decode(&i) != nil {
			l.sbaglia(n, "qui serve un numero intero")
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		var b bool
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" || n.Decode(&b) != nil {
			l.sbaglia(n, "qui serve true o false")
		}
		v.SetBool(b)
	case reflect.Slice:
		l.lista(n, v, via)
	case reflect.Struct:
		l.struttura(n, v, via)
	default:
		panic("regolamento: no reading for " + v.Kind().String())
	}
}

func (l *lettore) testo(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || strings.TrimSpace(n.Value) == "" {
		l.sbaglia(n, "qui serve un testo (tra virgolette, se è un numero)")
		return ""
	}
	return n.Value
}

// lista accepts one value alone as a list of one.
func (l *lettore) lista(n *yaml.Node, v reflect.Value, via string) {
	voci := n.Content
	if n.Kind == yaml.ScalarNode {
		voci = []*yaml.Node{n}
	} else if n.Kind != yaml.SequenceNode || len(voci) == 0 {
		l.sbaglia(n, "qui serve un elenco con almeno una voce")
		return
	}
	s := reflect.MakeSlice(v.Type(), len(voci), len(voci))
	for i, c := range voci {
		l.valore(c, s.Index(i), fmt.Sprintf("%s/%d", via, i))
	}
	l.nodi[via] = n
	v.Set(s)
}

func (l *lettore) struttura(n *yaml.Node, v reflect.Value, via string) {
	if !l.mappa(n) {
		return
	}
	campi, nomi := campiDi(v.Type())
	for i := 0; i < len(n.Content); i += 2 {
		k := n.Content[i].Value
		j, ok := campi[k]
		if !ok {
			l.sbaglia(n.Content[i], "chiave sconosciuta %q%s", k, forse(k, nomi))
			continue
		}
		l.valore(n.Content[i+1], v.Field(j), via+"/"+k)
	}
}

func (l *lettore) mappa(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode {
		l.sbaglia(n, "qui servono chiavi e valori")
		return false
	}
	return true
}

// campiDi gives the keys of a struct by its tags.
func campiDi(t reflect.Type) (map[string]int, []string) {
	m, nomi := map[string]int{}, []string{}
	for i := range t.NumField() {
		if k := t.Field(i).Tag.Get("yaml"); k != "" && k != "-" {
			m[k] = i
			nomi = append(nomi, k)
		}
	}
	return m, nomi
}

// elenco is a map whose order matters.
type elenco[T any] []voce[T]

type voce[T any] struct {
	nome string
	val  T
}

func (e *elenco[T]) daNodo(l *lettore, n *yaml.Node, via string) {
	if !l.mappa(n) {
		return
	}
	for i := 0; i < len(n.Content); i += 2 {
		v := voce[T]{nome: n.Content[i].Value}
		l.nome(n.Content[i])
		l.leggiIn(n.Content[i+1], &v.val, via+"/"+v.nome)
		*e = append(*e, v)
	}
}

// nome refuses names that could not stand in an address, a table or a script.
func (l *lettore) nome(n *yaml.Node) {
	for i, c := range n.Value {
		ok := c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '_' || c == '-')
		if !ok || len(n.Value) > 40 {
			l.sbaglia(n, "nome %q non ammesso: usa lettere minuscole senza accenti, cifre, _ e -, al massimo 40", n.Value)
			return
		}
	}
}

func (c *Condizioni) daNodo(l *lettore, n *yaml.Node, via string) {
	var e elenco[[]string]
	e.daNodo(l, n, via)
	for _, v := range e {
		*c = append(*c, Condizione{Attributo: v.nome, Valori: v.val})
	}
}

func (c *Chi) daNodo(l *lettore, n *yaml.Node, via string) {
	if n.Kind != yaml.MappingNode {
		l.leggiIn(n, &c.Attori, via)
		return
	}
	var e elenco[Condizioni]
	e.daNodo(l, n, via)
	if len(e) != 1 {
		l.sbaglia(n, "la scelta di chi fa l'atto dipende da un solo attributo")
		return
	}
	c.Attributo, c.Scelta = e[0].nome, e[0].val
}

// daNodo reads the four ways of setting an attribute: a value, "?" (asked),
// "?value" (asked, with what it is if nothing is said), a list (asked, among
// these).
func (p *Ponendi) daNodo(l *lettore, n *yaml.Node, via string) {
	var e elenco[[]string]
	e.daNodo(l, n, via)
	for _, v := range e {
		x := Pone{Attributo: v.nome, Valori: v.val}
		if c := l.nodi[via+"/"+v.nome]; c.Kind == yaml.ScalarNode && len(v.val) == 1 {
			x.Valori = nil
			if dopo, chiesto := strings.CutPrefix(v.val[0], "?"); chiesto {
				x.Predefinito = dopo
			} else {
				x.Fisso = v.val[0]
			}
		}
		*p = append(*p, x)
	}
}

// forse is a suggestion for a misspelt word, empty if nothing is near.
func forse(parola string, tra []string) string {
	vicina, meglio := "", max(1, len(parola)/3)+1
	for _, t := range tra {
		if d := distanza(parola, t); d < meglio {
			vicina, meglio = t, d
		}
	}
	if vicina == "" {
		return ""
	}
	return fmt.Sprintf(" (forse %q?)", vicina)
}

// distanza is the number of letters to add, drop, change or swap with the next
// one, to make b of a.
func distanza(a, b string) int {
	prima, riga := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range riga {
		riga[j] = j
	}
	var due []int
	for i := range len(a) {
		due, prima, riga = prima, riga, slices.Clone(riga)
		riga[0] = i + 1
		for j := range len(b) {
			costo := 1
			if a[i] == b[j] {
				costo = 0
			}
			riga[j+1] = min(prima[j]+costo, prima[j+1]+1, riga[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				riga[j+1] = min(riga[j+1], due[j-1]+1)
			}
		}
	}
	return riga[len(b)]
}
