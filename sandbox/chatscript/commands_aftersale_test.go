package chatscript

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"path/filepath"

	"github.com/soukchat/souk/commerce/database"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"fill-photo": act(0, "fill-photo VALUE…: a form, and a photo for its last field", func(args []string) error {
				return s.fillPhoto(args, 40, 30)
			}),
			"fill-large": act(0, "fill-large VALUE…: the same with a large photo", func(args []string) error {
				return s.fillPhoto(args, 800, 600)
			}),
			"fill-junk": act(0, "fill-junk VALUE…: a form, and a file for its last field that is no photo", func(args []string) error {
				return s.me().FillPhoto(args, []byte("no photo"))
			}),
			"photos": act(1, "photos N: so many are kept", s.keptPhotos),
			"held":   act(2, "held VALUE N: so many of the variant with that first value are held", s.heldUnits),
		}
	})
}

func (s *story) fillPhoto(args []string, w, h int) error {
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		return err
	}
	return s.me().FillPhoto(args, photo.Bytes())
}

// keptPhotos counts the photos that lie apart from the shop's pictures, and
// checks that none of them is among these.
func (s *story) keptPhotos(args []string) error {
	dir := s.world.App.Config.Media.Dir
	list, err := filepath.Glob(filepath.Join(dir, "private", "*", "*"))
	if err != nil || fmt.Sprint(len(list)) != args[0] {
		return fmt.Errorf("%d photos are kept, %w", len(list), err)
	}
	for _, one := range list {
		resp, err := http.Get(s.world.App.Config.Shop.URL + "/m/" + filepath.Base(one))
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			return fmt.Errorf("a photo is served: %s", resp.Status)
		}
	}
	return nil
}

func (s *story) heldUnits(args []string) error {
	return s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
		var held int64
		if err := tx.Row(`SELECT s.held FROM stock s JOIN variants v ON v.id = s.variant_id WHERE v.value1 = $1`, args[0]).Scan(&held); err != nil {
			return err
		}
		if fmt.Sprint(held) != args[1] {
			return fmt.Errorf("%d are held", held)
		}
		return nil
	})
}
