// Package wire posts small requests to one host over kept-alive connections, and tells apart the failures after
// which the receiver cannot have the request from those after which it may. It offers each request once: it never
// retries and never follows redirects.
package wire
