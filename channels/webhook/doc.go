// Package webhook posts messages as signed JSON to a server of the operator's own.
//
// Every request carries Idempotency-Key: <campaign>-<user>, and the receiver promises to act once per key; so what
// is unknown may be offered again under the same key. Muster-Signature: t=<Unix seconds>,v1=<hex> is the HMAC-SHA256
// of "<t>.<body>" under the shared secret.
//
// It must never follow a redirect, nor post to a host that is not listed, nor to an address inside the house
// (loopback, private, link-local) unless that was allowed: a template's URL comes from users.
package webhook
