package console

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func site(t *testing.T) http.Handler {
	t.Helper()
	script := strings.Repeat("console.log('a line that compresses well');\n", 100)
	h, err := handler(fstest.MapFS{
		".gitkeep":             {},
		"index.html":           {Data: []byte(`<meta name="csp-nonce" content="{{nonce}}">`)},
		"icon.svg":             {Data: []byte("<svg/>")},
		"assets/app-4f2a.js":   {Data: []byte(script)},
		"assets/style-99.css":  {Data: []byte("a{}")},
		"assets/font-1.woff2x": {Data: []byte{1, 2, 3}},
	})
	if err != nil || h == nil {
		t.Fatal(h, err)
	}
	return h
}

func get(h http.Handler, path string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestThePageCarriesItsNonce(t *testing.T) {
	h := site(t)
	seen := map[string]bool{}
	for _, path := range []string{"/", "/demo/groups/7", "/demo/users/1.5", "/index.html", "/v1shop/overview", "/v1-shop", "/assetsale/overview"} {
		res := get(h, path)
		policy := res.Header.Get("Content-Security-Policy")
		m := regexp.MustCompile(`style-src 'self' 'nonce-([A-Za-z0-9+/=]{24})'`).FindStringSubmatch(policy)
		if res.StatusCode != 200 || m == nil || text(t, res.Body) != `<meta name="csp-nonce" content="`+m[1]+`">` {
			t.Fatalf("%s: %d %s", path, res.StatusCode, policy)
		}
		if strings.Contains(policy, "script-src 'self' 'unsafe") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("the policy allows too much: %s", policy)
		}
		if seen[m[1]] || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the nonce comes twice, or is kept: %v", path, res.Header)
		}
		seen[m[1]] = true
	}
}

func TestFilesAreCompressedAndKept(t *testing.T) {
	h := site(t)
	res := get(h, "/assets/app-4f2a.js", "Accept-Encoding", "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/javascript") ||
		!strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
		t.Fatalf("%v", res.Header)
	}
	z, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	plain := get(h, "/assets/app-4f2a.js")
	if plain.Header.Get("Content-Encoding") != "" || text(t, z) != text(t, plain.Body) {
		t.Error("a client that takes no gzip gets another file")
	}
	if c := get(h, "/icon.svg").Header.Get("Cache-Control"); c != "no-cache" {
		t.Errorf("a file whose name may stay the same is kept: %s", c)
	}
	if c := get(h, "/assets/font-1.woff2x").Header.Get("Content-Type"); c != "application/octet-stream" {
		t.Errorf("a file of no known kind is %s", c)
	}
	for _, path := range []string{"/assets/gone.js", "/v1/nothing", "/v1", "/.gitkeep"} {
		if res := get(h, path); path != "/.gitkeep" && res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		} else if strings.Contains(res.Header.Get("Content-Type"), "octet") {
			t.Errorf("%s is served", path)
		}
	}
}

func TestABinaryWithoutAConsole(t *testing.T) {
	if h, err := handler(fstest.MapFS{".gitkeep": {}}); h != nil || err != nil {
		t.Errorf("%v %v", h, err)
	}
}
