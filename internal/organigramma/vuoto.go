package organigramma

// Vuoto is the chart of an ente that has not imported one yet: no unit, no site.
// Reports then go to the URP aziendale.
func Vuoto() *Versione { return costruisci(nil, nil, nil) }
