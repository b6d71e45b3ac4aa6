package vault

import "strings"

// stopWords say nothing of what a text is about: articles, prepositions,
// pronouns, conjunctions, and the commonest forms of essere, avere, fare, stare.
// They are written as Parole folds them, without accents.
var stopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`
		il lo la gli le un uno una dei degli delle
		di del dello della da dal dallo dalla dai dagli dalle al allo alla ai agli alle
		in nel nello nella nei negli nelle con col coi su sul sullo sulla sui sugli sulle per tra fra
		io tu lui lei noi voi loro egli ella esso essa essi esse me mi te ti se si ci vi ne li
		mio mia miei mie tuo tua tuoi tue suo sua suoi sue nostro nostra nostri nostre vostro vostra vostri vostre
		questo questa questi queste quest quello quella quelli quelle quel quei quegli cio
		che chi cui quale quali quanto quanta quanti quante
		ed od ma anche pure pero quindi dunque perche poiche come dove quando mentre se ne non piu
		dell all dall nell sull un coll
		sono sei siamo siete era ero eri eravamo eravate erano fui fu fummo furono sia siano essere stato stata stati state
		sara saro sarai saremo sarete saranno sarei sarebbe sarebbero fosse fossi fossero essendo
		ho hai ha abbiamo avete hanno aveva avevo avevi avevamo avevate avevano avere avuto avuta avendo
		ebbi ebbe ebbero avro avrai avra avremo avrete avranno avrei avrebbe avrebbero abbia abbiano avesse avessi avessero
		fa fare fatto faccio fanno sto sta stanno stare stava stavo
		tutto tutta tutti tutte ad ecco gia poi cosi`) {
		m[w] = true
	}
	return m
}()
