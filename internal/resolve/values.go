package resolve

import (
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// value keeps what command lines tell apart: blank, false, true, text, list.
func value(v config.Value) kamal.Value {
	switch {
	case v == nil || v.Kind == config.KindNull:
		return kamal.Value{}
	case v.Kind == config.KindBool && v.Bool:
		return kamal.Value{Kind: kamal.TrueValue, Text: "true"}
	case v.Kind == config.KindBool:
		return kamal.Value{Kind: kamal.FalseValue, Text: "false"}
	case v.Kind == config.KindList:
		out := kamal.Value{Kind: kamal.ListValue}
		for _, item := range v.Items {
			out.List = append(out.List, value(item))
		}
		return out
	}
	return kamal.Text(v.Text())
}

// Pairs maps an ordered map of the configuration.
func Pairs(pairs []config.Pair) []kamal.Pair {
	var out []kamal.Pair
	for _, p := range pairs {
		out = append(out, kamal.Pair{Key: p.Key, Value: value(p.Value)})
	}
	return out
}

func texts(list []config.Text) []string {
	var out []string
	for _, t := range list {
		out = append(out, t.Value)
	}
	return out
}

func logs(l config.Logging) kamal.LogSpec {
	return kamal.LogSpec{Driver: l.Driver, Options: Pairs(l.Options)}
}
