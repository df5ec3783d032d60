package facts

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/config"
)

func selectionFacts() []source {
	of := func(name string, value func(*config.Selection) string) source {
		return source{name: "sel." + name, subjects: func(_ context.Context, o Options) []string { return []string{o.filters()} },
			value: func(_ context.Context, o Options, subject string) (string, error) {
				s, err := selected(o.Config, subject)
				if err != nil {
					return "", err
				}
				return value(s), nil
			}}
	}
	return []source{
		of("hosts", func(s *config.Selection) string { return list(s.Hosts) }),
		of("roles", func(s *config.Selection) string { return list(roleNames(s.Roles)) }),
		of("primary_host", func(s *config.Selection) string { return nullable(s.PrimaryHost) }),
		of("primary_role", func(s *config.Selection) string { return nullable(s.PrimaryRole) }),
		of("app_hosts", func(s *config.Selection) string { return list(s.AppHosts) }),
		of("proxy_hosts", func(s *config.Selection) string { return list(s.ProxyHosts) }),
		of("accessory_hosts", func(s *config.Selection) string { return list(s.AccessoryHosts) }),
	}
}

// filters is the subject that stands for the filters of the command line.
func (o Options) filters() string {
	var parts []string
	if len(o.Hosts) > 0 {
		parts = append(parts, "hosts="+strings.Join(o.Hosts, ","))
	}
	if len(o.Roles) > 0 {
		parts = append(parts, "roles="+strings.Join(o.Roles, ","))
	}
	if o.Primary {
		parts = append(parts, "-p")
	}
	return strings.Join(parts, " ")
}

// selected applies the filters that a subject names. Patterns may hold blanks,
// so a part goes on until the next one begins.
func selected(c *config.Config, subject string) (*config.Selection, error) {
	var hosts, roles []string
	primary := subject == "-p"
	subject, found := strings.CutSuffix(subject, " -p")
	primary = primary || found
	if before, text, ok := strings.Cut(" "+subject, " roles="); ok {
		subject, roles = strings.TrimPrefix(before, " "), config.SplitFilter(text)
	}
	if text, ok := strings.CutPrefix(subject, "hosts="); ok {
		hosts = config.SplitFilter(text)
	}
	return c.Select(hosts, roles, primary)
}
