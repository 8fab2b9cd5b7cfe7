package config

// Posts is what is asked of what creators write about products, and of the test
// task of those who want to become one. It is checked at once, and says what to do.
type Posts struct {
	// Photos, at least: 1 to 3.
	Photos Count `yaml:"photos" rule:"is=count" default:"1"`
	// Pixels of the shorter side of a photo, at least: 1 to 1000.
	Side Count `yaml:"side" rule:"is=count" default:"400"`
	// Characters of the words, at least.
	Short Count `yaml:"short" rule:"is=count" default:"80"`
	// Characters of the words, at most: up to 1000.
	Long Count `yaml:"long" rule:"is=count" default:"900"`
	// Posts of a creator in a day, at most.
	PerDay Count `yaml:"per_day" rule:"is=count" default:"3"`
	// Words that promise something, as guaranteed. Where a product's own listing does not say them, a post about it may not.
	Promises []string `yaml:"promises" rule:"most=100"`
	// Words that hold a post, a review, a question or an answer back until a moderator has looked at it, by language: that of its author, or the shop's where theirs has no list. Under und they count in every language. With * at its end a word counts however it goes on.
	HeldWords map[string][]string `yaml:"held_words" rule:"key=language,each=held-words"`
}
