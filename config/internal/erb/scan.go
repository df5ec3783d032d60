package erb

import "strings"

type segKind int

const (
	segText    segKind = iota
	segCode            // <% … %>
	segExpr            // <%= … %>
	segComment         // <%# … %>
)

// segment is a run of literal text or one tag.
type segment struct {
	kind       segKind
	text       string // what to write, or the code between the marks
	start, end int    // extent in the template, marks included
	body       int    // offset of text in the template
	newline    bool   // the tag ended in -%> and took the end of its line along
	inComment  bool   // see markComments
}

// scan splits the template as ERB does in trim mode "-".
func scan(src *source) ([]segment, error) {
	var segs []segment
	s := scanner{src: src.text}
	for s.at < len(s.src) {
		s.literal(&segs)
		if s.at == len(s.src) {
			break
		}
		tag, ok := s.tag()
		if !ok {
			err := src.errorAt(tag.start, min(tag.start+40, len(s.src)), "tag is never closed")
			err.Rewrite = "close it with %>, or write <%% for a literal <%"
			return nil, err
		}
		segs = append(segs, tag)
	}
	return segs, nil
}

type scanner struct {
	src string
	at  int
}

// literal takes text up to the next tag. `<%%` stands for `<%`. Blanks before
// `<%-` go when they follow a line start or the end of a tag.
func (s *scanner) literal(segs *[]segment) {
	fresh := true // only blanks since the start of the line or the last mark
	from, blanks := s.at, s.at
	for s.at < len(s.src) {
		rest := s.src[s.at:]
		switch {
		case strings.HasPrefix(rest, "<%%"):
			s.emit(segs, from, s.at+2)
			s.at += 3
			from, blanks, fresh = s.at, s.at, true
		case strings.HasPrefix(rest, "<%-") && fresh:
			s.emit(segs, from, blanks)
			return
		case strings.HasPrefix(rest, "<%"):
			s.emit(segs, from, s.at)
			return
		default:
			c := rest[0]
			s.at++
			if c == '\n' {
				blanks, fresh = s.at, true
			} else if c != ' ' && c != '\t' {
				fresh = false
			}
		}
	}
	s.emit(segs, from, s.at)
}

func (s *scanner) emit(segs *[]segment, from, to int) {
	if from < to {
		*segs = append(*segs, segment{kind: segText, text: s.src[from:to], start: from, end: to, body: from})
	}
}

// tag takes a whole tag; false when its end is missing.
func (s *scanner) tag() (segment, bool) {
	seg := segment{kind: segCode, start: s.at}
	s.at += 2
	switch rest := s.src[s.at:]; {
	case strings.HasPrefix(rest, "-"):
		s.at++
	case strings.HasPrefix(rest, "="):
		seg.kind = segExpr
		s.at++
	case strings.HasPrefix(rest, "#"):
		seg.kind = segComment
		s.at++
	}
	seg.body = s.at
	end := s.closing()
	if end < 0 {
		return seg, false
	}
	code := s.src[seg.body:end]
	if strings.HasSuffix(code, "-") {
		code = code[:len(code)-1]
		seg.newline = s.eatNewline(end + 2)
	}
	seg.text = strings.ReplaceAll(code, "%%>", "%>")
	s.at = max(s.at, end+2)
	seg.end = s.at
	return seg, true
}

// closing finds the `%>` that is no `%%>`.
func (s *scanner) closing() int {
	for i := s.at; i+1 < len(s.src); i++ {
		if strings.HasPrefix(s.src[i:], "%%>") {
			i += 2
			continue
		}
		if s.src[i] == '%' && s.src[i+1] == '>' {
			return i
		}
	}
	return -1
}

// eatNewline moves behind the end of the line if it follows at once.
func (s *scanner) eatNewline(at int) bool {
	s.at = at
	rest := s.src[at:]
	switch {
	case strings.HasPrefix(rest, "\r\n"):
		s.at += 2
	case strings.HasPrefix(rest, "\n"):
		s.at++
	default:
		return rest == ""
	}
	return true
}
