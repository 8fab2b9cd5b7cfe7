package shop

import (
	"context"
	"encoding/base32"
	"strings"
	"unicode/utf8"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
)

// What was searched for travels in the action itself, so that the results can
// be paged, led to and looked at again without being kept anywhere: 30 bytes
// of it, which is more than people type.
const maxQuery = 30

// maxFound is how many results can be paged through.
const maxFound = 80

// queryWord writes a query with letters and digits alone. Its inverse is
// readQuery, which returns "" for what is none of ours.
func queryWord(query string) string {
	query = strings.Join(strings.Fields(strings.ToLower(query)), " ")
	for len(query) > maxQuery {
		_, n := utf8.DecodeLastRuneInString(query)
		query = query[:len(query)-n]
	}
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(query)))
}

func readQuery(word string) string {
	query, err := base32.HexEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(word))
	if err != nil || !utf8.Valid(query) {
		return ""
	}
	return string(query)
}

// search asks what to search for, or searches for what was typed.
func (s *Shop) search(v *visit, _ []string) (bots.Screen, error) {
	query := strings.TrimSpace(v.ev.Text)
	if v.filled() {
		query = v.value("query")
	}
	if query == "" {
		return bots.Screen{Path: "search", Form: &bots.Form{
			Action: "search", Title: v.Say("search.title"),
			Fields: []bots.Field{{Key: "query", Label: v.Say("search.what"), Hint: v.Say("search.hint"), Max: 100}},
			Cancel: v.button("button.cancel", "start"),
		}}, nil
	}
	return s.results(v, query, 0)
}

// found shows a page of results again.
func (s *Shop) found(v *visit, args []string) (bots.Screen, error) {
	query := readQuery(args[0])
	if query == "" {
		return s.search(v, nil)
	}
	return s.results(v, query, number(args[1]))
}

func (s *Shop) results(v *visit, query string, page int) (bots.Screen, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	list := v.scope.offered(goods.Search(query, v.scope.brands, maxFound))
	shown := bots.Clip(query, 60)
	if len(list) == 0 {
		return bots.Screen{
			Path: "search", Text: bots.T(v.Say("search.none", "Query", shown)),
			Rows: rows(row(v.primary("button.searchagain", "search"), v.button("button.categories", "categories")),
				row(s.ageButton(v, goods), v.button("button.home", "start"))),
		}, nil
	}
	// A title that was chosen from the suggestions leads to the product itself.
	if strings.EqualFold(list[0].Title, query) && page == 0 {
		return s.showProduct(v, at{product: list[0]}, nil)
	}
	if len(list) == 1 && page == 0 {
		return s.showProduct(v, at{product: list[0]}, nil)
	}
	title := bots.Text{bold(v.Count("search.found", int64(len(list)), "Query", shown))}
	return s.productList(v, title, list, []string{"find", queryWord(query)}, page), nil
}

// Suggest answers a search while it is typed: with a product to post where it
// is typed for any chat, with its title where a command is completed.
func (s *Shop) Suggest(ctx context.Context, ev bots.Event, limit int) []bots.Suggestion {
	set := s.now.Load()
	v := &visit{Words: set.texts.words(ev.From.Locale), ctx: ctx, ev: ev, set: set, scope: set.scope(ev.Bot, ev.Chat.ID)}
	defer func() {
		if r := recover(); r != nil {
			s.Log.ErrorContext(ctx, "a suggestion failed", "bot", ev.Bot, "panic", r)
		}
	}()
	goods, err := s.snapshot(v)
	if err != nil {
		s.Log.WarnContext(ctx, "nothing can be suggested", "bot", ev.Bot, "error", err)
		return nil
	}
	if words := ev.Action.Words(); len(words) > 0 && words[0] != "search" {
		return nil
	}
	if strings.HasPrefix(ev.Text, passed) {
		if one, ok := s.passedPick(v, ev.Text); ok {
			return []bots.Suggestion{one}
		}
		return nil
	}
	var list []*catalog.Product
	if strings.TrimSpace(ev.Text) == "" {
		list = v.scope.offered(goods.Products(v.scope.brands))
	} else {
		list = v.scope.offered(goods.Search(ev.Text, v.scope.brands, limit))
	}
	var out []bots.Suggestion
	for _, p := range list[:min(len(list), limit)] {
		title := bots.Clip(p.Title, bots.MaxSuggestion)
		out = append(out, bots.Suggestion{Value: title, Title: title, Description: v.priceRange(p), Screen: s.publicProduct(v, p)})
	}
	return out
}

// publicProduct shows a product to everybody in a chat: nothing of the person
// who shares it.
func (s *Shop) publicProduct(v *visit, p *catalog.Product) bots.Screen {
	text := bots.Text{bold(bots.Clip(p.Title, 200))}.Line(bold(v.priceRange(p)))
	if p.Body != "" {
		text = text.Line().Line(regular(bots.Clip(p.Body, 300)))
	}
	add := v.primary("button.choose", "p", string(p.ID))
	if len(p.Variants) == 1 {
		add = v.primary("button.add", "cart", "add", string(p.Variants[0].ID))
	}
	details := bots.Button{}
	if len(p.Variants) == 1 {
		details = v.button("button.details", "p", string(p.ID))
	}
	return clean(bots.Screen{
		Path: bots.Path("p", string(p.ID)), Public: true,
		Picture: s.picture(p.PictureOf(nil), p.ID, p.Title), Text: text,
		Rows: rows(row(add, details)),
	})
}

// picture shows a source; where there is none, a tile with the name is shown.
func (s *Shop) picture(source string, product commerce.ProductID, alt string) *bots.Picture {
	url := s.Picture(source, product)
	if url == "" {
		return nil
	}
	if strings.TrimSpace(alt) == "" {
		alt = "–"
	}
	return &bots.Picture{URL: url, Alt: bots.Clip(alt, 100)}
}
