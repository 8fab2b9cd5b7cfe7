package config

import (
	"github.com/soukchat/souk/commerce"
)

// Config is everything an admin describes.
type Config struct {
	// The shop itself.
	Shop Shop `yaml:"shop" rule:"required"`
	// How the shop is paid.
	Stripe Stripe `yaml:"stripe" rule:"required"`
	// Where orders, stock and people are kept.
	Database Database `yaml:"database"`
	// Where carts and conversations are kept. Nothing that matters is lost when it is emptied.
	Redis Redis `yaml:"redis"`
	// Where pictures are kept.
	Media Media `yaml:"media"`
	// Address and port the program listens on.
	Listen string `yaml:"listen" rule:"is=listen" default:"127.0.0.1:8080"`
	// The bots, by a name of your choice: each one account on one platform.
	Bots map[string]Bot `yaml:"bots" rule:"required,key=name,min=1"`
	// The communities, by a name of your choice.
	Communities map[string]Community `yaml:"communities" rule:"key=name"`
	// The brands that sell, by a name of your choice.
	Brands map[string]Brand `yaml:"brands" rule:"required,key=name,min=1"`
	// The creators whose picks are shown, by a name of your choice.
	Creators map[string]Creator `yaml:"creators" rule:"key=name"`
	// Codes that take something off, by a name of your choice.
	Promotions map[string]Promotion `yaml:"promotions" rule:"key=name"`
	// Offers that members claim with a tap, by a name of your choice.
	Offers map[string]Offer `yaml:"offers" rule:"key=name"`
	// Drops of limited goods, by a name of your choice.
	Drops map[string]Drop `yaml:"drops" rule:"key=name"`
	// What the points that members are given are worth.
	Points Points `yaml:"points"`
	// What creators earn from what is bought because of them.
	Earnings Earnings `yaml:"earnings"`
	// The tiers of members who buy often.
	Loyalty Loyalty `yaml:"loyalty"`
	// What is asked of creators who want samples.
	Exchange Exchange `yaml:"exchange"`
	// The gift cards that are sold.
	GiftCards GiftCards `yaml:"giftcards"`
	// Who may see and do more than a member.
	Staff []Staff `yaml:"staff"`
	// How the shop behaves.
	Policies Policies `yaml:"policies"`
	// Texts to say differently: by language, then by the text's id.
	Texts map[string]map[string]string `yaml:"texts" rule:"key=language,each=texts"`

	origin origin
}

// Shop is the shop itself.
type Shop struct {
	// What members read.
	Name string `yaml:"name" rule:"required,max=48"`
	// Public address of this program, where Telegram, Discord and Stripe reach it.
	URL string `yaml:"url" rule:"required,is=url"`
	// Currency of all prices, ISO 4217.
	Currency string `yaml:"currency" rule:"required,is=currency"`
	// Language of members whose own is not spoken here, BCP 47.
	Language string `yaml:"language" rule:"is=language" default:"en"`
}

// Stripe holds the account's keys.
type Stripe struct {
	// Secret or restricted key of the API.
	SecretKey commerce.Secret `yaml:"secret_key" rule:"is=stripe-key"`
	// File that holds the key.
	SecretKeyFile string `yaml:"secret_key_file" rule:"is=secret-file"`
	// Signing secret of the webhook endpoint.
	WebhookSecret commerce.Secret `yaml:"webhook_secret" rule:"is=stripe-webhook"`
	// File that holds the signing secret: several while they rotate, one a line. `souk doctor --fix` writes it.
	WebhookSecretFile string `yaml:"webhook_secret_file" rule:"is=path"`
}

// Database says where the truth is kept.
type Database struct {
	// SQLite in a file, or PostgreSQL: sqlite:souk.db or postgres://user:${PASSWORD}@host:5432/souk.
	URL commerce.Secret `yaml:"url" rule:"is=database" default:"sqlite:souk.db"`
	// File that holds the address.
	URLFile string `yaml:"url_file" rule:"is=secret-file"`
}

// Redis says where carts and conversations are kept.
type Redis struct {
	// Address of the server, as redis://host:6379/0.
	URL commerce.Secret `yaml:"url" rule:"is=redis" default:"redis://127.0.0.1:6379/0"`
	// File that holds the address.
	URLFile string `yaml:"url_file" rule:"is=secret-file"`
}

// Media says where pictures are kept.
type Media struct {
	// Folder of the pictures.
	Dir string `yaml:"dir" rule:"is=path" default:"media"`
}

// Bot is one account on one platform.
type Bot struct {
	// An account on Telegram.
	Telegram *Telegram `yaml:"telegram"`
	// An application on Discord.
	Discord *Discord `yaml:"discord"`
}

// Telegram is a bot's account there.
type Telegram struct {
	// Token that BotFather gave.
	Token commerce.Secret `yaml:"token" rule:"is=telegram-token"`
	// File that holds the token.
	TokenFile string `yaml:"token_file" rule:"is=secret-file"`
	// The bot's name without @.
	Username string `yaml:"username" rule:"required,is=username"`
	// Token of the payment provider, which must be Stripe with the account above: BotFather gives it (/mybots, Payments). With it orders can be paid in the chat.
	ProviderToken commerce.Secret `yaml:"provider_token" rule:"is=provider-token"`
	// File that holds the provider token.
	ProviderTokenFile string `yaml:"provider_token_file" rule:"is=secret-file"`
}

// Discord is an application's account there.
type Discord struct {
	// Application id, from the developer portal.
	Application string `yaml:"application" rule:"required,is=snowflake"`
	// Public key of the application: 64 hexadecimal digits.
	PublicKey string `yaml:"public_key" rule:"required,is=public-key"`
	// Token of the application's bot.
	Token commerce.Secret `yaml:"token" rule:"is=discord-token"`
	// File that holds the token.
	TokenFile string `yaml:"token_file" rule:"is=secret-file"`
}

// Community is a group of people in one or more chats.
type Community struct {
	// What members read.
	Name string `yaml:"name" rule:"required,max=48"`
	// The groups and channels it meets in.
	Chats []Chat `yaml:"chats"`
	// Brands whose products are shown; none means all.
	Brands []string `yaml:"brands" rule:"each=name,most=25"`
	// Creators whose picks are posted in the chats and shown to those who follow nobody.
	Featured []string `yaml:"featured" rule:"each=name,most=25"`
	// Days of the week on which its chats take posts, as [mon, tue]; none means every day.
	PostDays []string `yaml:"post_days" rule:"each=weekday,most=7"`
	// Hours of the day in which its chats take posts; none means all but policies.quiet_hours. Planned posts wait for the next.
	PostHours string `yaml:"post_hours" rule:"is=hours"`
	// Time zone of its days and hours, policies.timezone where there is none.
	Timezone string `yaml:"timezone" rule:"is=timezone"`
}

// Chat is a group or a channel a bot is in.
type Chat struct {
	// Name of the bot.
	Bot string `yaml:"bot" rule:"required,is=name"`
	// The chat's id: of a Telegram group as "-1001234567890", of a Discord channel as "1234567890123456789".
	ID string `yaml:"id" rule:"required,is=chat"`
	// Telegram forum topic where picks are posted.
	Thread string `yaml:"thread" rule:"is=thread"`
}

// Brand sells products.
type Brand struct {
	// What members read.
	Name string `yaml:"name" rule:"required,max=48"`
	// Product feed: a file beside the YAML, or an https address. Shopify CSV, Google Merchant TSV or XML.
	Feed string `yaml:"feed" rule:"is=file"`
	// Whether it sells what is not shipped. Telegram lets digital goods be sold for its Stars only, so they are not offered there. Discord wants what an app sells as paid features offered through its Premium Apps too, at no higher price (since 7 October 2024): ask a lawyer before you sell digital goods there.
	Digital bool `yaml:"digital"`
	// Products that are neither shipped nor digital, as tickets and courses, by their handles or tags in the feed. Whatever else the feed says is not shipped counts as digital: it is not offered on Telegram.
	Services []string `yaml:"services" rule:"each=text,most=100"`
	// Names for groups of countries, used in `to` below: country codes, or EU for all of the European Union.
	Zones map[string][]string `yaml:"zones" rule:"key=zone,each=countries"`
	// Ways to send a parcel, the first being the one proposed.
	Shipping []Shipping `yaml:"shipping" rule:"most=25"`
	// What the state takes.
	Tax Tax `yaml:"tax"`
	// How it stands on receipts and invoices.
	Invoice BrandInvoice `yaml:"invoice"`
	// Prices instead of the feed's: for a time, for some communities. The first that fits is taken.
	Prices []Price `yaml:"prices"`
	// How it is paid for what it sells here.
	Payout BrandPayout `yaml:"payout"`
}

// Shipping is one way to send a brand's parcel.
type Shipping struct {
	// What members read.
	Name string `yaml:"name" rule:"required,max=48"`
	// What it costs; 0 is free.
	Price Amount `yaml:"price" rule:"required,is=amount"`
	// Value of the brand's goods from which it costs nothing.
	FreeFrom Amount `yaml:"free_from" rule:"is=amount"`
	// Zones and countries it goes to; none means everywhere.
	To []string `yaml:"to" rule:"each=place"`
	// What it costs in other currencies, by currency: for goods that have a price in them.
	Prices map[string]Amount `yaml:"prices" rule:"key=currency,each=amount"`
	// How many days it takes, as 2–4.
	Days string `yaml:"days" rule:"max=24"`
}

// Tax is what the state takes of a brand's sales.
type Tax struct {
	// What members read, as VAT.
	Name string `yaml:"name" rule:"max=24"`
	// Whether prices hold it already.
	Included bool `yaml:"included"`
	// The first that fits the country is taken.
	Rates []TaxRate `yaml:"rates"`
	// Whether Stripe Tax says how much it is, instead of rates. While it does not answer nothing is sold.
	Stripe bool `yaml:"stripe"`
}

// TaxRate is a percentage for some countries.
type TaxRate struct {
	// Zones and countries; none means everywhere.
	To []string `yaml:"to" rule:"each=place"`
	// The rate, as 19 or 5.5.
	Percent Amount `yaml:"percent" rule:"required,is=percent"`
}

// Creator recommends products.
type Creator struct {
	// What members read.
	Name string `yaml:"name" rule:"required,max=48"`
	// A few words about them.
	Bio string `yaml:"bio" rule:"max=500"`
	// A file beside the YAML, or an https address.
	Picture string `yaml:"picture" rule:"is=file"`
	// A code they give to their followers: something off, and the sale is theirs where nobody else recommended it.
	Code *CreatorCode `yaml:"code"`
	// Numeric account id on Telegram of the person, who then posts from the chat and earns. One account is enough: they link the others.
	Telegram string `yaml:"telegram" rule:"is=account"`
	// Numeric account id on Discord of the person, instead.
	Discord string `yaml:"discord" rule:"is=snowflake"`
	// What they recommend, the oldest first.
	Picks []Pick `yaml:"picks"`
}

// Pick is one recommendation.
type Pick struct {
	// Keeps the pick the same when its title changes.
	ID string `yaml:"id" rule:"required,is=name"`
	// What members read first.
	Title string `yaml:"title" rule:"required,max=80"`
	// Why it is recommended.
	Text string `yaml:"text" rule:"max=600"`
	// A file beside the YAML, or an https address; none shows the first product's.
	Picture string `yaml:"picture" rule:"is=file"`
	// What is recommended: handles of the feed, or maps with a product and its variant.
	Products []PickItem `yaml:"products" rule:"required,min=1,most=25"`
	// Whether everybody finds it in their feed and every group gets it as a post, whoever they follow.
	Featured bool `yaml:"featured"`
}

// PickItem is a product of a pick. A text alone is its handle.
type PickItem struct {
	// Needed only where two brands use the same handle.
	Brand string `yaml:"brand" rule:"is=name"`
	// The feed's handle.
	Product string `yaml:"product" rule:"required,max=255"`
	// As Small, or Small / Red; none leaves the choice to the member.
	Variant string `yaml:"variant" rule:"max=255"`
}

// Staff is a person with a role.
type Staff struct {
	// Who it is, for logs and other staff.
	Name string `yaml:"name" rule:"required,max=48"`
	// What they may do: admin everything, brand the orders of one brand, moderator who becomes a creator and what is shown of what members write.
	Role string `yaml:"role" rule:"required,is=role"`
	// With role brand: which one.
	Brand string `yaml:"brand" rule:"is=name"`
	// Numeric account id on Telegram.
	Telegram string `yaml:"telegram" rule:"is=account"`
	// Numeric account id on Discord.
	Discord string `yaml:"discord" rule:"is=snowflake"`
}

// Policies is how the shop behaves.
type Policies struct {
	// How long goods are kept for somebody who pays: 5m to 29m.
	Hold Duration `yaml:"hold" rule:"is=duration" default:"15m"`
	// How long a unit that is back is kept for the next on the waitlist: 5m to 29m.
	WaitlistWindow Duration `yaml:"waitlist_window" rule:"is=duration" default:"29m"`
	// At most one post in a group in this time.
	PostEvery Duration `yaml:"post_every" rule:"is=duration" default:"1h"`
	// No posts in this time of the day.
	QuietHours string `yaml:"quiet_hours" rule:"is=quiet-hours"`
	// Time zone of the quiet hours, of days and prices that begin or end, and of the dates in chats, on papers and in what `souk` prints.
	Timezone string `yaml:"timezone" rule:"is=timezone" default:"UTC"`
	// How long the law wants orders kept. Older ones that have ended are deleted, with what belongs to them; the books stay.
	KeepOrders Duration `yaml:"keep_orders" rule:"is=duration" default:"87600h"`
	// What can be sent back, and how.
	Returns Returns `yaml:"returns"`
	// What is asked of posts about products.
	Posts Posts `yaml:"posts"`
	// What is not for everybody, by age, and not for every country.
	Gates []Gate `yaml:"gates" rule:"most=100"`
}
