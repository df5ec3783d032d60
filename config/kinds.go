package config

import "github.com/warmlyyours/hwdeploy/config/internal/psych"

// The kinds of a Value, for readers outside this folder.
const (
	KindNull   = psych.Null
	KindBool   = psych.Bool
	KindInt    = psych.Int
	KindFloat  = psych.Float
	KindString = psych.String
	KindSymbol = psych.Symbol
	KindList   = psych.List
	KindMap    = psych.Map
)
