package config

import (
	"time"

	"github.com/soukchat/souk/commerce"
)

// Config is everything an admin describes. The comments of its fields are the
// text of docs/configuration.md and of the JSON Schema.
type Config struct {
	// The shop itself.
	Shop Shop `yaml:"shop"`
	// How the shop is paid.
	Stripe Stripe `yaml:"stripe"`
	// Where orders, stock and people are kept.
	Database Database `yaml:"database"`
	// Where carts and conversations are kept.
	Redis Redis `yaml:"redis"`
	// Where pictures are kept.
	Media Media `yaml:"media"`
	// Address the program listens on, as 127.0.0.1:8080.
	Listen string `yaml:"listen"`
	// The bots, by a name of your choice: each one account on one platform.
	Bots map[string]Bot `yaml:"bots"`
	// The communities, by a name of your choice.
	Communities map[string]Community `yaml:"communities"`
	// The brands that sell, by a name of your choice.
	Brands map[string]Brand `yaml:"brands"`
	// The creators whose picks are shown, by a name of your choice.
	Creators map[string]Creator `yaml:"creators"`
	// Who may see and do more than a member.
	Staff []Staff `yaml:"staff"`
	// How the shop behaves.
	Policies Policies `yaml:"policies"`
	// Texts to say differently: by language, then by the text's id.
	Texts map[string]map[string]string `yaml:"texts"`
}

// Shop is the shop itself.
type Shop struct {
	Name     string `yaml:"name"`     // what members read
	URL      string `yaml:"url"`      // public https address of this program
	Currency string `yaml:"currency"` // ISO 4217, as EUR
	Language string `yaml:"language"` // default language, BCP 47
}

// Stripe holds the account's keys.
type Stripe struct {
	SecretKey         commerce.Secret `yaml:"secret_key"`
	WebhookSecret     commerce.Secret `yaml:"webhook_secret"`
	WebhookSecretFile string          `yaml:"webhook_secret_file"` // may hold several, one a line, while they rotate
}

// Database says where the truth is kept.
type Database struct {
	URL commerce.Secret `yaml:"url"` // sqlite:souk.db or postgres://…
}

// Redis says where carts and conversations are kept.
type Redis struct {
	URL commerce.Secret `yaml:"url"` // redis://host:6379/0
}

// Media says where pictures are kept.
type Media struct {
	Dir string `yaml:"dir"`
}

// Bot is one account on one platform.
type Bot struct {
	Telegram *Telegram `yaml:"telegram"`
	Discord  *Discord  `yaml:"discord"`
}

// Telegram is a bot's account there.
type Telegram struct {
	Token    commerce.Secret `yaml:"token"`
	Username string          `yaml:"username"` // without @
}

// Discord is an application's account there.
type Discord struct {
	Application string          `yaml:"application"` // application id
	PublicKey   string          `yaml:"public_key"`  // 64 hexadecimal digits
	Token       commerce.Secret `yaml:"token"`
}

// Community is a group of people in one or more chats.
type Community struct {
	Name     string   `yaml:"name"`
	Chats    []Chat   `yaml:"chats"`
	Brands   []string `yaml:"brands"`   // whose products are shown; none means all
	Featured []string `yaml:"featured"` // creators whose picks are posted in the chats
}

// Chat is a group a bot is in.
type Chat struct {
	Bot    string `yaml:"bot"`
	ID     string `yaml:"id"`
	Thread string `yaml:"thread"` // forum topic, where picks are posted
}

// Brand sells products.
type Brand struct {
	Name     string              `yaml:"name"`
	Feed     string              `yaml:"feed"`    // file beside the YAML, or https address, of the product feed
	Digital  bool                `yaml:"digital"` // sells what is not shipped
	Zones    map[string][]string `yaml:"zones"`   // names for groups of countries
	Shipping []Shipping          `yaml:"shipping"`
	Tax      Tax                 `yaml:"tax"`
}

// Shipping is one way to send a brand's parcel.
type Shipping struct {
	Name     string   `yaml:"name"`
	Price    Amount   `yaml:"price"`
	FreeFrom Amount   `yaml:"free_from"` // value of the brand's goods from which it costs nothing
	To       []string `yaml:"to"`        // zones and countries; none means everywhere
	Days     string   `yaml:"days"`      // as 2–4
}

// Tax is what the state takes of a brand's sales.
type Tax struct {
	Name     string    `yaml:"name"`     // as VAT
	Included bool      `yaml:"included"` // prices hold it already
	Rates    []TaxRate `yaml:"rates"`    // the first that fits is taken
}

// TaxRate is a percentage for some countries.
type TaxRate struct {
	To      []string `yaml:"to"`      // zones and countries; none means everywhere
	Percent Amount   `yaml:"percent"` // as 19 or 5.5
}

// Creator recommends products.
type Creator struct {
	Name    string `yaml:"name"`
	Bio     string `yaml:"bio"`
	Picture string `yaml:"picture"` // file beside the YAML, or https address
	Picks   []Pick `yaml:"picks"`
}

// Pick is one recommendation.
type Pick struct {
	ID       string     `yaml:"id"` // keeps the pick the same when its title changes
	Title    string     `yaml:"title"`
	Text     string     `yaml:"text"`
	Picture  string     `yaml:"picture"`
	Products []PickItem `yaml:"products"` // a handle, or product with variant
	Featured bool       `yaml:"featured"`
}

// PickItem is a product of a pick.
type PickItem struct {
	Brand   string `yaml:"brand"`   // needed only where two brands use the same handle
	Product string `yaml:"product"` // the feed's handle
	Variant string `yaml:"variant"` // as Small, or Small / Red; none leaves the choice to the member
}

// Staff is a person with a role.
type Staff struct {
	Name     string `yaml:"name"`
	Role     string `yaml:"role"`     // admin, brand or moderator
	Brand    string `yaml:"brand"`    // with role brand: which one
	Telegram string `yaml:"telegram"` // numeric account id
	Discord  string `yaml:"discord"`  // numeric account id
}

// Policies is how the shop behaves.
type Policies struct {
	Hold       Duration `yaml:"hold"`        // how long goods are kept for who pays, 5m to 29m
	PostEvery  Duration `yaml:"post_every"`  // at most one post in a group in this time
	QuietHours string   `yaml:"quiet_hours"` // no posts then, as 22:00-08:00
	Timezone   string   `yaml:"timezone"`    // of the quiet hours, as Europe/Berlin
	KeepOrders Duration `yaml:"keep_orders"` // how long the law wants orders kept, as 87600h
}

// Amount is a plain decimal number as it was written, as 4.90.
type Amount string

// Duration is a time span as Go writes it, as 15m.
type Duration time.Duration
