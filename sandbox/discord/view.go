package discord

// App returns the application's bot.
func (s *Server) App() User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.users[s.cfg.Application]
}

// Guilds returns the guilds a person is a member of, in the order they were
// added.
func (s *Server) Guilds(user string) []Guild {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Guild
	for _, g := range s.guilds {
		for _, m := range g.Members {
			if m == user {
				list = append(list, *g)
			}
		}
	}
	return list
}
