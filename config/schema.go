package config

import (
	"bytes"
	"encoding/json"
)

// schemaURI is the dialect: https://json-schema.org/draft/2020-12.
const schemaURI = "https://json-schema.org/draft/2020-12/schema"

// Schema gives the JSON Schema of deploy.yml, indented, with a description of
// every key. It follows the table that Load checks by. It describes the file with
// its destination merged in; rules over several keys are Load's alone.
func Schema() ([]byte, error) {
	root := object(rootSpec())
	root["$schema"] = schemaURI
	root["title"] = "deploy.yml of Kamal 2.12, with x-hwdeploy"
	root["patternProperties"] = schema{"^x-": true}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(root)
	return b.Bytes(), err
}

type schema = map[string]any

func scalarSchema() schema { return schema{"type": []string{"string", "number", "boolean"}} }

func listOf(items any) schema { return schema{"type": "array", "items": items} }

func mapOfAny(values any) schema { return schema{"type": "object", "additionalProperties": values} }

func anyOf(of ...any) schema { return schema{"anyOf": of} }

func object(specs []spec) schema {
	properties := schema{}
	var must []string
	for _, s := range specs {
		properties[s.key] = schemaOf(s)
		if s.must || s.checked {
			must = append(must, s.key)
		}
	}
	out := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if must != nil {
		out["required"] = must
	}
	return out
}

func schemaOf(s spec) schema {
	out := shapeSchema(s)
	if s.enum != nil && s.want == wantText {
		out = schema{"enum": s.enum}
	}
	out["description"] = s.doc
	if s.def != nil {
		out["default"] = s.def
	}
	return out
}

func shapeSchema(s spec) schema {
	switch s.want {
	case wantText:
		return scalarSchema()
	case wantInt:
		return schema{"type": "integer"}
	case wantBool:
		return schema{"type": "boolean"}
	case wantTexts:
		return listOf(scalarSchema())
	case wantTextMap, wantAliases:
		return mapOfAny(scalarSchema())
	case wantAnyMap:
		return schema{"type": "object"}
	case wantSection, wantFields:
		return object(s.of)
	case wantEntries:
		return mapOfAny(accessoryObject(s.of))
	case wantServers:
		return anyOf(hostsSchema(), mapOfAny(anyOf(hostsSchema(), object(s.of))))
	default:
		return specialSchema(s)
	}
}

func specialSchema(s spec) schema {
	switch s.want {
	case wantEnv:
		return envSchema(find(s.of, "tags") != nil)
	case wantProxy:
		return anyOf(schema{"type": "boolean"}, object(s.of))
	case wantHosts:
		return hostsSchema()
	case wantOneOrMore:
		return anyOf(scalarSchema(), listOf(scalarSchema()))
	case wantSSHConfig:
		return anyOf(schema{"type": []string{"boolean", "string"}}, listOf(scalarSchema()))
	case wantSSL:
		ssl := object(s.of)
		ssl["additionalProperties"] = true // unknown keys are ignored
		return anyOf(schema{"type": "boolean"}, ssl)
	case wantHooksOutput:
		return anyOf(scalarSchema(), mapOfAny(scalarSchema()))
	case wantPaths:
		path := object(s.of)
		path["additionalProperties"] = true // unknown keys are ignored
		return listOf(anyOf(scalarSchema(), path))
	case wantCredential:
		one := listOf(schema{"type": "string"})
		one["minItems"], one["maxItems"] = 1, 1
		return anyOf(schema{"type": "string"}, one)
	case wantOff:
		return anyOf(schema{"const": false}, object(s.of))
	case wantSecret:
		return schema{"type": "string", "pattern": secretName.String()}
	case wantSecrets:
		return listOf(schema{"type": "string", "pattern": secretName.String()})
	default: // wantSpan
		return schema{"type": "string", "pattern": "^([0-9.]+(ns|us|µs|ms|s|m|h))+$"}
	}
}

func hostsSchema() schema {
	tags := anyOf(scalarSchema(), listOf(scalarSchema()))
	host := mapOfAny(tags)
	host["minProperties"], host["maxProperties"] = 1, 1
	return listOf(anyOf(scalarSchema(), host))
}

// envSchema: clear variables by name, or clear, secret and tags and nothing else.
func envSchema(tags bool) schema {
	parts := object(envSpec(tags))
	if tags {
		properties := parts["properties"].(schema)
		of := mapOfAny(envSchema(false))
		of["description"] = properties["tags"].(schema)["description"]
		properties["tags"] = of
	}
	plain := mapOfAny(scalarSchema())
	plain["not"] = anyOf(schema{"required": []string{"clear"}}, schema{"required": []string{"secret"}}, schema{"required": []string{"tags"}})
	return anyOf(parts, plain)
}

// accessoryObject needs exactly one key that says where it runs.
func accessoryObject(specs []spec) schema {
	out := object(specs)
	var one []any
	for _, key := range placementKeys() {
		one = append(one, schema{"required": []string{key}})
	}
	out["oneOf"] = one
	return out
}
