package resolve

import (
	"github.com/warmlyyours/hwdeploy/config"
	"github.com/warmlyyours/hwdeploy/internal/kamal"
)

// value keeps what command lines tell apart.
func value(v config.Value) kamal.Value {
	if v == nil {
		return kamal.Value{Kind: kamal.NullValue}
	}
	switch v.Kind {
	case config.KindNull:
		return kamal.Value{Kind: kamal.NullValue}
	case config.KindBool:
		if v.Bool {
			return kamal.Value{Kind: kamal.TrueValue}
		}
		return kamal.Value{Kind: kamal.FalseValue}
	case config.KindInt, config.KindFloat:
		return kamal.Value{Kind: kamal.NumberValue, Text: v.Text()}
	case config.KindList:
		out := kamal.Value{Kind: kamal.ListValue}
		for _, item := range v.Items {
			out.List = append(out.List, value(item))
		}
		return out
	case config.KindMap:
		out := kamal.Value{Kind: kamal.MapValue}
		for _, p := range v.Pairs {
			out.Pairs = append(out.Pairs, kamal.Pair{Key: p.Key.KeyText(), Value: value(p.Value)})
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
