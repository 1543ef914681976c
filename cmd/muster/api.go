package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// cli is what every client command needs: where the server is, with which key, and how to print.
type cli struct {
	url, key, data, biz string
	asJSON              bool
	out, progress       io.Writer
}

func (c *cli) flags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&c.url, "url", os.Getenv("MUSTER_URL"), "the server (MUSTER_URL; else what `muster up` wrote into --data)")
	f.StringVar(&c.key, "key", "", "the API key (MUSTER_KEY; else the admin key in --data)")
	f.StringVar(&c.data, "data", dataDir(), "the data directory of `muster up` (MUSTER_DATA)")
	f.StringVar(&c.biz, "biz", envOr("MUSTER_BIZ", "demo"), "the product line (MUSTER_BIZ)")
	f.BoolVar(&c.asJSON, "json", false, "print JSON")
}

func envOr(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}

func dataDir() string { return envOr("MUSTER_DATA", "data") }

// endpoints is what `muster up` leaves in its data directory once it is ready.
type endpoints struct {
	HTTP       string `json:"http"`
	NATS       string `json:"nats"`
	ClickHouse string `json:"clickhouse"`
	Sandbox    string `json:"sandbox"`
}

func readEndpoints(data string) (endpoints, error) {
	var e endpoints
	b, err := os.ReadFile(filepath.Join(data, "endpoints.json"))
	if err != nil {
		return e, fmt.Errorf("no server: set --url, or --data to the directory of a running `muster up`: %w", err)
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return e, fmt.Errorf("%s: %w", filepath.Join(data, "endpoints.json"), err)
	}
	return e, nil
}

// locate fills in the server and the key where the user named none.
func (c *cli) locate() error {
	if c.url == "" {
		e, err := readEndpoints(c.data)
		if err != nil {
			return err
		}
		c.url = e.HTTP
	}
	if c.key == "" {
		c.key = os.Getenv("MUSTER_KEY")
	}
	if c.key == "" {
		b, err := os.ReadFile(filepath.Join(c.data, "admin.key"))
		if err != nil {
			return fmt.Errorf("no key: set --key or MUSTER_KEY: %w", err)
		}
		c.key = strings.TrimSpace(string(b))
	}
	return nil
}

// problem is the server's RFC 9457 answer.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Field    string `json:"field"`
		Location string `json:"location"`
		Message  string `json:"message"`
	} `json:"errors"`
}

func (p *problem) Error() string {
	s := p.Detail
	if s == "" {
		s = p.Title
	}
	for _, e := range p.Errors {
		where := e.Field
		if where == "" {
			where = e.Location
		}
		s += "\n  " + strings.TrimPrefix(where+": ", ": ") + e.Message
	}
	return fmt.Sprintf("%s (%s, HTTP %d)", s, p.Code, p.Status)
}

// open makes a call and returns the open answer; a problem comes back as an error.
func (c *cli) open(ctx context.Context, method, path string, body io.Reader, header http.Header) (*http.Response, error) {
	if err := c.locate(); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.url, "/")+path, body)
	if err != nil {
		return nil, usageError{err}
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("%s is not answering: %w", c.url, err)
	}
	if res.StatusCode < http.StatusBadRequest {
		return res, nil
	}
	defer res.Body.Close()
	p := &problem{Status: res.StatusCode, Code: "internal", Title: http.StatusText(res.StatusCode)}
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil {
		_ = json.Unmarshal(b, p) // an answer that is no problem document keeps the status text
	}
	return nil, p
}

// call makes a call with a JSON body (nil: none) and decodes the answer into a generic value.
func (c *cli) call(ctx context.Context, method, path string, body any) (object, error) {
	var r io.Reader
	header := http.Header{}
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(b)
		header.Set("Content-Type", "application/json")
	}
	return c.stream(ctx, method, path, r, header)
}

// stream makes a call with a body as it is.
func (c *cli) stream(ctx context.Context, method, path string, body io.Reader, header http.Header) (object, error) {
	res, err := c.open(ctx, method, path, body, header)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	dec := json.NewDecoder(res.Body)
	dec.UseNumber()
	out := object{}
	if err := dec.Decode(&out); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the server's answer is no JSON: %w", err)
	}
	return out, nil
}

// in is a path below the product line.
func (c *cli) in(path string) string { return "/v1/" + url.PathEscape(c.biz) + path }
