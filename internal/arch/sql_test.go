package arch

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Many enti share one database. A statement over rows that belong to one must
// say whose they are, or reach them by an id that no other row of any ente has:
// then a forgotten condition cannot show one ente the cases of another.

// senzaEnte are the statements that may do without, each with the reason. The
// text is the statement's beginning.
var senzaEnte = map[string]string{
	"select n, gettoni from cerca order by n":                                "a job moves the search words of every ente into one index; lists filter what it finds",
	"select count(*) from (select 1 from cerca":                              "how long that tail is",
	"select p.n, x.id, x.atto, x.parte, x.scheda from":                       "Scritti names the cases, by numbers that no other ente's have",
	"delete from bozze where scade <= $1":                                    "expired drafts of every ente",
	"delete from sessioni where creata <= $1":                                "ended sessions of every ente",
	"delete from sessioni where mezza = 1":                                   "sign-ins left half way, of every ente",
	"update sessioni set stato = null where stato":                           "keys left unlocked, of every ente",
	"delete from token where scade <= $1":                                    "expired tokens of every ente",
	"delete from richieste where il < $1":                                    "old answers of every ente",
	"select dove from allegati":                                              "what the folder of files must keep, of every ente",
	"select p.ente, p.id, p.utente, p.nome":                                  "every caller of persone begins its condition with p.ente = $1",
	"select ente, config from enti":                                          "what is in force for every ente, read at start",
	"select coalesce(max(slot), 0) from pratiche":                            "the last key given, of any ente: no slot is given twice",
	"select ente, id from pratiche where scatto <= $1":                       "the timer of the program, whose terms lapse in every ente",
	"select a.il, a.pratica, a.persona, a.ufficio, a.come":                   "the condition of Accessi begins with a.ente = $1; Letture names the case",
	"select l.ente, l.n, l.registro":                                         "Scarti begins its condition with l.ente = $1; the program itself does what was approved in every ente",
	"delete from involucri where destinatario = $1 and pratica in (select n": "keys of sessions that are over, of every ente",
	"delete from siede where al < $1":                                        "who sat in them, of every ente",
}

// frase is one SQL statement of the store, as far as it is constant: what is
// computed stands as "?".
type frase struct {
	dove  string
	testo string
	where bool // its function asks access.Where, which binds the ente
}

var (
	creaTabella = regexp.MustCompile(`(?s)create table (\w+) \((.*?)\) (?:ROWS|SLIM);`)
	nomina      = regexp.MustCompile(`\b(?:from|join|into|update)\s+([a-z_]+)`)
	legaEnte    = regexp.MustCompile(`\b(?:[a-z]+\.)?ente\s*=\s*(?:any\()?[$?']|\(\s*(?:\w+,\s*)*ente\b`)
	perID       = regexp.MustCompile(`\b(?:[a-z]\.)?(?:n|id|a|k|hash|pratica|chiave)\s*(?:=|in)\s*(?:any\s*)?(?:\(\s*)?[$?]`)
	inizioSQL   = regexp.MustCompile(`^(?:select|insert|update|delete|with)\s`)
	spazi       = regexp.MustCompile(`\s+`)
)

// tabelleDiEnte are the tables whose rows name their ente.
func tabelleDiEnte(t *testing.T) []string {
	t.Helper()
	var out []string
	files, err := filepath.Glob(filepath.Join(radice, "internal/store/migrations/*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	for _, f := range files {
		rel, err := filepath.Rel(radice, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range creaTabella.FindAllStringSubmatch(leggi(t, rel), -1) {
			if regexp.MustCompile(`(?m)^\s*ente text`).MatchString(m[2]) {
				out = append(out, m[1])
			}
		}
	}
	if !slices.Contains(out, "pratiche") || !slices.Contains(out, "persone") {
		t.Fatalf("tables of an ente: %v: the test does not see them", out)
	}
	return out
}

func TestSQLNamesTheEnte(t *testing.T) {
	tabelle := tabelleDiEnte(t)
	usate := map[string]bool{}
	viste := 0
	for _, f := range frasiSQL(t) {
		delEnte := slices.ContainsFunc(nomina.FindAllStringSubmatch(f.testo, -1), func(m []string) bool { return slices.Contains(tabelle, m[1]) })
		if !delEnte {
			continue
		}
		viste++
		if f.where || legaEnte.MatchString(f.testo) || perID.MatchString(f.testo) {
			continue
		}
		if k := eccezione(f.testo); k != "" {
			usate[k] = true
			continue
		}
		t.Errorf("%s: %q names no ente and no id: add the ente, or the reason in internal/arch", f.dove, f.testo)
	}
	if viste < 40 {
		t.Errorf("only %d statements over tables of an ente: the test does not see them", viste)
	}
	for k := range senzaEnte {
		if !usate[k] {
			t.Errorf("no statement begins with %q any more: take it off the list", k)
		}
	}
}

// The wrong statement that the test above would meet, and the right ones.
func TestLegaEnte(t *testing.T) {
	for q, buona := range map[string]bool{
		"select x from pratiche p where p.ente = $1 and p.codice = $2": true,
		"select x from pratiche p where p.codice = $1":                 false,
		"select x from pratiche p where p.id = $1":                     true,
		"select x from pratiche p where p.n in (?)":                    true,
		"select x from compiti c join pratiche p on p.n = c.pratica":   false,
		"select x from persone p join incarichi i on i.ente = p.ente":  false,
		"insert into vede (ente, ufficio) values ($1,$2)":              true,
		"insert into persone (id, nome) values ($1,$2)":                false,
		"update persone set nome = $1 where utente = $2":               false,
	} {
		if got := legaEnte.MatchString(q) || perID.MatchString(q); got != buona {
			t.Errorf("%q: %v", q, got)
		}
	}
}

func eccezione(q string) string {
	for k := range senzaEnte {
		if strings.HasPrefix(q, k) {
			return k
		}
	}
	return ""
}

// frasiSQL finds the statements in the sources of the store: every string that
// begins as SQL does, joined to what is added to it in the same expression.
func frasiSQL(t *testing.T) []frase {
	t.Helper()
	var out []frase
	costanti := map[string]string{}
	for giro := range 2 { // constants may be made of constants
		for _, s := range tutti(t) {
			if s.test() || s.dir() != "internal/store" {
				continue
			}
			for _, d := range s.ast.Decls {
				g, ok := d.(*ast.GenDecl)
				if ok && g.Tok == token.CONST {
					for _, sp := range g.Specs {
						v := sp.(*ast.ValueSpec)
						for i, e := range v.Values {
							costanti[v.Names[i].Name] = testo(e, costanti)
						}
					}
				}
				if giro == 0 {
					continue
				}
				f, ok := d.(*ast.FuncDecl)
				chiede := ok && chiama(f, "access", "Where")
				ast.Inspect(d, func(n ast.Node) bool {
					e, ok := n.(ast.Expr)
					if !ok {
						return true
					}
					switch e.(type) {
					case *ast.BasicLit, *ast.BinaryExpr:
					default:
						return true
					}
					q := strings.TrimSpace(spazi.ReplaceAllString(testo(e, costanti), " "))
					if inizioSQL.MatchString(q) {
						out = append(out, frase{s.path + ":" + strconv.Itoa(s.riga(e.Pos())), q, chiede})
						return false
					}
					return true
				})
			}
		}
	}
	return out
}

// testo is the constant part of an expression of strings.
func testo(e ast.Expr, costanti map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, _ := strconv.Unquote(e.Value)
			return s
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return testo(e.X, costanti) + testo(e.Y, costanti)
		}
	case *ast.ParenExpr:
		return testo(e.X, costanti)
	case *ast.Ident:
		if s, ok := costanti[e.Name]; ok {
			return s
		}
	}
	return "?"
}

func chiama(f *ast.FuncDecl, pkg, nome string) bool {
	trovata := false
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == nome {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == pkg {
				trovata = true
			}
		}
		return !trovata
	})
	return trovata
}

// Bounds of what may differ between the databases, beside the writer and the index of
// words, which are each engine's own.
const (
	maxForkFile = 5
	maxForkCode = 0 // all is behind motore and indice
)

func TestDialectForks(t *testing.T) {
	var file []string
	for _, m := range []string{"sqlite", "postgres"} {
		f, err := filepath.Glob(filepath.Join(radice, "internal/store/migrations/*."+m+".sql"))
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, f...)
	}
	if len(file) == 0 || len(file) > maxForkFile {
		t.Errorf("%d migrations for one engine alone (at most %d): %v", len(file), maxForkFile, file)
	}
	var codice []string
	for _, s := range tutti(t) {
		if s.test() || s.dir() != "internal/store" {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if i, ok := n.(*ast.IfStmt); ok && guardaMotore(i.Cond) {
				codice = append(codice, s.path+":"+strconv.Itoa(s.riga(i.Pos())))
			}
			return true
		})
	}
	if len(codice) > maxForkCode {
		t.Errorf("%d queries differ by engine (at most %d): %v", len(codice), maxForkCode, codice)
	}
}

// guardaMotore reports whether a condition asks which engine it runs on.
func guardaMotore(e ast.Expr) bool {
	trovato := false
	ast.Inspect(e, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "pg" {
			trovato = true
		}
		return !trovato
	})
	return trovato
}

// What one engine has and the other has not, or does differently without a word.
var nonPortatili = regexp.MustCompile(`(?i)\b(now\(\)|current_timestamp|ilike|skip locked|datetime\(|strftime\(|select \* from (?:\w)|autoincrement|serial)\b`)

func TestPortableSQL(t *testing.T) {
	for _, f := range frasiSQL(t) {
		if m := nonPortatili.FindString(f.testo); m != "" {
			t.Errorf("%s: %q is not in both databases, or reads columns by their place", f.dove, m)
		}
	}
}
