package chatscript

import "strings"

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"clock-of": act(1, "clock-of ZONE: the shop's days begin and end there", func(args []string) error {
				cfg := *s.config
				cfg.Policies.Timezone = args[0]
				return s.reload(&cfg)
			}),
			"paste": act(1, "paste TEXT: into the only field of a form, | is a new line", func(args []string) error {
				return s.me().Fill([]string{strings.ReplaceAll(args[0], "|", "\n")})
			}),
		}
	})
}
