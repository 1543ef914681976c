package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// walk calls fn with every object of a document and the path to it.
func walk(v any, path string, fn func(path string, o map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		fn(path, v)
		for k, c := range v {
			walk(c, path+"/"+k, fn)
		}
	case []any:
		for i, c := range v {
			walk(c, fmt.Sprintf("%s/%d", path, i), fn)
		}
	}
}

func TestTheOpenAPIDocument(t *testing.T) {
	h := open(t, func(o *options) { o.noReadModel = true })
	a := h.call("GET", "/openapi.json", "")
	var doc map[string]any
	must(t, json.Unmarshal(a.body, &doc))
	if v := doc["openapi"].(string); !strings.HasPrefix(v, "3.1") {
		t.Errorf("openapi %s", v)
	}
	paths := doc["paths"].(map[string]any)
	for _, want := range []string{
		"PUT /v1/{biz}", "GET /v1", "POST /v1/{biz}/groups", "GET /v1/{biz}/groups", "GET /v1/{biz}/groups/{id}", "POST /v1/{biz}/groups/{id}/members",
		"DELETE /v1/{biz}/groups/{id}/members", "GET /v1/{biz}/groups/{id}/members", "GET /v1/{biz}/groups/{id}/members.csv", "GET /v1/{biz}/groups/{id}/members/{user}",
		"POST /v1/{biz}/groups/{id}/members:check", "POST /v1/{biz}/groups/{id}:rebuild", "POST /v1/{biz}/groups/{id}:archive", "GET /v1/{biz}/groups/{id}/versions",
		"GET /v1/{biz}/users/{user}", "GET /v1/{biz}/users/{user}/groups", "GET /v1/{biz}/users/{user}/messages", "POST /v1/{biz}/users:import", "POST /v1/{biz}/users:find",
		"POST /v1/{biz}/tags:import", "POST /v1/{biz}/orders:import", "PUT /v1/{biz}/tags/{id}", "GET /v1/{biz}/tags", "POST /v1/{biz}/segments:count",
		"POST /v1/{biz}/segments:sample", "POST /v1/{biz}/segments:explain", "PUT /v1/{biz}/templates/{id}", "GET /v1/{biz}/templates",
		"POST /v1/{biz}/templates/{id}:preview", "POST /v1/{biz}/campaigns", "GET /v1/{biz}/campaigns", "GET /v1/{biz}/campaigns/{id}",
		"POST /v1/{biz}/campaigns/{id}:launch", "POST /v1/{biz}/campaigns/{id}:pause", "POST /v1/{biz}/campaigns/{id}:resume", "POST /v1/{biz}/campaigns/{id}:cancel",
		"GET /v1/{biz}/campaigns/{id}/report", "GET /v1/{biz}/campaigns/{id}/recipients", "GET /v1/{biz}/campaigns/{id}/recipients.csv", "GET /v1/{biz}/campaigns/{id}/users/{user}", "GET /v1/{biz}/events",
		"GET /v1/{biz}/stream", "GET /v1/commands/{id}", "GET /v1/projections", "POST /v1/projections/{name}:rebuild", "GET /metrics",
	} {
		method, path, _ := strings.Cut(want, " ")
		item, _ := paths[path].(map[string]any)
		op, _ := item[strings.ToLower(method)].(map[string]any)
		if op == nil || op["operationId"] == "" || op["summary"] == "" || op["responses"] == nil {
			t.Errorf("%s is not described: %v", want, op)
			continue
		}
		params := map[string]bool{}
		list, _ := op["parameters"].([]any)
		for _, p := range list {
			params[fmt.Sprint(p.(map[string]any)["name"])] = true
		}
		if _, there := op["responses"].(map[string]any)["412"]; there != params["If-Match"] {
			t.Errorf("%s takes If-Match: %t, and answers 412: %t", want, params["If-Match"], there)
		}
		for _, part := range strings.Split(path, "{")[1:] {
			if name, _, _ := strings.Cut(part, "}"); !params[name] {
				t.Errorf("%s does not describe %s", want, name)
			}
		}
	}
	ids := map[string]bool{}
	walk(doc, "#", func(path string, o map[string]any) {
		if id, ok := o["operationId"].(string); ok {
			if ids[id] {
				t.Errorf("the operation %s is there twice", id)
			}
			ids[id] = true
		}
		ref, ok := o["$ref"].(string)
		if !ok {
			return
		}
		var at any = doc
		for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			m, _ := at.(map[string]any)
			at = m[part]
		}
		if at == nil {
			t.Errorf("%s leads nowhere: %s", path, ref)
		}
	})
	if s := string(a.body); strings.Contains(s, "ErrorModel") {
		t.Error("the document speaks of another form of errors")
	}
	page := string(h.call("GET", "/docs", "").body)
	if strings.Contains(page, "http://") || strings.Contains(page, "https://") || !strings.Contains(page, "/openapi.json") {
		t.Error("the page asks another host for something")
	}
}
