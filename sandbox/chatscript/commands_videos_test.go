package chatscript

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"fill-video": act(2, "fill-video SECONDS CODING: a form, with a video so long, of a coding as avc1", func(args []string) error {
				seconds, err := strconv.Atoi(args[0])
				if err != nil {
					return err
				}
				return s.me().FillVideo(film(uint32(seconds), args[1]))
			}),
			"fill-big-video": act(0, "fill-big-video: a form, with a video of more than 20 MB", func([]string) error {
				return s.me().FillVideo(append(film(5, "avc1"), mp4("free", make([]byte, 20<<20))...))
			}),
			"watch": act(1, "watch SECONDS: the page behind the newest link plays a video that long, by parts too", s.watch),
			"video": act(1, "video STATUS: the video that was watched last is answered with that", func(args []string) error {
				resp, err := http.Get(s.page)
				if err != nil {
					return err
				}
				defer resp.Body.Close()
				if strconv.Itoa(resp.StatusCode) != args[0] {
					return fmt.Errorf("%s: %s", s.page, resp.Status)
				}
				return nil
			}),
			"fill-photo-for-video": act(0, "fill-photo-for-video: a photo where a video is asked for", func([]string) error { return s.fillPhoto(nil, 800, 600) }),
		}
	})
}

var playing = regexp.MustCompile(`<video [^>]*src="([^"]+)" poster="[^"]+/m/[0-9a-f]{64}"`)

// watch follows the newest link to a video, past the page that plays it, if there
// is one.
func (s *story) watch(args []string) error {
	link := s.me().Link("Watch the video")
	if link == "" {
		return fmt.Errorf("no video in:\n%s", s.me().All())
	}
	if !strings.Contains(link, "/m/v/") {
		_, page, err := fetch(link, "")
		if err != nil {
			return err
		}
		found := playing.FindSubmatch(page)
		if found == nil {
			return fmt.Errorf("the page plays nothing:\n%s", page)
		}
		link = string(found[1])
	}
	s.page = link
	whole, data, err := fetch(link, "")
	if err != nil {
		return err
	}
	seconds, _ := strconv.Atoi(args[0])
	if want := film(uint32(seconds), "avc1"); whole.Header.Get("Content-Type") != "video/mp4" || !bytes.Equal(data, bytes.ReplaceAll(bytes.ReplaceAll(want, []byte("udta"), []byte("free")), []byte("HOME"), make([]byte, 4))) {
		return fmt.Errorf("%s: %v, %q", link, whole.Header, data)
	}
	part, piece, err := fetch(link, "bytes=4-7")
	if err != nil || part.StatusCode != http.StatusPartialContent || string(piece) != "ftyp" {
		return fmt.Errorf("a part of %s: %s, %q, %w", link, part.Status, piece, err)
	}
	return nil
}

func fetch(link, part string) (*http.Response, []byte, error) {
	req, err := http.NewRequest(http.MethodGet, link, nil)
	if err != nil {
		return nil, nil, err
	}
	if part != "" {
		req.Header.Set("Range", part)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s", link, resp.Status)
	}
	return resp, data, err
}

func mp4(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), kind...), body...)
}

// film is a video of one track, which says where it was made.
func film(seconds uint32, coding string) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 12), 1000), seconds*1000)
	trak := mp4("trak", mp4("mdia", mp4("mdhd", head), mp4("hdlr", make([]byte, 8), []byte("vide"), make([]byte, 12)),
		mp4("minf", mp4("stbl", mp4("stsd", []byte{0, 0, 0, 0, 0, 0, 0, 1}, mp4(coding, make([]byte, 70)))))))
	return bytes.Join([][]byte{mp4("ftyp", []byte("isom\x00\x00\x02\x00isomavc1")), mp4("moov", mp4("mvhd", head), trak, mp4("udta", []byte("HOME"))), mp4("mdat", []byte("moving pictures"))}, nil)
}
