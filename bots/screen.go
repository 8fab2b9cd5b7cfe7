package bots

// Screen is what a person is shown: data only. Whether it is sent or edited,
// as a caption or an embed, with a keyboard or a select, is the adapter's
// decision. An adapter shows the parts in this order: picture, text, menu,
// rows.
//
// In a group every answer to a person's own tap or command is for that person
// alone: Discord shows it ephemerally, Telegram opens the private chat through
// Door. Only a Screen with Public set, and what a Sender sends, is seen by all.
type Screen struct {
	// Path is the action that shows this screen again, without any effect of
	// its own. A deep link leads to it. Empty means it cannot be led to.
	Path Action `json:"path,omitempty"`

	Picture *Picture   `json:"picture,omitempty"`
	Text    Text       `json:"text,omitempty"`
	Menu    *Menu      `json:"menu,omitempty"`
	Rows    [][]Button `json:"rows,omitempty"`

	// Form asks for typed text; a screen has a form or rows and a menu, not both.
	Form *Form `json:"form,omitempty"`

	// File is handed over with the screen, in private only.
	File *File `json:"file,omitempty"`

	// Invoice asks for payment here. The text is what it says where the
	// platform has no invoices.
	Invoice *Invoice `json:"invoice,omitempty"`

	// Verdict answers the event of a payment; nothing else is shown then.
	Verdict *Verdict `json:"verdict,omitempty"`

	// Notice is a short line about what the tap has done ("Added to your
	// cart"), shown for a moment where the platform can. A screen with nothing
	// but a notice leaves the message as it is.
	Notice string `json:"notice,omitempty"`

	// Door is how a person gets from a group into the private chat, on a
	// platform that cannot show them something alone there.
	Door *Door `json:"door,omitempty"`

	// Public makes the answer to a tap in a group visible to everyone there.
	Public bool `json:"public,omitempty"`
}

// Empty reports whether there is nothing to show but perhaps a notice.
func (s Screen) Empty() bool {
	return s.Picture == nil && len(s.Text) == 0 && s.Menu == nil && len(s.Rows) == 0 && s.Form == nil && s.File == nil
}

// Picture is shown above the text.
type Picture struct {
	URL string `json:"url"` // absolute, https where the shop is public
	Alt string `json:"alt"` // the description for those who cannot see it
}

// Button does an Action, opens a Link, or lets the person share something.
type Button struct {
	Label  string `json:"label"`
	Action Action `json:"action,omitempty"`
	Link   string `json:"link,omitempty"`
	Style  Style  `json:"style,omitempty"`

	// Share is a search text with which the person can show a product in
	// another chat, where the platform has a native way; elsewhere Action runs.
	Share string `json:"share,omitempty"`

	// Keep leaves the message with this button standing and answers below it.
	Keep bool `json:"keep,omitempty"`
}

// Style is the weight of a button.
type Style int

const (
	Plain   Style = iota
	Primary       // the one thing most people want here
	Danger        // cannot be undone
)

// Menu offers at most MaxChoices choices, one of which can be taken.
type Menu struct {
	Hint    string   `json:"hint"` // what is chosen here, as "Choose a size"
	Choices []Choice `json:"choices"`
}

// Choice is one entry of a Menu.
type Choice struct {
	Label       string `json:"label"`
	Description string `json:"description,omitempty"`
	Action      Action `json:"action"`
	Chosen      bool   `json:"chosen,omitempty"`
}

// Form asks for one to MaxFields texts. Where the platform has forms all
// fields are shown at once; elsewhere the conversation asks for them one after
// another: Step is the field asked for now, and its answer comes as Say.
type Form struct {
	Action Action  `json:"action"` // what happens with the filled form
	Title  string  `json:"title"`
	Fields []Field `json:"fields"`
	Step   int     `json:"step,omitempty"`
	Cancel Button  `json:"cancel"` // how to leave the form

	// Quick answers the field asked for now with one tap: with what is there
	// already, or with nothing. For platforms that ask for one after another;
	// no label means there is nothing to answer it with.
	Quick Button `json:"quick,omitzero"`
}

// Field is one text of a Form.
type Field struct {
	Key      string `json:"key"` // of a-z 0-9
	Label    string `json:"label"`
	Hint     string `json:"hint,omitempty"`  // an example
	Value    string `json:"value,omitempty"` // what is there already
	Optional bool   `json:"optional,omitempty"`
	Long     bool   `json:"long,omitempty"` // several lines
	Max      int    `json:"max,omitempty"`  // characters, 0 for MaxFieldText

	// Photo asks for a photo instead of a text. The value is the platform's name
	// of it, which Photos takes.
	Photo bool `json:"photo,omitempty"`
	// Video asks for a video, likewise.
	Video bool `json:"video,omitempty"`
}

// Upload reports whether a file is asked for instead of a text.
func (f Field) Upload() bool { return f.Photo || f.Video }

// File is a document for the person.
type File struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// Door leads from a group into the private chat.
type Door struct {
	Text  string `json:"text"`  // "This is just for you: go on in our private chat."
	Label string `json:"label"` // "Open the shop"
}
