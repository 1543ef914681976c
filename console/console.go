// Package console serves the operators' console: a page, and the scripts and styles
// that Vite made of src. All of it is in the binary, and none of it asks another host
// for anything.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// policy allows the console's own files, and styles that carry the nonce of the page.
// Attributes of style are what React sets through the DOM, which no policy forbids.
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"style-src 'self' 'nonce-%s'; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// asset is one file, compressed where that helps.
type asset struct {
	plain, gzipped []byte
	contentType    string
}

// Handler serves the console's files, and its page for every path that is none of
// them, since the page knows where it is. Nil where the console was not built.
func Handler() (http.Handler, error) {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return handler(root)
}

func handler(root fs.FS) (http.Handler, error) {
	files := map[string]asset{}
	if err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		b, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		files["/"+name], err = newAsset(name, b)
		return err
	}); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	page, ok := files["/index.html"]
	if !ok {
		return nil, nil //nolint:nilnil // there is no console in this binary
	}
	delete(files, "/index.html")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if a, ok := files[r.URL.Path]; ok {
			h.Set("Content-Type", a.contentType)
			h.Set("Cache-Control", "no-cache")
			if strings.HasPrefix(r.URL.Path, "/assets/") { // their names carry a hash
				h.Set("Cache-Control", "public, max-age=31536000, immutable")
			}
			h.Set("Vary", "Accept-Encoding")
			body := a.plain
			if a.gzipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				h.Set("Content-Encoding", "gzip")
				body = a.gzipped
			}
			_, _ = w.Write(body)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/assets/") || r.URL.Path == "/v1" || strings.HasPrefix(r.URL.Path, "/v1/") {
			http.NotFound(w, r)
			return
		}
		var b [18]byte
		_, _ = rand.Read(b[:]) // never fails
		nonce := base64.StdEncoding.EncodeToString(b[:])
		h.Set("Content-Type", page.contentType)
		h.Set("Content-Security-Policy", fmt.Sprintf(policy, nonce))
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(bytes.ReplaceAll(page.plain, []byte("{{nonce}}"), []byte(nonce)))
	}), nil
}

func newAsset(name string, b []byte) (asset, error) {
	a := asset{plain: b, contentType: mime.TypeByExtension(path.Ext(name))}
	if a.contentType == "" {
		a.contentType = "application/octet-stream"
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return a, err
	}
	if _, err := w.Write(b); err != nil {
		return a, err
	}
	if err := w.Close(); err != nil {
		return a, err
	}
	if z.Len() < len(b)*9/10 {
		a.gzipped = z.Bytes()
	}
	return a, nil
}
