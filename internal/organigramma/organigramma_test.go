package organigramma

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"tutela/internal/day"
	"tutela/internal/fault"

	"github.com/google/go-cmp/cmp"
)

var oggi = day.Of(2025, time.March, 3)

func TestTree(t *testing.T) {
	v := carica(t, cremona)
	if d := cmp.Diff([]string{"SC-20801", "DIP-AREA-SERVIZI-DIAGNOSTICI", "DIR-SAN", "DIR-GEN"}, v.Sopra("21101")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"SC-20801", "21101", "22601"}, v.Sotto("SC-20801")); d != "" {
		t.Error(d)
	}
	if v.Sopra("none") != nil || v.Sotto("none") != nil || len(v.Sopra("DIR-GEN")) != 0 {
		t.Error("an absent id has relatives, or a root has ancestors")
	}
	for _, u := range v.Units() {
		for _, su := range v.Sopra(u.ID) {
			if !slices.Contains(v.Sotto(su), u.ID) || !v.Contiene(su, u.ID) || v.Contiene(u.ID, su) {
				t.Errorf("Sopra, Sotto and Contiene differ on %s and %s", u.ID, su)
			}
		}
	}
}

func TestLifeIsInclusive(t *testing.T) {
	v := carica(t, cremona)
	conta := func(d day.Date) int { return len(v.Attive(d)) }
	// The README of the data: 3 units close on 30 September, 2 open on 1 October.
	set, ott := conta(day.Of(2022, time.September, 30)), conta(day.Of(2022, time.October, 1))
	if set-3+2 != ott {
		t.Errorf("%d units on the last of September, %d the day after", set, ott)
	}
	dic, gen := conta(day.Of(2022, time.December, 31)), conta(day.Of(2023, time.January, 1))
	if dic != gen {
		t.Errorf("%d units on the last of December, %d the day after; 4 close and 4 open", dic, gen)
	}
}

func TestMacrostruttura(t *testing.T) {
	v := carica(t, cremona)
	for id, want := range map[string]string{
		"21101":            "DIP-AREA-SERVIZI-DIAGNOSTICI", // SS in an SC in a department
		"DIP-AREA-MEDICA":  "DIP-AREA-MEDICA",
		"53101":            "DIR-GEN", // staff
		"51202":            "DIR-SAN",
		"71103":            "DSS", // SD in the district, which is staff
		"54301":            "DIP-TECNICO-AMMINISTRATIVO",
		"FUN02":            "DMS01",
		"726-10901":        "", // another body
		"DIP-INT-DMTE":     "DIP-INT-DMTE",
		"none":             "",
		"SC-10901-0309080": "",
	} {
		if got := v.Macrostruttura(id, oggi); got != want {
			t.Errorf("%s stands under %q, want %q", id, got, want)
		}
	}
	chiuso, _ := importa(testaU+dg+"DIP,1,dipartimento,D,DG,,,,attiva,,2024-12-31,,\nA,1,SC,A,DIP,,,,attiva,,,,\n", "", "")
	if a, b := chiuso.Macrostruttura("A", day.Of(2024, time.December, 31)), chiuso.Macrostruttura("A", oggi); a != "DIP" || b != "DG" {
		t.Errorf("before and after the department closes: %q, %q", a, b)
	}
}

func TestCerca(t *testing.T) {
	v := carica(t, cremona)
	for domanda, want := range map[string]string{
		"pronto soccorso poc":            "SC-21501",
		"PRONTO SOCCORSO OGLIO":          "",      // the unit states no site
		"qualità":                        "52701", // accents and case do not count
		"QUALITA":                        "52701",
		"radiologia casalmaggiore":       "SC-26901-03027300", // name and town of the site
		"relazione pubblico":             "53101",
		"ufficio relazione col pubb":     "53101",
		"53101":                          "53101",
		"farmacia":                       "30601", // the same name comes first
		"neuro":                          "13201",
		"vaccinazioni":                   "63102", // closed units come last
		"chirurgia di cremona toracica ": "10904", // small words do not count
		"   ":                            "",
		"xyzzy":                          "",
		"\x00\xff":                       "",
	} {
		got := ""
		if trovate := v.Cerca(domanda, 3); len(trovate) > 0 {
			got = trovate[0].ID
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", domanda, got, want)
		}
	}
	if len(v.Cerca("di", 3)) == 0 {
		t.Error("a small word alone counts, and found nothing")
	}
	if n := len(v.Cerca("chirurgia", 3)); n != 3 {
		t.Errorf("%d found, want 3", n)
	}
	if n := len(v.Cerca("chirurgia", -1)); n != 0 {
		t.Errorf("%d found, want none", n)
	}
	if s := v.CercaSedi("casa comunita soresina", 5); len(s) != 1 || s[0].Codice != "CDC-SORESINA" {
		t.Errorf("%v", s)
	}
}

func TestRoute(t *testing.T) {
	v := carica(t, cremona)
	ospedale := Ufficio{Unita: "51202", Presidi: []string{"03090800"}}
	oglioPo := Ufficio{Unita: "51201", Presidi: []string{"03027300"}}
	mentale := Ufficio{Unita: "31701", Strutture: []string{"DMS01"}}
	distretto := Ufficio{Unita: "75001"}
	uffici := []Ufficio{oglioPo, ospedale, mentale, distretto}
	casi := []struct {
		nome, presidio, unita string
		want                  Percorso
		dice                  string
	}{
		{"by site", "03090800", "SC-21501", Percorso{"03090800", "SC-21501", "DIP-AREA-EMERGENZA-URGENZA", "51202", nil}, "segue il presidio"},
		{"by the unit's own site", "", "SC-10801-03027300", Percorso{"03027300", "SC-10801-03027300", "DIP-AREA-MEDICA", "51201", nil}, "quello della struttura"},
		{"by an ancestor, before the site", "03090800", "14002", Percorso{"03090800", "14002", "DMS01", "31701", nil}, "comprende la struttura"},
		{"by the unit below", "", "86003", Percorso{"TER72400", "86003", "DSS", "75001", nil}, "sta sotto"},
		{"its own", "03090800", "51201", Percorso{"03090800", "51201", "DIR-SAN", "51201", nil}, "segue questa struttura"},
		{"nobody's", "", "54301", Percorso{"", "54301", "DIP-TECNICO-AMMINISTRATIVO", "", nil}, "URP aziendale"},
		{"site alone", "03027300", "", Percorso{"03027300", "", "", "51201", nil}, "scelta a mano"},
		{"nothing", "", "", Percorso{}, "scelta a mano"},
		{"words of a name", "presidio ospedaliero di cremona (poc)", "ONCOLOGIA", Percorso{"03090800", "16401", "DIP-AREA-ONCOLOGICA", "51202", nil}, "Il nome indica"},
		{"words that are not a whole name", "03090800", "chirurgia", Percorso{"03090800", "", "", "51202", nil}, "scelta a mano"},
		{"successor", "", "22601", Percorso{"", "22602", "DIP-AREA-SERVIZI-DIAGNOSTICI", "", nil}, "va confermata"},
		{"successor elsewhere", "", "63101", Percorso{"03072400", "63102", "DSS", "", nil}, "le succede"},
		{"another body", "", "726-10901", Percorso{"03020900", "726-10901", "", "", nil}, "altro ente"},
	}
	for _, c := range casi {
		got := v.Route(c.presidio, c.unita, oggi, uffici)
		perche := strings.Join(got.Perche, "\n")
		got.Perche = nil
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s\n%s", c.nome, d, perche)
		}
		if !strings.Contains(perche, c.dice) {
			t.Errorf("%s: no %q in\n%s", c.nome, c.dice, perche)
		}
	}
}

// Two units that bear one name are told apart by the site, or not at all.
func TestRouteDoesNotGuess(t *testing.T) {
	v, _ := importa(testaU+dg+"A,1,SC,Radiologia,DG,,OSP,,attiva,,,,\nB,1,SC,Radiologia,DG,,OSQ,,attiva,,,,\n", "",
		testaS+osp+"OSQ,Altro,ospedale,,,attivo,si,\n")
	for presidio, want := range map[string]string{"": "", "OSP": "A", "altro": "B"} {
		if got := v.Route(presidio, "radiologia", oggi, nil).Struttura; got != want {
			t.Errorf("at %q: %q, want %q", presidio, got, want)
		}
	}
}

// The words of who reports may hold anything: no sentence repeats them.
func TestRouteDoesNotRepeatWords(t *testing.T) {
	p := carica(t, cremona).Route("Rossi Mario", "stanza della signora Bianchi", oggi, nil)
	if perche := strings.Join(p.Perche, " "); strings.Contains(perche, "Rossi") || strings.Contains(perche, "Bianchi") {
		t.Error(perche)
	}
}

func TestSuccessionLoopEnds(t *testing.T) {
	v, _ := importa(testaU+"A,1,SC,A,,,,,attiva,,2020-01-01,,\nB,1,SC,B,,,,,attiva,,2020-01-01,,\n", testaR+"A,B,successione,\nB,A,successione,\n", "")
	if p := v.Route("", "A", oggi, nil); p.Struttura != "B" {
		t.Errorf("%+v", p)
	}
}

func TestAlias(t *testing.T) {
	v := carica(t, cremona)
	const testa = "presidio,unita,id_unita,codice_presidio\n"
	con, errori := v.ConAlias(strings.NewReader(testa + "Ospedale maggiore,Accettazione,54301,03090800\nOspedale maggiore,,,03090800\n,Sportello rosa,16402,\n"))
	if con == nil {
		t.Fatal(errori)
	}
	for _, c := range [][3]string{
		{"ospedale MAGGIORE", "accettazione", "54301"},
		{"03090800", "accettazione", "54301"},
		{"altrove", "accettazione", ""},
		{"altrove", "sportello rosa", "16402"},
	} {
		if got := con.Route(c[0], c[1], oggi, nil).Struttura; got != c[2] {
			t.Errorf("%v: %q", c, got)
		}
	}
	if got := con.Route("ospedale maggiore", "qualcosa", oggi, nil); got.Presidio != "03090800" || got.Struttura != "" {
		t.Errorf("%+v", got)
	}
	if trovate := con.Cerca("sportello rosa", 1); len(trovate) != 1 || trovate[0].ID != "16402" {
		t.Errorf("%v", trovate)
	}
	if con.Hash() != v.Hash() || len(v.Cerca("sportello rosa", 1)) != 0 {
		t.Error("the chart itself changed")
	}
	for riga, dice := range map[string]string{"a,b,54302,\n": "«54302»", "a,b,,X1\n": "«X1»", ",,54301,\n": "parole", "a,b,,\n": "significano", "a,b,54301,\nA,B,53101,\n": "già"} {
		if _, errori := v.ConAlias(strings.NewReader(testa + riga)); len(errori) != 1 || !strings.Contains(errori[0].Messaggio, dice) {
			t.Errorf("%q: %v", riga, errori)
		}
	}
}

func TestApriRefusesWhatIsNotCanonical(t *testing.T) {
	v := carica(t, cremona)
	for nome, b := range map[string][]byte{
		"nothing":       nil,
		"another field": []byte(`{"formato":1,"altro":1}`),
		"another form":  bytes.Replace(v.Canonical(), []byte(`"formato":1`), []byte(`"formato":2`), 1),
		"a space":       append([]byte(" "), v.Canonical()...),
		"a lost parent": bytes.Replace(v.Canonical(), []byte(`"padre":"DIR-AMM"`), []byte(`"padre":"DIR-BMM"`), 1),
	} {
		if got, err := Apri(b); err == nil || got != nil || !fault.Is(err, fault.Internal) {
			t.Errorf("%s: %v", nome, err)
		}
	}
}

func TestDiff(t *testing.T) {
	a, _ := importa(testaU+dg+
		"DS,2,direzione,Direzione Sanitaria,DG,gerarchica,,,attiva,,,,\n"+
		"A,3,SC,Radiologia,DG,staff,OSP,,attiva,,,,\n"+
		"B,4,SC,Pediatria,DG,staff,,,attiva,,,,\n"+
		"C,5,SS,Dialisi,DG,staff,,,attiva,2020-01-01,,,\n", testaR+"A,B,funzionale,x\nA,C,funzionale,x\n", testaS+osp)
	b, errori := importa(testaU+dg+
		"C,5,SC,Dialisi,DG,gerarchica,,,attiva,,2026-06-30,,\n"+
		"DS,2,direzione,Direzione Sanitaria,DG,gerarchica,,,attiva,,,,altra fonte\n"+
		"A,9,SC,Radiologia e TAC,DS,staff,OSQ,,attiva,,,,\n"+
		"D,6,SS,Mammografia,A,gerarchica,,,attiva,,,,\n", testaR+"A,C,funzionale,x\nA,D,funzionale,x\n", testaS+"OSQ,Nuovo,ospedale,,,attivo,si,\n")
	if b == nil {
		t.Fatal(errori)
	}
	want := []Differenza{
		{Spostata, "C", "«Dialisi» (C) cambia afferenza: da staff a gerarchica."},
		{Classe, "C", "«Dialisi» (C) cambia tipo: da SS a SC."},
		{Apertura, "C", "«Dialisi» (C) non ha più una data di inizio."},
		{Chiusura, "C", "«Dialisi» (C) chiude: l'ultimo giorno è il 30 giugno 2026."},
		{Rinominata, "A", "«Radiologia» (A) ora si chiama «Radiologia e TAC»."},
		{Spostata, "A", "«Radiologia e TAC» (A) passa sotto «Direzione Sanitaria»."},
		{Codice, "A", "«Radiologia e TAC» (A) cambia codice: da 3 a 9."},
		{Trasferita, "A", "«Radiologia e TAC» (A) cambia sede: da «Ospedale» a «Nuovo»."},
		{Aperta, "D", "Si apre «Mammografia» (D) sotto «Radiologia e TAC»."},
		{Tolta, "B", "«Pediatria» (B) non c'è più."},
		{SedeAperta, "OSQ", "Si aggiunge la sede «Nuovo» (OSQ)."},
		{SedeTolta, "OSP", "La sede «Ospedale» (OSP) non c'è più."},
		{Collegamenti, "", "Relazioni fra unità: 1 nuove, 1 tolte."},
	}
	if d := cmp.Diff(want, Diff(a, b)); d != "" {
		t.Error(d)
	}
	if d := Diff(b, b); len(d) != 0 {
		t.Error(d)
	}
}

func BenchmarkRoute(b *testing.B) {
	v := carica(b, cremona)
	uffici := []Ufficio{{Unita: "51202", Presidi: []string{"03090800"}}, {Unita: "51201", Presidi: []string{"03027300"}}}
	for b.Loop() {
		v.Route("03090800", "SC-21501", oggi, uffici)
	}
}

func BenchmarkCerca(b *testing.B) {
	v := carica(b, cremona)
	for b.Loop() {
		v.Cerca("radiologia cremona", 20)
	}
}

func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		carica(b, cremona)
	}
}
