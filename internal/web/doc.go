// Package web serves the pages of one ente: those that anybody may open, those of
// who works, those of who administers. Pages are HTML made here; they work
// without scripts, which only make them quicker. Nothing here knows a term or an
// order of steps: forms, buttons and dates come from package pratica.
//
// # To add a page
//
//  1. A template in templates, named after its area (pub_, desk_, adm_), that
//     defines "main" with one h1 and, on a public page, may define "aside". What
//     several pages share is in parti*.html.
//  2. A struct with what the template shows, and nothing else: no maps, no logic in
//     the template. It embeds [Scrivania] for the frame of the staff or [Soglia]
//     for the one before sign-in; otherwise the frame is the public one and the
//     struct is a vista.
//  3. A method func (s *Server) x(w, r) error that fills it in and ends with
//     s.rendi. What goes wrong is returned as a fault: the door of the route
//     writes the page of the refusal. A form is read by leggiModulo, which says
//     what it admits.
//  4. A line in the area's table of routes, with the roles that may enter.
//
// # Styles, icons, scripts
//
// Static files are made by assets/build.sh and committed; {{asset "name"}} is an
// address that changes with them, so browsers keep them for ever. The policy
// refuses anything inline, data: or from elsewhere, and tests refuse it first. An
// icon is {{icona "name"}}, with words beside it; its name is in
// assets/icons.txt. Scripts look for data- attributes:
//
//   - data-stampa, on a hidden button: prints. data-copia="text": copies.
//   - data-limite="n", on a textarea: says how many characters are left, near the end.
//   - data-max="{{maxfile}}", on a file field: says at once that a file is too big.
//   - data-tasto="e", on a link or button: the key that presses it.
//   - data-count: how many rows are chosen. data-avvisa, on a form: asks before
//     leaving it half written. data-una, on a form: is sent once.
//   - data-oscura="field", on a hidden button: sends with the words that are
//     selected in that field.
//   - data-passkey="options", on a hidden form: asks for a passkey and sends its
//     answer (passkey.js).
//
// # To see it pass
//
// A journey in e2e/journeys opens the page and calls controlla: it must be valid,
// accessible, no wider than the screen and within the policy, at 1366 and 375
// pixels, with scripts and without.
package web
