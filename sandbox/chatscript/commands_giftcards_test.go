package chatscript

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"gift": act(1, "gift CODE: open the link of a gift card", func(args []string) error {
				return s.open(s.world.App.Checkout.GiftLink(commerce.Secret(args[0])))
			}),
			"choose":    act(1, "choose LABEL: press a button of the page that is open", func(args []string) error { return s.choose(args[0]) }),
			"page-link": act(1, "page-link LABEL: follow a link of the page that is open", func(args []string) error { return s.open(s.linkOf(args[0])) }),
		}
	})
}

var (
	formOf   = regexp.MustCompile(`<form method="post" action="([^"]+)">`)
	buttonOf = regexp.MustCompile(`<button name="([^"]+)" value="([^"]+)">([^<]+)</button>`)
	anchorOf = regexp.MustCompile(`<a [^>]*href="([^"]+)">([^<]+)</a>`)
)

// choose sends the form of a page as the button does.
func (s *story) choose(label string) error {
	form := formOf.FindStringSubmatch(s.page)
	for _, b := range buttonOf.FindAllStringSubmatch(s.page, -1) {
		if form == nil || html.UnescapeString(b[3]) != label {
			continue
		}
		client := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		resp, err := client.PostForm(s.absolute(form[1]), url.Values{b[1]: {b[2]}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusSeeOther {
			return fmt.Errorf("answered with %s", resp.Status)
		}
		return s.open(s.absolute(resp.Header.Get("Location")))
	}
	return fmt.Errorf("no button %q on the page:\n%s", label, s.page)
}

func (s *story) linkOf(label string) string {
	for _, a := range anchorOf.FindAllStringSubmatch(s.page, -1) {
		if html.UnescapeString(a[2]) == label {
			return s.absolute(a[1])
		}
	}
	return ""
}

func (s *story) absolute(link string) string {
	if strings.HasPrefix(link, "/") {
		return s.world.App.Checkout.URL() + link
	}
	return link
}
