package guide_test

import "github.com/a-h/templ"

// Parts of test screens that no component makes by itself.

func draftForm() templ.Component {
	return templ.Raw(`<form method="post" action="/send" data-autosave="/save"><label for="text">Text</label><textarea id="text" name="text"></textarea><p data-autosave-state role="status"></p></form>`)
}

func moveForm() templ.Component {
	return templ.Raw(`<form method="post" action="/move" hx-post="/move" hx-swap="none"><button class="btn" type="submit">Move</button></form>`)
}

func focalImage() templ.Component {
	return templ.Raw(`<div class="focal" data-focal tabindex="0" role="group" aria-label="Focal point"><img src="/assets/none.svg" alt="" width="200" height="100"><input type="hidden" name="focal_x" value="50"><input type="hidden" name="focal_y" value="50"></div>`)
}
