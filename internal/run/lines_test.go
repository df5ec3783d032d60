package run

import (
	"io"
	"slices"
	"testing"
)

func TestLinesAreWhole(t *testing.T) {
	var got []string
	l := &Lines{Say: func(line string) { got = append(got, line) }}
	for _, part := range []string{"on", "e\ntwo\nth", "ree"} {
		if _, err := io.WriteString(l, part); err != nil {
			t.Fatal(err)
		}
	}
	l.End()
	if want := []string{"one", "two", "three"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestALongLineIsCut(t *testing.T) {
	var got []string
	l := &Lines{Say: func(line string) { got = append(got, line) }, Max: 4}
	for _, part := range []string{"abc", "de", "f\nxyz", "!"} {
		if _, err := io.WriteString(l, part); err != nil {
			t.Fatal(err)
		}
	}
	l.End()
	if want := []string{"abcde", "f", "xyz!"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
