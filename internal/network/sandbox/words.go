package sandbox

import (
	"slices"
	"strings"
	"unicode"

	"github.com/bellwether-social/bellwether/internal/text"
)

// What people say, by language. {} stands for what a post is about; a remark with it is left out where that is not
// known.
var (
	praise = map[string][]string{
		"en": {"This is lovely, thank you for sharing!", "Exactly what I was looking for 😍", "Best one yet. Well done to the whole team.", "I tried {} last month and I'm still telling everyone.", "More about {} please!",
			"{} made my week, honestly.", "You can see how much care goes into this.", "Sent this to my sister, she'll love it.", "Finally somebody says it about {}.", "Every time I think you can't top it, you do.", "Simple and good. Thank you.",
			"I've been following you since the beginning and this makes me happy.", "Came for {}, stayed for the photos.", "Bookmarked for the weekend."},
		"de": {"Das gefällt mir sehr!", "Wie immer: mit Liebe gemacht. Danke!", "Zum Thema {} gern mehr davon.", "Genau darauf habe ich gewartet.", "Habe ich gleich weitergeschickt.", "Schön, dass es euch gibt."},
		"fr": {"J'adore, merci pour le partage !", "Enfin ! J'attendais ça depuis longtemps.", "Toujours aussi soigné, bravo à l'équipe.", "Encore plus sur {}, s'il vous plaît !"},
		"es": {"¡Me encanta!", "Qué maravilla, gracias por compartirlo.", "Justo lo que buscaba 😍", "Quiero saber más sobre {}."},
		"it": {"Che bello, complimenti!", "Fatto con cura, si vede.", "Ancora di più su {}, per favore!"},
	}
	questions = map[string][]string{
		"en": {"Do you ship to Norway?", "Is this still available next week?", "What does it cost including delivery?", "Is there a smaller size?", "How long does {} take?", "Is {} suitable for beginners?", "Can I bring my kids?",
			"Where can I read more about {}?", "Do you also have this as a gift?", "Which one would you recommend for a start?", "Is there a vegan version?", "Are you open on Sundays?", "Does the offer end today or tomorrow?"},
		"de": {"Wann gibt es das wieder?", "Liefert ihr auch nach Österreich?", "Was kostet das mit Versand?", "Gibt es {} auch vor Ort?", "Habt ihr am Samstag offen?"},
		"fr": {"Vous livrez en Belgique ?", "C'est encore disponible la semaine prochaine ?", "Combien ça coûte avec la livraison ?", "Où peut-on en savoir plus sur {} ?"},
		"es": {"¿Hacen envíos a Canarias?", "¿Sigue disponible la semana que viene?", "¿Cuánto cuesta con el envío?", "¿{} sirve para principiantes?"},
		"it": {"Spedite anche in Sicilia?", "È ancora disponibile?", "Quanto costa con la spedizione?"},
	}
	complaints = map[string][]string{
		"en": {"My order is four days late and nobody answers my mail.", "The link doesn't open on my phone.", "Hm, last time the box arrived damaged.", "Too expensive for what it is, sorry.", "I wrote you twice about {} and got no answer. Not great.",
			"It used to be better. What happened?", "Your shop says sold out since March, why advertise it?", "Charged twice for the same order. Please look into it."},
		"de": {"Meine Bestellung ist seit Tagen überfällig und niemand meldet sich.", "Für den Preis hatte ich mehr erwartet.", "Der Link geht bei mir nicht auf.", "Zu {} habe ich zweimal geschrieben, ohne Antwort."},
		"fr": {"Ma commande a quatre jours de retard et personne ne répond.", "Trop cher pour ce que c'est, dommage.", "Le lien ne s'ouvre pas sur mon téléphone."},
		"es": {"Mi pedido lleva cuatro días de retraso y nadie contesta.", "El enlace no se abre en mi móvil.", "Demasiado caro para lo que es."},
		"it": {"Il mio ordine è in ritardo e nessuno risponde.", "Il link non si apre dal telefono."},
	}
	letters = map[string][]string{
		"en": {"Hi! I ordered last week and would like to change the address. Is that possible?", "Hello, do you offer discounts for clubs?", "Could you send me the care instructions please?",
			"Hi, I'd love to feature your work in our newsletter. Whom can I talk to?", "Is the workshop on Saturday fully booked?", "I think I left my scarf at your place yesterday. Grey, woollen?", "Do you take part in the market in May?", "My voucher code isn't accepted at the till, can you help?"},
		"de": {"Hallo! Kann ich meine Bestellung noch ändern?", "Guten Tag, bieten Sie Führungen für Gruppen an?", "Der Gutscheincode wird nicht angenommen, können Sie helfen?"},
		"fr": {"Bonjour, puis-je encore modifier l'adresse de livraison ?", "Bonjour, proposez-vous des tarifs pour les associations ?"},
		"es": {"Hola, ¿puedo cambiar la dirección del pedido?", "Buenos días, ¿hacen descuentos para grupos?"},
		"it": {"Buongiorno, posso cambiare l'indirizzo di consegna?", "Ciao, fate sconti per i gruppi?"},
	}
	thanks = map[string][]string{
		"en": {"Thank you, that helps!", "Great, thanks for the quick answer.", "Ah, good to know. Thanks!", "Perfect, see you soon then.", "Hm, not quite what I asked, but thank you."},
		"de": {"Danke für die schnelle Antwort!", "Super, vielen Dank."},
		"fr": {"Merci beaucoup !", "Parfait, merci pour la réponse."},
		"es": {"¡Muchas gracias!", "Perfecto, gracias por responder."},
		"it": {"Grazie mille!", "Perfetto, grazie."},
	}
)

// greetings are what somebody says to an account out of the blue.
var greetings = map[string][]string{
	"en": {"Just discovered you, how have I missed this?", "Anyone else here tried them? Worth it?", "Visited today, lovely people.", "Recommendation of the week."},
	"de": {"Heute entdeckt, sehr empfehlenswert.", "War gestern dort, nette Leute."},
	"fr": {"Belle découverte aujourd'hui.", "Je recommande !"},
	"es": {"Gran descubrimiento de hoy.", "Muy recomendable."},
	"it": {"Bella scoperta oggi.", "Consigliatissimi."},
}

// lead are words that a name of something follows.
var lead = []string{"our", "new", "unser", "unsere", "neue", "neuer", "neues", "notre", "nos", "nouveau", "nouvelle", "nuestro", "nuestra", "nostro", "nostra"}

// topic is what a text is about in one word: its first hashtag, else what it calls new or the author's own; "" if
// neither is there.
func topic(words string) string {
	if tags := text.Hashtags(words); len(tags) > 0 {
		return tags[0].Value
	}
	list := strings.Fields(words)
	for i, w := range list[:max(0, len(list)-1)] {
		next := list[i+1]
		clean := strings.TrimRight(next, ".,;:!?…")
		if !slices.Contains(lead, strings.ToLower(w)) || slices.Contains(lead, strings.ToLower(clean)) {
			continue
		}
		if n := len([]rune(clean)); n >= 4 && n <= 16 && !strings.ContainsFunc(clean, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }) {
			return clean
		}
	}
	return ""
}

// phrase chooses what to say, in a language, about something; rarely twice the same below one post.
func (w *World) phrase(from map[string][]string, language, about, place string) string {
	list := from[language]
	if len(list) == 0 {
		list = from["en"]
	}
	if about != "" && w.rng.Float64() < 0.35 { // those who say what they mean
		if named := slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !strings.Contains(s, "{}") }); len(named) > 0 {
			list = named
		}
	}
	said := ""
	for range 6 {
		said = list[w.rng.IntN(len(list))]
		if strings.Contains(said, "{}") {
			if about == "" {
				continue
			}
			said = strings.ReplaceAll(said, "{}", about)
			letters := []rune(said)
			letters[0] = unicode.ToUpper(letters[0])
			said = string(letters)
		}
		if key := place + " " + said; !w.said[key] {
			w.said[key] = true
			return said
		}
	}
	return strings.ReplaceAll(said, "{}", "this")
}
