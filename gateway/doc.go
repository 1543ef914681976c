// Package gateway is the door: it turns HTTP requests into commands and uploads, and
// answers from the read model. Routes are declared once, with huma, which makes the
// OpenAPI document of them; streams (uploads, exports, live events) are plain Fiber
// handlers that are described to the same document.
//
// A changing call is checked for its form, stored as a command and answered with 202,
// or with ?wait= once the read model holds its result. Whether a command is carried
// out is its handler's decision, never the gateway's.
//
// It must never append a command's events, never decide, never keep a request's
// strings beyond the request without copying them, and never show an internal error,
// another product line's data, or a secret that is not being created right now.
package gateway
