package day

import "time"

// traccia collects the steps of a count while the loop counts. On a nil traccia
// nothing is collected, so that the same loop serves those who want no reasons.
type traccia struct {
	passi []Passo
	corsa int // index+1 of the run being counted; 0 if none is open
}

func (t *traccia) inizio(k Conto) {
	if t == nil {
		return
	}
	t.passi = make([]Passo, 0, 8)
	t.add(Passo{Cosa: PassoInizio, Dal: k.Dal, N: k.Giorni, Fonte: fonteTermini})
	if k.Concessi > 0 {
		t.add(Passo{Cosa: PassoProroga, Dal: k.Dal, N: k.Concessi})
	}
}

func (t *traccia) tetto(n int) {
	if t != nil {
		t.add(Passo{Cosa: PassoTetto, N: n})
	}
}

func (t *traccia) conta(d Date, k *Conto) {
	if t == nil {
		return
	}
	if t.corsa == 0 {
		p := Passo{Cosa: PassoConta, Dal: d, Regola: string(Solari)}
		if k.Computo == Lavorativi {
			p.Regola = string(Lavorativi)
			if k.SabatoFestivo {
				p.Nome = SabatoNome
			}
		}
		t.add(p)
		t.corsa = len(t.passi)
	}
	p := &t.passi[t.corsa-1]
	p.Al = d
	p.N++
}

// sospende adds d to the suspension under way, or opens one.
func (t *traccia) sospende(d Date) {
	if t == nil {
		return
	}
	t.corsa = 0
	if p := &t.passi[len(t.passi)-1]; p.Cosa == PassoSospensione && p.Al == d-1 {
		p.Al = d
		p.N++
		return
	}
	t.add(Passo{Cosa: PassoSospensione, Dal: d - 1, Al: d, N: 1})
}

// ferma ends the steps at d, the first day of a suspension still open.
func (t *traccia) ferma(d Date, resta int) {
	if t == nil {
		return
	}
	t.add(Passo{Cosa: PassoSospensione, Dal: d - 1})
	t.add(Passo{Cosa: PassoFine, N: resta})
}

// salta notes a day that is not counted. Saturdays and Sundays need no note.
func (t *traccia) salta(c *Calendario, d Date) {
	if t == nil || d.Weekday() == time.Sunday {
		return
	}
	if r := c.riga(d, false); r.nome != "" {
		t.add(Passo{Cosa: PassoFestivo, Dal: d, Nome: r.nome, Regola: RegolaSalto, Fonte: r.fonte})
	}
}

// scorre notes a last day that moves on.
func (t *traccia) scorre(c *Calendario, d Date) {
	if t == nil {
		return
	}
	nome, fonte, ok := c.Festivo(d)
	if !ok {
		nome = SabatoNome
	}
	t.add(Passo{Cosa: PassoFestivo, Dal: d, Nome: nome, Regola: RegolaScorre, Fonte: fonte})
}

func (t *traccia) fine(d Date) {
	if t != nil {
		t.add(Passo{Cosa: PassoFine, Dal: d})
	}
}

func (t *traccia) add(p Passo) { t.passi = append(t.passi, p) }
