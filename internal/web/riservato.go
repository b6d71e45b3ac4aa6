package web

import (
	"fmt"
	"io"
)

// What these hold about people reaches a page through its template and nothing
// else: printed whole, into a log or an error, each is "[riservato]". A page has
// it from its frame.

func riserva(s fmt.State) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (Scrivania) Format(s fmt.State, _ rune) { riserva(s) }

// Format prints [riservato] for every verb.
func (Soglia) Format(s fmt.State, _ rune) { riserva(s) }

func (vista) Format(s fmt.State, _ rune)              { riserva(s) }
func (bozza) Format(s fmt.State, _ rune)              { riserva(s) }
func (fileBozza) Format(s fmt.State, _ rune)          { riserva(s) }
func (ricevutaBozza) Format(s fmt.State, _ rune)      { riserva(s) }
func (risposte) Format(s fmt.State, _ rune)           { riserva(s) }
func (invio) Format(s fmt.State, _ rune)              { riserva(s) }
func (invioAtto) Format(s fmt.State, _ rune)          { riserva(s) }
func (invioNuova) Format(s fmt.State, _ rune)         { riserva(s) }
func (presi) Format(s fmt.State, _ rune)              { riserva(s) }
func (rifiuto) Format(s fmt.State, _ rune)            { riserva(s) }
func (esitoInsieme) Format(s fmt.State, _ rune)       { riserva(s) }
func (sospeso) Format(s fmt.State, _ rune)            { riserva(s) }
func (sessioneSegui) Format(s fmt.State, _ rune)      { riserva(s) }
func (moduloSegui) Format(s fmt.State, _ rune)        { riserva(s) }
func (lettera) Format(s fmt.State, _ rune)            { riserva(s) }
func (segVista) Format(s fmt.State, _ rune)           { riserva(s) }
func (rigaLavoro) Format(s fmt.State, _ rune)         { riserva(s) }
func (composizione) Format(s fmt.State, _ rune)       { riserva(s) }
func (composto) Format(s fmt.State, _ rune)           { riserva(s) }
func (maschera) Format(s fmt.State, _ rune)           { riserva(s) }
func (pezzo) Format(s fmt.State, _ rune)              { riserva(s) }
func (decisione) Format(s fmt.State, _ rune)          { riserva(s) }
func (admSegreto) Format(s fmt.State, _ rune)         { riserva(s) }
func (tavolo) Format(s fmt.State, _ rune)             { riserva(s) }
func (lavoroCopia) Format(s fmt.State, _ rune)        { riserva(s) }
func (paginaDecisa) Format(s fmt.State, _ rune)       { riserva(s) }
func (passaggio) Format(s fmt.State, _ rune)          { riserva(s) }
func (documentoMandabile) Format(s fmt.State, _ rune) { riserva(s) }
