// Package schemadoc makes JSON Schema documents out of Go types, for the files in
// schemas/. It describes; it never validates anything at run time.
package schemadoc

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

const dialect = "https://json-schema.org/draft/2020-12/schema"

// Of gives the JSON Schema (2020-12) of a struct, or of a pointer to one.
func Of(title string, v any) ([]byte, error) {
	typ := reflect.TypeOf(v)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	registry := huma.NewMapRegistry("#/$defs/", huma.DefaultSchemaNamer)
	registry.Schema(typ, true, "")
	text, err := json.Marshal(registry)
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", typ, err)
	}
	defs := map[string]map[string]any{}
	if err := json.Unmarshal(text, &defs); err != nil {
		return nil, fmt.Errorf("schema of %s: %w", typ, err)
	}
	schema := map[string]any{"$schema": dialect, "title": title}
	root := huma.DefaultSchemaNamer(typ, "")
	for k, v := range defs[root] {
		schema[k] = v
	}
	if delete(defs, root); len(defs) > 0 {
		schema["$defs"] = defs
	}
	return write(schema)
}

// Binary gives the schema of a payload that is no JSON.
func Binary(title, description string) ([]byte, error) {
	return write(map[string]any{"$schema": dialect, "title": title, "type": "string",
		"contentMediaType": "application/octet-stream", "description": description})
}

func write(schema map[string]any) ([]byte, error) {
	out, err := json.MarshalIndent(schema, "", "  ")
	return append(out, '\n'), err
}
