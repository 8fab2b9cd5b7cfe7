package staff

// This file is how the staff looks at photos that members have sent: a button for
// each, which hands it over as a file.

import (
	"bytes"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// photoButtons lead to the photos of what is shown at an action of the staff, one
// each, as many as fit a row.
func (s *Staff) photoButtons(v *visit, photos []string, at ...string) (list []bots.Button) {
	if s.Photo == nil {
		return nil
	}
	for i := range photos[:min(len(photos), bots.MaxRowButtons)] {
		b := v.button("staff.button.photon", append(at[:len(at):len(at)], strconv.Itoa(i+1))...)
		b.Label = v.Say("staff.button.photon", "N", i+1)
		list = append(list, b)
	}
	return list
}

// handPhoto adds the photo of a number, as a button has it, to a screen; another
// word adds none.
func (s *Staff) handPhoto(v *visit, screen *bots.Screen, photos []string, word string) error {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > len(photos) || s.Photo == nil {
		return nil
	}
	screen.File, err = s.photoFile(photos[n-1], "photo-"+word)
	if commerce.KindOf(err) == commerce.NotFound && err != nil {
		screen.Notice, err = v.Say("staff.return.nophoto"), nil
	}
	return err
}

// photoFile is a photo that a member has sent, as a file of this name.
func (s *Staff) photoFile(hash, name string) (*bots.File, error) {
	data, err := s.Photo(hash)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte("\x89PNG")) {
		return &bots.File{Name: name + ".png", Data: data}, nil
	}
	return &bots.File{Name: name + ".jpg", Data: data}, nil
}
