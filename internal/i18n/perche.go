package i18n

import (
	"fmt"

	"tutela/internal/day"
)

// Perche tells the steps of a count as sentences, in the order of the steps, so
// that who reads can do the sum again on a wall calendar. Each sentence has at
// most 20 words.
func Perche(passi []day.Passo) []string {
	frasi := make([]string, 0, len(passi)+1)
	giorni, contati, nota := 0, false, false
	for _, p := range passi {
		switch p.Cosa {
		case day.PassoInizio:
			giorni = p.N
			frasi = append(frasi, fmt.Sprintf("Si parte %s: il giorno iniziale non si conta%s.", dal(p.Dal), traParentesi(p.Fonte)))
		case day.PassoProroga:
			frasi = append(frasi, fmt.Sprintf("Il termine è di %s, più %s di proroga: si contano tutti dall'inizio.", Days(giorni), Number(p.N)))
		case day.PassoTetto:
			frasi = append(frasi, fmt.Sprintf("In tutto si contano al massimo %s.", Days(p.N)))
		case day.PassoConta:
			frasi = append(frasi, conta(p, contati))
			contati = true
			if p.Regola == string(day.Lavorativi) && !nota {
				frasi = append(frasi, nonLavorativi(p))
				nota = true
			}
		case day.PassoSospensione:
			frasi = append(frasi, sospensione(p))
		case day.PassoFestivo:
			frasi = append(frasi, festivo(p))
		case day.PassoFine:
			frasi = append(frasi, fine(p))
		}
	}
	return frasi
}

// conta tells a run of days; dopo, if other runs came before.
func conta(p day.Passo, dopo bool) string {
	altri, uno, molti := "", "giorno", "giorni"
	if p.Regola == string(day.Lavorativi) {
		uno, molti = "giorno lavorativo", "giorni lavorativi"
	}
	if dopo {
		altri = "ancora "
	}
	if p.N == 1 {
		return fmt.Sprintf("Si conta %s%s: %s.", altri, Plural(1, uno, molti), il(p.Dal))
	}
	return fmt.Sprintf("Si contano %s%s, %s %s.", altri, Plural(p.N, uno, molti), dal(p.Dal), al(p.Al))
}

func nonLavorativi(p day.Passo) string {
	if p.Nome == day.SabatoNome {
		return "Sabati, domeniche e festivi non si contano."
	}
	return "Domeniche e festivi non si contano."
}

func sospensione(p day.Passo) string {
	if p.Al.IsZero() {
		return fmt.Sprintf("Il termine è sospeso %s.", dal(p.Dal))
	}
	verbo := "contano"
	if p.N == 1 {
		verbo = "conta"
	}
	return fmt.Sprintf("Il termine si ferma %s e riprende %s: %s non si %s.", il(p.Dal), il(p.Al), Days(p.N), verbo)
}

func festivo(p day.Passo) string {
	giorno := capital(Date(p.Dal))
	switch {
	case p.Regola == day.RegolaSalto:
		return fmt.Sprintf("%s non si conta: %s%s.", giorno, p.Nome, traParentesi(p.Fonte))
	case p.Nome == day.SabatoNome:
		return giorno + " vale come festivo: si passa al giorno dopo."
	case p.Nome == day.DomenicaNome:
		return fmt.Sprintf("%s è festivo%s: si passa al giorno dopo.", giorno, traParentesi(p.Fonte))
	default:
		return fmt.Sprintf("%s è festivo%s: si passa al giorno dopo.", giorno, traParentesi(p.Nome+", "+p.Fonte))
	}
}

func fine(p day.Passo) string {
	switch {
	case !p.Dal.IsZero():
		return "La scadenza è " + Date(p.Dal) + "."
	case p.N == 0:
		return "I giorni sono già contati tutti: alla ripresa manca solo un giorno non festivo."
	case p.N == 1:
		return "Alla ripresa resta 1 giorno."
	default:
		return "Alla ripresa restano " + Days(p.N) + "."
	}
}

// traParentesi is " (s)", or nothing. A source that is the office itself is
// told in words.
func traParentesi(s string) string {
	switch s {
	case "":
		return ""
	case day.FonteEnte:
		s = "calendario dell'ente"
	}
	return " (" + s + ")"
}
