package dotenv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/warmlyyours/hwdeploy/internal/vault/dotenv"
)

// env is the process environment of these tests.
var env = map[string]string{"OUTSIDE": "outer", "HAS": "from-env", "DOLLARS": "$ONE"}

func lookup(name string) (string, bool) {
	v, ok := env[name]
	return v, ok
}

// echo is a shell that only knows echo, and says which lines it was given.
func echo(c dotenv.Command) (string, error) {
	if rest, ok := strings.CutPrefix(c.Text, "echo "); ok {
		return rest + "\n", nil
	}
	return "<" + c.Text + ">", nil
}

func options() dotenv.Options {
	return dotenv.Options{Lookup: lookup, Command: echo, EscapedParens: true}
}

// show writes entries as `NAME=<value quoted>` words.
func show(entries []dotenv.Entry) string {
	words := make([]string, len(entries))
	for i, e := range entries {
		words[i] = fmt.Sprintf("%s=%q", e.Name, e.Value)
	}
	return strings.Join(words, " ")
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ``},
		{"blank", "\n \n\t\n", ``},
		{"no line break at the end", "A=1", `A="1"`},
		{"comment", "# A=1\nB=2 # c\n#C=3", `B="2"`},
		{"comment line below belongs above", "A=1\n  # c\nB=2", `A="1" B="2"`},
		{"blanks", " \t A \t = \t 1 \t \nB=2", `A="1" B="2"`},
		{"digits and dots", "1a.B_2=x", `1a.B_2="x"`},
		{"dash is no name", "A-B=1\nC=2", `C="2"`},
		{"non-ASCII name", "É=1\nC=é", `C="é"`},
		{"words that are no entry", "hello world\nA B=1\nC=3", `C="3"`},
		{"colon", "A: 1\nB:2\nC :3\nD:\t4", `A="1" D="4"`},
		{"colon takes the next line", "A:\nB=1\nC=2", `A="B=1" C="2"`},
		{"colon, blank line", "A:\n\nB=1", `A="" B="1"`},
		{"colon and comment", "A: # c\nB=1", `A="" B="1"`},
		{"bare", "A\nB #c\nC", `A="" B="" C=""`},
		{"bare name, equals below", "A\n= 1\nB=2", `A="1" B="2"`},
		{"later wins in place", "A=1\nB=2\nA=3\nC=$A", `A="3" B="2" C="3"`},
		{"equals inside", "A=a=b==", `A="a=b=="`},
		{"carriage returns", "A=1\r\nB=2\rC=\"x\r\ny\"", `A="1" B="2" C="x\ny"`},
		{"byte order mark", "\ufeffA=1", `A="1"`},
		{"mark elsewhere", "A=\ufeff1", "A=\"\\ufeff1\""},
		{"NUL is blank at the ends", "A=\x00 x\x00y \x00", `A="x\x00y"`},

		{"hash cuts", "A=a#b\nB=\"a#b\"\nC='a#b'\nD=$(echo a#b)", `A="a" B="a#b" C="a#b" D="$(echo a"`},
		{"hash first", "A=#b\nB= #b", `A="" B=""`},

		{"single", `A='a $OUTSIDE \n \' "x" $(echo b)'`, `A="a $OUTSIDE \\n \\' \"x\" $(echo b)"`},
		{"single over lines", "A='a\n\nb'\nB=1", `A="a\n\nb" B="1"`},
		{"quoted value on the next line", "A=\n'x'\nB=1", `A="x" B="1"`},
		{"quote is closed by an escaped one at last", `A='a\'` + "\nB=1", `A="a\\" B="1"`},
		{"escaped quote first, when the rest fits", `A='a\' b'`, `A="a\\' b"`},
		{"escaped quote first, and a hash inside", `A='a\' #b'`, `A="a\\' #b"`},
		{"escaped double quote falls back", `A="a\" b`, `A="\"a\" b"`},
		{"last escaped quote wins", `A='a\'b\'`, `A="a\\'b\\"`},
		{"double", `A="x $OUTSIDE \"q\" \$OUTSIDE \\ 'y' \a"`, `A="x outer \"q\" $OUTSIDE \\ 'y' a"`},
		{"double over lines", "A=\"a\nB=1\nb\"\nC=2", `A="a\nB=1\nb" C="2"`},
		{"line breaks stay two characters", `A="a\nb\rc"`, `A="a\\nb\\rc"`},
		{"doubled backslash before n", `A="a\\nb"`, `A="a\\nb"`},
		{"unquoted n", `A=a\nb\\c`, `A="anb\\c"`},
		{"backslash at the end", `A=a\`, `A="a\\"`},
		{"backslash and line break in quotes", "A=\"a\\\nb\"", `A="a\nb"`},
		{"empty quotes", "A=''\nB=\"\"", `A="" B=""`},
		{"one quote", "A='\nB=\"", `A="'" B="\""`},
		{"text after the quote", `A="x"y` + "\n" + `B='x' y`, `A="\"x\"y" B="'x' y"`},
		{"two quoted words", `A="x" "y"` + "\n" + `B='x'$OUTSIDE'y'`, `A="x\" \"y" B="x'$OUTSIDE'y"`},
		{"comment after the quote", `A="x" # c` + "\n" + `B='y'#c`, `A="x" B="y"`},
		{"open quote", "A=\"x\nB=1", `A="\"x" B="1"`},
		{"quote in the middle", `A=it's "so"`, `A="it's \"so\""`},
		{"apostrophes of two lines are one value", "A='x\nB='y'", `A="'x" B="y"`},

		{"legacy in the file", "DOTENV_LINEBREAK_MODE=legacy\nA=\"a\\nb\\rc\"\nB=a\\nb", `DOTENV_LINEBREAK_MODE="legacy" A="a\nb\rc" B="anb"`},
		{"legacy too late", "A=\"a\\nb\"\nDOTENV_LINEBREAK_MODE=legacy", `A="a\\nb" DOTENV_LINEBREAK_MODE="legacy"`},
		{"other mode", "DOTENV_LINEBREAK_MODE=\nA=\"a\\nb\"", `DOTENV_LINEBREAK_MODE="" A="a\\nb"`},

		{"export", "export A=1\nexport\tB\t=2\nexport C=''", `A="1" B="2" C=""`},
		{"export over lines", "export\nA=1", `A="1"`},
		{"export of a known name", "A=1\nexport A\nexport A=\nB=$A", `A="1" B="1"`},
		{"export of two names", "export A B\nC=1", `C="1"`},
		{"name export", "export=5\nexport =6\nexport: 7\nexport", `export=""`},
		{"exported prefix", "exported=5\nexportA=6", `exported="5" exportA="6"`},

		{"variables", "ONE=1\nA=${ONE}2 $ONE3 $ONE\nB=$OUTSIDE[$NOPE]", `ONE="1" A="12  1" B="outer[]"`},
		{"no defaults", "A=${NOPE:-d}", `A=":-d}"`},
		{"brace is swallowed", "ONE=1\nA={$ONE}\nB=${ONE\nC=$ONE}}", `ONE="1" A="{1" B="1" C="1}"`},
		{"dollars without a name", "A=$ $- ${} $} \\${ONE} a$", `A="$ $- ${} $} ${ONE} a$"`},
		{"variable's dollar stays", "A=$DOLLARS\nONE=1\nB=$A", `A="$ONE" ONE="1" B="$ONE"`},
		{"dot ends a name", "A.B=1\nA=2\nC=$A.B", `A.B="1" A="2" C="2.B"`},
		{"below is not seen", "A=$B\nB=1", `A="" B="1"`},
		{"lower case", "a=1\nA=$a", `a="1" A="1"`},
		{"entry before environment", "OUTSIDE=in\nA=$OUTSIDE", `OUTSIDE="in" A="in"`},
		{"environment does not win", "HAS=file\nA=$HAS", `HAS="file" A="file"`},

		{"command", "A=a-$(echo b)-c $(echo d)", `A="a-b-c d"`},
		{"in quotes", `A="x $(echo "a  b") y"`, `A="x \"a  b\" y"`},
		{"in quotes, escaped", `A="x $(echo \"a  b\") y"`, `A="x \"a  b\" y"`},
		{"nested", "A=$(echo $(echo deep))", `A="$(echo deep)"`},
		{"variables in commands", "ONE=1\nA=$(echo $ONE ${OUTSIDE} \\$ONE $NOPE.)", `ONE="1" A="1 outer $ONE ."`},
		{"output is not looked at again", "ONE=1\nA=$(echo \\$ONE \\$)\nB=$A", `ONE="1" A="$ONE $" B="$ONE $"`},
		{"dollar meets output", "A=$$(echo ONE)\nONE=1", `A="$ONE" ONE="1"`},
		{"escaped command", `A=\$(echo no) $(echo yes)`, `A="$(echo no) yes"`},
		{"escaped command with a variable", "ONE=1\nA=\\$(echo $ONE)", `ONE="1" A="$(echo 1)"`},
		{"empty", "A=$()", `A="$()"`},
		{"unbalanced", "A=$(echo (a)\nB=$(echo $(echo in)", `A="$(echo (a)" B="$(echo in"`},
		{"empty pair inside", "A=$(f () x) $(echo y)", `A="$(f () x) y"`},
		{"escaped parenthesis", `A=$(echo a\\)b)`, `A="a\\)b"`},
		{"backticks", "A=`echo no`", "A=\"`echo no`\""},
		{"over lines", "A=\"$(echo a\nb)\"", `A="a\nb"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := dotenv.Parse(c.in, options())
			if err != nil {
				t.Fatal(err)
			}
			if show(got) != c.want {
				t.Errorf("%q\ngot  %s\nwant %s", c.in, show(got), c.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"export", "A=1\nexport NAME\nB=2", `line 2: Line "export NAME" has an unset variable`},
		{"export at the end", "export NAME\n", `line 1: Line "export NAME\n" has an unset variable`},
		{"export with nothing", "A=1\nexport B=# c #{x}", `line 2: Line "export B=# c \#{x}" has an unset variable`},
		{"not UTF-8", "A=1\nB=\xff", `line 2: invalid byte sequence in UTF-8`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := dotenv.Parse(c.in, options())
			var e *dotenv.Error
			if !errors.As(err, &e) || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestCommandsSeeWhereTheyStand(t *testing.T) {
	var seen []dotenv.Command
	o := options()
	o.Command = func(c dotenv.Command) (string, error) {
		seen = append(seen, c)
		return "out\r\n", nil
	}
	entries, err := dotenv.Parse("\nA='1'\n\nB=\"x\n$(cmd $A $OUTSIDE)\"\nC=$(cmd $OUTSIDE)$B", o)
	if err != nil {
		t.Fatal(err)
	}
	want := []dotenv.Command{
		{Text: "cmd 1 outer", Entry: "B", Line: 4, FromEntries: true}, {Text: "cmd outer", Entry: "C", Line: 6},
	}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", seen, want)
	}
	wantEntries := []dotenv.Entry{
		{Name: "A", Value: "1", Line: 2, Literal: true}, {Name: "B", Value: "x\nout", Line: 4, Computed: true},
		{Name: "C", Value: "outx\nout", Line: 6, Computed: true},
	}
	if fmt.Sprint(entries) != fmt.Sprint(wantEntries) {
		t.Errorf("got %v, want %v", entries, wantEntries)
	}
}

func TestCommandErrorsEndTheParse(t *testing.T) {
	boom := errors.New("boom")
	o := options()
	o.Command = func(dotenv.Command) (string, error) { return "", boom }
	if _, err := dotenv.Parse("A=1\nB=$(x)", o); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}

func TestKeep(t *testing.T) {
	ran := false
	o := options()
	o.Keep = true
	o.Command = func(dotenv.Command) (string, error) { ran = true; return "x", nil }
	got, err := dotenv.Parse("HAS=$(never)\nA=$HAS\nexport OUTSIDE", o)
	if err != nil {
		t.Fatal(err)
	}
	if want := `HAS="from-env" A="from-env" OUTSIDE="outer"`; show(got) != want || ran {
		t.Errorf("got %s (ran %v), want %s", show(got), ran, want)
	}
}

func TestPlainParens(t *testing.T) {
	o := options()
	o.EscapedParens = false
	got, err := dotenv.Parse(`A=$(echo a\\)b)`, o)
	if err != nil {
		t.Fatal(err)
	}
	if want := `A="a\\b)"`; show(got) != want {
		t.Errorf("got %s, want %s", show(got), want)
	}
}

func TestDone(t *testing.T) {
	o := options()
	o.Done = func(e dotenv.Entry) string { return strings.ToUpper(e.Value) }
	got, err := dotenv.Parse("A=a\nB=$A.b", o)
	if err != nil {
		t.Fatal(err)
	}
	if want := `A="A" B="A.B"`; show(got) != want {
		t.Errorf("got %s, want %s", show(got), want)
	}
}

func TestLegacyModeFromTheEnvironment(t *testing.T) {
	o := dotenv.Options{Lookup: func(n string) (string, bool) { return "legacy", n == "DOTENV_LINEBREAK_MODE" }}
	got, err := dotenv.Parse("A=\"a\\nb\" \nB=$(stays)", o)
	if err != nil {
		t.Fatal(err)
	}
	if want := `A="a\nb" B="$(stays)"`; show(got) != want {
		t.Errorf("got %s, want %s", show(got), want)
	}
}

func TestIgnoredLinesAreTold(t *testing.T) {
	var lines []int
	o := options()
	o.Ignored = func(n int) { lines = append(lines, n) }
	if _, err := dotenv.Parse("# c\nA-B=1\n\nA='x\ny' # c\n  two words\n\tB=1\n= 2\n'", o); err != nil {
		t.Fatal(err)
	}
	if want := []int{2, 6, 8, 9}; fmt.Sprint(lines) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", lines, want)
	}
}
