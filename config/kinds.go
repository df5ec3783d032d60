package config

import "github.com/warmlyyours/hwdeploy/config/internal/psych"

// The kinds that a Value may have, for those outside who must tell them apart.
const (
	KindNull   = psych.Null
	KindBool   = psych.Bool
	KindInt    = psych.Int
	KindFloat  = psych.Float
	KindString = psych.String
	KindList   = psych.List
	KindMap    = psych.Map
)

func stringValue(s string) Value { return psych.NewString(s) }
