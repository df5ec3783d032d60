package adapter

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// doppler drives `doppler`: https://docs.doppler.com/docs/cli.
func doppler() Adapter {
	return Adapter{
		name: "doppler", title: "Doppler CLI", check: "doppler --version",
		login: func(ctx context.Context, s *session) error {
			_, err := s.run(ctx, "doppler me --json 2> /dev/null")
			if refused(err) != nil {
				_, err = s.must(ctx, "doppler login -y", "Failed to login to Doppler")
			}
			return err
		},
		fetch: dopplerFetch,
	}
}

func dopplerFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	names := r.prefixed()
	flags, err := dopplerFlags(s, names)
	if err != nil {
		return nil, err
	}
	last := make([]string, len(names))
	for i, n := range names {
		p := parts(n)
		last[i] = p[len(p)-1]
	}
	v, err := s.json(ctx, "doppler secrets get "+escapeAll(last)+" --json "+flags, "Could not read %s from Doppler", list(names))
	if err != nil {
		return nil, err
	}
	result := &ordered.Object{}
	for _, k := range object(v).Keys() {
		result.Set(k, object(object(v).Get(k)).Get("computed"))
	}
	return result, nil
}

// dopplerFlags name project and config, which a service token knows itself.
func dopplerFlags(s *session, names []string) (string, error) {
	if strings.HasPrefix(s.getenv("DOPPLER_TOKEN"), "dp.st") {
		return "", nil
	}
	var p []string
	if len(names) > 0 {
		p = parts(names[0])
	}
	if len(p) < 2 {
		return "", fail(nil, "Missing project or config from '--from=project/config' option")
	}
	return "-p " + Escape(p[0]) + " -c " + Escape(p[1]), nil
}
