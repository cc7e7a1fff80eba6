package library

import (
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

// caption takes a video's captions in a language.
func (r Rooms) caption(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	files := f.Files("captions")
	if len(files) == 0 || files[0].Size == 0 {
		f.Wrong("captions", "Choose a caption file.")
		return r.showOne(c, nil, f)
	}
	file, err := files[0].Open()
	if err != nil {
		return err
	}
	defer file.Close()
	if err := r.Library.Caption(c.Ctx(), c.Actor(), c.Path("id"), f.Value("language"), file); err != nil {
		if e := fault.As(err); e.Kind == fault.Invalid {
			f.Wrong(e.Field, page.Capital(e.Message)+". "+e.Hint)
			return r.showOne(c, nil, f)
		}
		return err
	}
	c.Done("The captions are kept. They go out with the video where the network takes them.")
	return c.Redirect("/library/" + c.Path("id"))
}

func (r Rooms) uncaption(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	if err := r.Library.Uncaption(c.Ctx(), c.Actor(), c.Path("id"), f.Value("language")); err != nil {
		return err
	}
	c.Done("The captions are removed.")
	return c.Redirect("/library/" + c.Path("id"))
}
