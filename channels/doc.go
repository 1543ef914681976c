// Package channels is how a message leaves the house: one small interface, one package for each way out
// (wechat, webhook), and the local WeChat sandbox that stands in for the real one.
//
// A channel is handed messages that are claimed already. It says of each one whether the provider took it, refused
// it for good, provably did not take it yet, or whether nobody can say. Saying "not taken" of a message that may
// have been taken would send it twice: when in doubt it is Unknown (docs/adr/0004-what-counts-as-unknown.md).
//
// It must never offer a message again after the provider may have taken it, unless the provider promised to
// recognise it by its key; never log addresses, texts or secrets; and knows nothing of events or storage.
package channels
