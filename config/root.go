package config

import "github.com/warmlyyours/hwdeploy/config/internal/psych"

// rootKeys builds what stands at the root itself.
func (l *loader) rootKeys() {
	c, r := l.cfg, l.root
	c.Service = r.Get("service").Text()
	c.Image = r.Get("image").Text()
	c.Labels = pairsOf(l.get("labels"))
	c.Volumes = textList(r.Get("volumes"))
	c.AssetPath = textOr(r.Get("asset_path"), "")
	c.HooksPath = textOr(r.Get("hooks_path"), ".kamal/hooks")
	c.SecretsPath = textOr(r.Get("secrets_path"), ".kamal/secrets")
	c.ErrorPagesPath = textOr(r.Get("error_pages_path"), "")
	c.PrimaryRole = textOr(r.Get("primary_role"), "web")
	c.AllowEmptyRoles = r.Get("allow_empty_roles").Truthy()
	c.RetainContainers = intOr(r.Get("retain_containers"), 5)
	c.ReadinessDelay = intOr(r.Get("readiness_delay"), 7)
	c.DeployTimeout = intOr(r.Get("deploy_timeout"), 30)
	c.DrainTimeout = intOr(r.Get("drain_timeout"), 30)
	c.StopTimeout = intOf(r.Get("stop_timeout"))
	c.HooksOutput = hooksOutput(r.Get("hooks_output"))
}

func hooksOutput(n Value) HooksOutput {
	switch {
	case n == nil:
		return HooksOutput{}
	case n.Kind == psych.String || n.Kind == psych.Symbol:
		return HooksOutput{All: n.Str}
	}
	out := HooksOutput{PerHook: map[string]string{}}
	for _, p := range n.Pairs {
		out.PerHook[p.Key.KeyText()] = p.Value.Text()
	}
	return out
}
