package compose

import (
	"mime/multipart"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

func itoa(n int) string { return strconv.Itoa(n) }

// incoming is a file that came with the form, and where it belongs.
type incoming struct {
	place string
	part  int
	file  *multipart.FileHeader
}

func (r Rooms) withFiles(f *page.Form) []incoming {
	var all []incoming
	for _, place := range append([]string{base}, f.All("channel")...) {
		for i, key := range f.All(place + ":part") {
			for _, h := range f.Files(place + ":file:" + key) {
				if h.Size > 0 {
					all = append(all, incoming{place, i, h})
				}
			}
		}
	}
	return all
}

// document puts a PDF in the place of a part's pictures.
func (r Rooms) document(c *page.Context, s *sheet, a act) error {
	content := s.content(a.place)
	if content == nil || a.part < 0 || a.part >= len(content.Parts) {
		return fault.Invalidf("", "there is no such part")
	}
	p := &content.Parts[a.part]
	var pictures []string
	for _, use := range p.Media {
		pictures = append(pictures, use.AssetID)
	}
	made, err := r.Library.Document(c.Ctx(), c.Actor(), s.Edit.BrandID, pictures)
	if err != nil {
		return err
	}
	p.Media = []post.MediaUse{{AssetID: made.ID}}
	return nil
}

// attach takes files into the library and puts them into their parts. What is refused is named beside the part.
func (r Rooms) attach(c *page.Context, f *page.Form, s *sheet, files []incoming) error {
	for _, in := range files {
		content := s.content(in.place)
		if content == nil || in.part >= len(content.Parts) {
			continue
		}
		opened, err := in.file.Open()
		if err != nil {
			return err
		}
		a, err := r.Library.Add(c.Ctx(), c.Actor(), s.Edit.BrandID, in.file.Filename, opened)
		_ = opened.Close()
		if fault.Is(err, fault.Invalid) {
			e := fault.As(err)
			f.Wrong(in.place+":media:p"+itoa(in.part), page.Capital(in.file.Filename)+": "+e.Message+". "+e.Hint)
			continue
		}
		if err != nil {
			return err
		}
		p := &content.Parts[in.part]
		p.Media = append(p.Media, post.MediaUse{AssetID: a.ID})
	}
	return nil
}
