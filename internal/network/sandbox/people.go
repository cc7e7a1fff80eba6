package sandbox

import (
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// person is one of the public; none of them is anybody.
type person struct {
	name, bio, language string
	mood                float64 // chance that a remark is a complaint
}

var people = []person{
	{"Mara Lindqvist", "Illustrator, cyclist, early riser", "en", 0.05}, {"Jonas Weber", "Ingenieur, Garten, drei Hühner", "de", 0.15},
	{"Amina Diallo", "Journaliste à Dakar et à Lyon", "fr", 0.1}, {"Tom Okafor", "Teacher. Plays bass on weekends", "en", 0.05},
	{"Lucía Romero", "Arquitecta, madre de dos, café siempre", "es", 0.05}, {"Priya Nair", "Product designer, potter, reader", "en", 0.08},
	{"Yuki Tanaka", "Photographer between Kyoto and Berlin", "en", 0.03}, {"Elif Demir", "Lehrerin, läuft gern lange Strecken", "de", 0.1},
	{"Noah Petersen", "Runs a small bookshop", "en", 0.1}, {"Sofia Rossi", "Cucina, montagna, due gatti", "it", 0.08},
	{"Owen Hughes", "Retired. Opinions my own and many", "en", 0.4}, {"Chloé Martin", "Fleuriste. J'aime les choses bien faites", "fr", 0.05},
	{"Mateusz Nowak", "Backend developer, board games", "en", 0.15}, {"Ingrid Solberg", "Nurse, skier, knitter", "en", 0.05},
	{"Rafael Costa", "Baker. Up before you", "en", 0.05}, {"Hana Novák", "Librarian and amateur astronomer", "en", 0.08},
	{"Ben Carter", "Dad of three, grill enthusiast", "en", 0.2}, {"Leila Haddad", "Ernährungsberaterin und Hobbyköchin", "de", 0.08},
	{"Pieter de Vries", "Sails when the wind allows", "en", 0.1}, {"Maja Kovač", "Student of everything", "en", 0.05},
	{"Grace Mensah", "Runs a choir and a start-up", "en", 0.05}, {"Anton Berg", "Skeptiker, Rennrad, Espresso", "de", 0.35},
	{"Nora Fischer", "Fotografie, Bücher, Ostsee", "de", 0.05}, {"Diego Herrera", "Músico y profesor en Valencia", "es", 0.08},
	{"Saoirse Byrne", "Translator, gardener, tea person", "en", 0.05}, {"Karim Aziz", "Médecin, coureur du dimanche", "fr", 0.1},
	{"Emma Laurent", "Graphiste. Typographie et vélo", "fr", 0.06}, {"Jakub Svoboda", "Carpenter. Wood over words", "en", 0.15},
	{"Mei Lin", "Data analyst, dumpling researcher", "en", 0.08}, {"Oskar Lehtonen", "Sauna, forest, silence", "en", 0.1},
	{"Carmen Ortiz", "Enfermera. Me gustan los mercados", "es", 0.1}, {"Giulia Bianchi", "Restauratrice, lettrice lenta", "it", 0.05},
	{"Hannah Schulz", "Hebamme, Chorsängerin", "de", 0.05}, {"Liam O'Connor", "Bike mechanic. Fixes things", "en", 0.12},
	{"Zainab Yusuf", "Law student, debater, baker of bread", "en", 0.1}, {"Viktor Horváth", "Collects maps and vinyl", "en", 0.2},
	{"Aisha Rahman", "Community manager by day", "en", 0.03}, {"Paul Dubois", "Retraité, curieux de tout", "fr", 0.3},
	{"Clara Jensen", "Ceramics, sea swimming, slow mornings", "en", 0.04}, {"Marco Ferrari", "Barista e fotografo", "it", 0.06},
	{"Sara Lund", "Two kids, one dog, no time", "en", 0.15}, {"Tariq Malik", "Startup founder, recovering perfectionist", "en", 0.12},
	{"Eva Zimmermann", "Buchhändlerin im Ruhestand", "de", 0.1}, {"Julia Santos", "Traductora, vecina, optimista", "es", 0.04},
	{"Henrik Dahl", "Economist. Likes footnotes", "en", 0.25}, {"Adaeze Obi", "Fashion, markets, good light", "en", 0.05},
	{"Lotte Bakker", "Runs a farm shop with her sister", "en", 0.05}, {"Milan Petrović", "Chess, coffee, long walks", "en", 0.1},
}

var plain = strings.NewReplacer(" ", ".", "'", "", "é", "e", "í", "i", "č", "c", "ć", "c", "á", "a", "ú", "u", "ü", "u", "ö", "o", "ä", "a", "ß", "ss", "ó", "o")

func personID(n int) string { return "person-" + strconv.Itoa(n) }

func indexOf(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "person-"))
	if err != nil || n < 0 || n >= len(people) {
		return 0
	}
	return n
}

func personOf(id string) network.Person {
	n := indexOf(id)
	handle := plain.Replace(strings.ToLower(people[n].name))
	return network.Person{ID: personID(n), Handle: handle, Name: people[n].name, URL: home + "/@" + handle, Followers: int64(40 + n*n*7%900)}
}
