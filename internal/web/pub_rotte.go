package web

// rotteCittadino are the pages that anybody may open.
func (s *Server) rotteCittadino() []rotta {
	return []rotta{}
}
