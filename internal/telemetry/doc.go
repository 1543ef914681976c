// Package telemetry makes what a process tells about itself: its logger and its
// metrics. Both are made once in cmd and injected; nothing here is global.
//
// Logs never hold personal data or secrets: the logger refuses the values of
// attributes whose name says they are one (phone, openid, secret, token, key,
// password), whatever package logs them. It is the last net, not a licence: code
// logs user ids and counts, never what it would take to reach a person.
// Metrics never carry a user, a campaign or anything else without bounds as a label.
package telemetry
