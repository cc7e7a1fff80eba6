package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/search"
	"github.com/bellwether-social/bellwether/internal/text"
)

var ctx = context.Background()

// shelf is an index of texts that lie in memory.
type shelf struct {
	t     rapid.TB
	db    *db.DB
	index *search.Index
	texts map[string][]string // by workspace and id
}

func newShelf(t rapid.TB, database *db.DB) *shelf {
	s := &shelf{t: t, db: database, texts: map[string][]string{}}
	s.index = search.New(database, search.Post, func(_ context.Context, _ db.Queryer, workspaceID, id string) ([]string, error) {
		return s.texts[workspaceID+" "+id], nil
	})
	return s
}

func (s *shelf) change(do func(tx *db.Tx) error) {
	s.t.Helper()
	if err := s.db.Tx(ctx, do); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) put(workspaceID, id string, texts ...string) {
	s.texts[workspaceID+" "+id] = texts
	s.change(func(tx *db.Tx) error { return s.index.Put(ctx, tx, workspaceID, id) })
}

func (s *shelf) found(workspaceID, typed string, limit int) []string {
	s.t.Helper()
	args := []any{"unused"}
	query := s.index.Found(workspaceID, typed, limit, &args)
	ids, err := db.All[string](ctx, s.db, `select distinct id from (`+query+`) f where $1 <> ''`, args...)
	if err != nil {
		s.t.Fatalf("look for %q: %v", typed, err)
	}
	slices.Sort(ids)
	return ids
}

func TestWhatIsFoundByWhichWords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newShelf(t, database)
		for id, said := range map[string]string{"person": "Person 77, @person_77", "other": "Person 770", "accents": "Ångström, naïve café in Łódź und Straße", "quotes": `She said "yes" AND left (50% off)`,
			"cjk": "私は東京都で猫を飼う", "cat": "黒い猫", "korean": "커피를 주문했어요", "thai": "กาแฟร้อนหนึ่งแก้ว", "emoji": "Great ☕🎉 🇩🇪 👍🏽", "russian": "Зимняя обжарка ещё свежая", "price": "€20 or $25", "hindi": "नमस्ते दुनिया", "arabic": "قَهْوَة ساخنة"} {
			s.put("ws_1", id, said)
		}
		s.put("ws_2", "stranger", "Person 77 café 猫 ☕")
		for typed, want := range map[string]string{
			"Person 77": "other person", "person 770": "other", "PERS": "other person", "77 person": "person", "pers 77": "", "person_77": "other person", "@person": "other person", "erson": "",
			"angstrom": "accents", "CAFÉ": "accents", "cafe\u0301": "accents", "lodz": "accents", "strasse": "accents", "STRASSE nai": "accents",
			`"yes"`: "quotes", "yes AND left": "quotes", "NOT yes": "", "yes OR no": "", "50%": "quotes", "yes*": "quotes", "(left": "quotes", "left:": "quotes", "NEAR(yes left)": "", "-yes": "quotes", "words:yes": "", `\ yes`: "quotes", "yes' & 'left": "quotes", "yes | left": "quotes", "!yes": "quotes",
			"東京": "cjk", "京都": "cjk", "猫": "cat cjk", "黒い猫": "cat", "猫を": "cjk", "京": "cjk", "猫 東京": "cjk", "大阪": "",
			"커피": "korean", "주문했": "korean", "กาแฟ": "thai", "แก้ว": "thai", "☕": "emoji", "🎉": "emoji", "🇩🇪": "emoji", "🇫🇷": "", "👍": "emoji", "great ☕": "emoji",
			"зимн": "russian", "еще": "russian", "ЕЩЁ": "russian", "€": "price", "$25": "price", "€20": "price", "नमस्ते": "hindi", "قهوة": "arabic",
			"": "", " ": "", `"`: "", "'": "", "%": "", "_": "", "***": "", "\x00": "", "\xff\xfe": "",
		} {
			if got := strings.Join(s.found("ws_1", typed, 100), " "); got != want {
				t.Errorf("%q finds %q, want %q", typed, got, want)
			}
		}
	})
}

func TestTheIndexFollowsItsRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newShelf(t, database)
		s.put("ws_1", "a", "winter roast")
		s.put("ws_1", "a", "summer roast")
		if got := s.found("ws_1", "winter", 10); len(got) != 0 {
			t.Errorf("the old words still find %v", got)
		}
		if got := s.found("ws_1", "summer", 10); len(got) != 1 {
			t.Errorf("the new words find %v", got)
		}
		failed := s.db.Tx(ctx, func(tx *db.Tx) error {
			s.texts["ws_1 a"] = []string{"autumn"}
			if err := s.index.Put(ctx, tx, "ws_1", "a"); err != nil {
				t.Error(err)
			}
			return fmt.Errorf("taken back")
		})
		if got := s.found("ws_1", "autumn", 10); failed == nil || len(got) != 0 {
			t.Errorf("a change that did not happen finds %v", got)
		}
		s.change(func(tx *db.Tx) error { return s.index.Drop(ctx, tx, "ws_1", "a") })
		if got := s.found("ws_1", "summer", 10); len(got) != 0 {
			t.Errorf("what is gone is found: %v", got)
		}
	})
}

func TestWholeWordsAndWhatWasPutLastComeFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newShelf(t, database)
		for _, id := range []string{"a", "b", "c", "d"} {
			s.put("ws_1", id, map[string]string{"c": "winters"}[id]+" "+map[string]string{"a": "winter", "b": "winter", "d": "winter"}[id])
		}
		s.put("ws_1", "a", "winter again")
		for limit, want := range map[int]string{1: "a", 2: "a d", 3: "a b d", 4: "a b d"} { // beginnings come after the whole words, which come again
			got := s.found("ws_1", "winter", limit)
			if limit < 4 && strings.Join(got, " ") != want {
				t.Errorf("of %d: %v, want %s", limit, got, want)
			}
		}
		if got := s.found("ws_1", "winter", 10); len(got) != 4 {
			t.Errorf("with room for all: %v", got)
		}
	})
}

func TestAThingOfTooManyWordsIsFoundByItsFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newShelf(t, database)
		var many strings.Builder
		for n := range 30_000 {
			fmt.Fprintf(&many, "%s%05d ", strings.Repeat("長", 1)+strings.Repeat("x", 60), n)
			fmt.Fprintf(&many, "word%d ", n)
		}
		s.put("ws_1", "long", "first", many.String(), "last")
		if len(s.found("ws_1", "first", 10)) != 1 || len(s.found("ws_1", "last", 10)) != 0 {
			t.Error("the first texts are not those that are found")
		}
	})
}

func TestCatchingUpIsQuietAndWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		s := newShelf(t, database)
		for n := range 1200 {
			id := fmt.Sprintf("p%04d", n)
			s.texts["ws_1 "+id] = []string{fmt.Sprintf("number %d", n)}
			s.change(func(tx *db.Tx) error {
				_, err := db.Exec(ctx, tx, `insert into search_pending (workspace_id, kind, id, rank) values ('ws_1', 'post', $1, $2)`, id, n)
				return err
			})
		}
		s.put("ws_1", "p0007", "number 7") // changed before its turn
		for range 2 {
			if err := s.index.CatchUp(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.found("ws_1", "number", 2000); len(got) != 1200 {
			t.Errorf("%d are found", len(got))
		}
		if got := s.found("ws_1", "number", 1); len(got) != 1 || got[0] != "p1199" {
			t.Errorf("the newest is %v", got)
		}
	})
}

// What is found is what holds the words by the words alone, whatever is said, typed, changed and dropped.
func TestBothEnginesFindWhatTheWordsSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		word := rapid.SampledFrom([]string{"winter", "win", "wint-er", "Ärger", "arg", "猫", "東京都", "京都", "🎉", "a\"b", "AND", "NOT", "o'neil", "50%", "$", "x_y", "(", "*", ":", "\\", "٣", "ﬁne", "fine", "\x00", "İ", "ß", "ss"})
		said := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(word, 0, 5).Draw(t, "words"), rapid.SampledFrom([]string{" ", "", ", "}).Draw(t, "between"))
		})
		run := 0
		rapid.Check(t, func(t *rapid.T) {
			run++
			ws, s := fmt.Sprintf("ws_%d", run), newShelf(t, database)
			for range rapid.IntRange(1, 8).Draw(t, "acts") {
				id := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id")
				if rapid.IntRange(0, 4).Draw(t, "drop") == 0 {
					delete(s.texts, ws+" "+id)
					s.change(func(tx *db.Tx) error { return s.index.Drop(ctx, tx, ws, id) })
					continue
				}
				s.put(ws, id, said.Draw(t, "said"), said.Draw(t, "more"))
			}
			typed := rapid.OneOf(said, rapid.String()).Draw(t, "typed")
			if got, want := s.found(ws, typed, 100), s.holding(ws, typed); !slices.Equal(got, want) {
				t.Fatalf("%q finds %v, want %v of %q", typed, got, want, s.texts)
			}
		})
	})
}

// holding is what Found promises, said plainly.
func (s *shelf) holding(workspaceID, typed string) []string {
	words := text.Words(typed)
	words = words[:min(len(words), 12)]
	var out []string
	for key, texts := range s.texts {
		var held []string
		for _, t := range texts {
			held = append(held, text.Words(t)...)
		}
		all := len(words) > 0
		for n, w := range words {
			all = all && slices.ContainsFunc(held, func(h string) bool {
				return h == w || (n == len(words)-1 || text.Unfinished(w)) && strings.HasPrefix(h, w)
			})
		}
		if id, ok := strings.CutPrefix(key, workspaceID+" "); ok && all {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
