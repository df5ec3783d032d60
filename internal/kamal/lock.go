package kamal

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// AutomaticMessage is the message of a lock that a deploy took.
const AutomaticMessage = "Automatic deploy lock"

// LockInfo is what goes into a lock.
type LockInfo struct {
	By      string // git config user.name
	At      time.Time
	Version string
	Message string // "" = AutomaticMessage
}

// EncodeLock is the content of the lock's details: Base64 in lines of 60.
func EncodeLock(l LockInfo) string {
	if l.Message == "" {
		l.Message = AutomaticMessage
	}
	text := fmt.Sprintf("Locked by: %s at %s\nVersion: %s\nMessage: %s", l.By, stamp(l.At), l.Version, l.Message)
	code := base64.StdEncoding.EncodeToString([]byte(text))
	var out strings.Builder
	for len(code) > 60 {
		out.WriteString(code[:60] + "\n")
		code = code[60:]
	}
	out.WriteString(code + "\n")
	return out.String()
}

// LockLine takes the lock; details are EncodeLock's, whose newline echo doubles.
// It fails where there is one.
func (a App) LockLine(details string) string {
	return "mkdir " + a.LockDir() + ` && echo "` + details + `" > ` + a.lockDetails()
}

func (a App) lockDetails() string { return a.LockDir() + "/details" }

// Lock is a lock that was found.
type Lock struct{ Text string }

// DecodeLock reads the details of a lock; line breaks in them do not matter.
// What is not Base64 is taken as it is.
func DecodeLock(details string) Lock {
	clean := strings.Join(strings.Fields(details), "")
	text, err := base64.StdEncoding.DecodeString(clean)
	if err != nil {
		return Lock{Text: details}
	}
	return Lock{Text: string(text)}
}

// Automatic tells a deploy's lock from one that was taken by hand.
func (l Lock) Automatic() bool { return strings.Contains(l.Text, AutomaticMessage) }

// Parts takes a lock's text apart; what a half-made or foreign lock lacks is
// empty.
func (l Lock) Parts() (by, at, version, message string) {
	who, rest, _ := strings.Cut(l.Text, "\n")
	who = strings.TrimPrefix(who, "Locked by: ")
	if i := strings.LastIndex(who, " at "); i >= 0 {
		by, at = who[:i], who[i+len(" at "):]
	}
	version, message, _ = strings.Cut(rest, "\n")
	return by, at, strings.TrimPrefix(version, "Version: "), strings.TrimPrefix(message, "Message: ")
}

const stampLayout = "2006-01-02T15:04:05Z"

// stamp is a time as Kamal writes it: UTC, ISO 8601, whole seconds.
func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	At              time.Time
	Performer, Role string
	Message         string
}

// Audit is the command that appends a line to the audit log.
func (a App) Audit(e AuditEntry) string {
	return "mkdir -p .kamal && echo " + Quote(a.AuditText(e)) + " >> " + a.AuditLog()
}

// ParseAudit reads a line of the app's audit log; false for what is none.
func (a App) ParseAudit(text string) (AuditEntry, bool) {
	stamp, performer, tags, message, ok := SplitAudit(strings.TrimSpace(text))
	at, err := time.Parse(stampLayout, stamp)
	if !ok || err != nil {
		return AuditEntry{}, false
	}
	e := AuditEntry{At: at, Performer: performer, Message: message}
	if a.Destination != "" && len(tags) > 0 && tags[0] == a.Destination {
		tags = tags[1:]
	}
	if len(tags) > 0 {
		e.Role = tags[0]
	}
	return e, true
}

// The messages of the audit log that tell what ran.
const (
	bootedMessage   = "Booted app version "
	executedMessage = "Executed cmd '"
)

// Booted gives the version that an entry says was booted; "" = another entry.
func (e AuditEntry) Booted() string {
	v, ok := strings.CutPrefix(e.Message, bootedMessage)
	if !ok {
		return ""
	}
	return v
}

// Executed gives the version on which an entry says a command was run; "" =
// another entry.
func (e AuditEntry) Executed(cmd string) string {
	v, ok := strings.CutPrefix(e.Message, executedMessage+cmd+"' on app version ")
	if !ok {
		return ""
	}
	return v
}

// AuditText is the line that is appended.
func (a App) AuditText(e AuditEntry) string {
	line := fmt.Sprintf("[%s] [%s]", stamp(e.At), e.Performer)
	for _, tag := range []string{a.Destination, e.Role} {
		if tag != "" {
			line += " [" + tag + "]"
		}
	}
	return line + " " + e.Message
}

// SplitAudit takes a line of any audit log apart; false when it is none. tags are
// those between performer and message: destination, role.
func SplitAudit(line string) (at, performer string, tags []string, message string, ok bool) {
	rest := line
	var words []string
	for strings.HasPrefix(rest, "[") {
		word, after, found := strings.Cut(rest[1:], "] ")
		if !found {
			break
		}
		words, rest = append(words, word), after
	}
	if len(words) < 2 {
		return "", "", nil, line, false
	}
	return words[0], words[1], words[2:], rest, true
}
