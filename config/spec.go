package config

// want is the shape that a value must have, in the terms of Kamal's checks.
type want int

const (
	wantText        want = iota // S: string, number, boolean or symbol
	wantInt                     // integer
	wantBool                    // boolean
	wantTexts                   // list of S
	wantTextMap                 // map of S
	wantAnyMap                  // map of anything
	wantSection                 // map, checked in its own turn by the spec in of
	wantEnv                     // env section, checked in its own turn
	wantServers                 // list of hosts or map of roles, checked in its own turn
	wantProxy                   // map or boolean, checked in its own turn
	wantEntries                 // map of name to section, checked in its own turn
	wantAliases                 // map of name to S, checked in its own turn
	wantFields                  // map with the keys of of, checked in place
	wantHosts                   // list of hosts, each with tags or without
	wantOneOrMore               // S or list of S
	wantSSHConfig               // boolean, string or list of S
	wantSSL                     // boolean or map
	wantHooksOutput             // S or map of S
	wantPaths                   // list of "local:remote[:options]" or maps
	wantCredential              // string or list with one string
	wantOff                     // map with the keys of of, or false (x-hwdeploy only)
	wantSpan                    // duration such as 15m (x-hwdeploy only)
	wantSecret                  // name of a secret (x-hwdeploy only)
	wantSecrets                 // list of them (x-hwdeploy only)
)

// spec is one key: what it takes, what it means, and the keys below it.
type spec struct {
	key     string
	want    want
	doc     string
	def     any      // default, for the schema; nil = none
	enum    []string // the only words allowed; x-hwdeploy and schema
	must    bool     // required, for the schema
	checked bool     // x-hwdeploy: required in its map
	of      []spec
}

func find(specs []spec, key string) *spec {
	for i := range specs {
		if specs[i].key == key {
			return &specs[i]
		}
	}
	return nil
}

func keysOf(specs []spec) []string {
	keys := make([]string, len(specs))
	for i, s := range specs {
		keys[i] = s.key
	}
	return keys
}
