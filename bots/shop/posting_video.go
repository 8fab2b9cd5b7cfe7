package shop

// This file is the video of a post. The rules:
//   - a draft has one at most, sent by a form of its own: with headline, words and
//     three photos the other form is full.
//   - what is not taken is said with what to do, and leaves the draft as it is.
//   - cards show the photo; a button leads to the page that plays the video.

import (
	"errors"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
)

// postVideo takes the video of a draft: "post video <draft>".
func (s *Shop) postVideo(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	form := bots.Form{Action: bots.Path("post", "video", args[0]), Title: bots.Clip(v.Say("post.videotitle"), bots.MaxFormTitle), Cancel: v.button("button.cancel", "post", args[0]),
		Fields: []bots.Field{{Key: "video", Label: bots.Clip(v.Say("post.video"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("post.videohint"), bots.MaxFieldHint), Video: true}}}
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	hash, err := s.Photos.TakeVideo(v.ctx, v.ev.Bot, v.value("video"))
	if commerce.KindOf(err) == commerce.Invalid && err != nil {
		return v.again(form, "video", v.problem(err)), nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if p, err = s.Creators.Film(v.ctx, of.ID, p.ID, hash); err != nil {
		return bots.Screen{}, errors.Join(err, s.Photos.Drop(v.ctx, hash))
	}
	return s.showDraft(v, p, "")
}

// postNoVideo takes the video out of a draft: "post video <draft> <no>".
func (s *Shop) postNoVideo(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	if p, err = s.Creators.Film(v.ctx, of.ID, p.ID, ""); err != nil {
		return bots.Screen{}, err
	}
	return s.showDraft(v, p, "")
}

// withVideo is a draft without its video where that was deleted by hand.
func (s *Shop) withVideo(v *visit, of creators.Creator, p creators.Post) (creators.Post, error) {
	if p.Video == "" {
		return p, nil
	}
	kept, err := s.Photos.IsKept(v.ctx, p.Video)
	if err != nil || kept {
		return p, err
	}
	return s.Creators.Film(v.ctx, of.ID, p.ID, "")
}

// filmRow is what can be done with the video of a draft.
func (v *visit) filmRow(p creators.Post) []bots.Button {
	id := string(p.ID)
	if p.Video == "" {
		return row(v.button("button.addvideo", "post", "video", id))
	}
	return row(v.button("button.othervideo", "post", "video", id), v.button("button.novideo", "post", "video", id, "no"))
}

// watchButton leads to the page that plays the video of a pick. What has an age
// is not shown on a page that anybody opens: there it leads to the video itself.
func (s *Shop) watchButton(v *visit, o offer) bots.Button {
	if o.pick.Video == "" || s.PickLink == nil || s.VideoLink == nil {
		return bots.Button{}
	}
	for _, item := range o.items {
		if v.set.Gates.Age(item.product) > 0 {
			return bots.Button{Label: v.Say("button.watch"), Link: s.VideoLink(o.pick.Video)}
		}
	}
	return bots.Button{Label: v.Say("button.watch"), Link: s.PickLink(o.pick.ID)}
}
