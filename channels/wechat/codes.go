package wechat

import (
	"strconv"

	"muster/channels"
)

// kind is what an error code of WeChat's means for a message. An answer that carries an errcode comes from the API
// itself, after it looked at the request: it says for certain that the message was not taken.
type kind uint8

const (
	refusedForGood kind = iota // the default for a code not listed
	taken
	tokenBad
	refusedForNow
)

// meaning tells what a code means, and the words for people. WeChat's own errmsg carries a request id and sometimes
// the openid, so it is not kept.
func meaning(code int) (kind, string) {
	switch code {
	case 0:
		return taken, ""
	case 40001, 40014, 42001:
		return tokenBad, "the access token is not valid"
	case -1:
		return refusedForNow, "WeChat is busy"
	case 45009:
		return refusedForNow, "the API's quota is used up"
	case 45011:
		return refusedForNow, "too many calls in a minute"
	case 40003:
		return refusedForGood, "the openid is not valid"
	case 40037:
		return refusedForGood, "the template id is not valid"
	case 41030:
		return refusedForGood, "the page does not exist"
	case 43101:
		return refusedForGood, "the user refused, or used up the grant"
	case 43107:
		return refusedForGood, "this account may not send subscribe messages"
	case 43108:
		return refusedForGood, "the user is not reachable by subscribe messages"
	case 43116:
		return refusedForGood, "the template is not allowed here"
	case 47003:
		return refusedForGood, "the template's data does not fit"
	case 48001:
		return refusedForGood, "this account may not call the API"
	case 61004:
		return refusedForGood, "this server's address is not on WeChat's list"
	}
	return refusedForGood, "WeChat refused"
}

// tokenTrouble is what an errcode of stable_token means.
func tokenTrouble(code int) string {
	words := map[int]string{
		-1: "WeChat is busy", 40001: "the secret is wrong", 40002: "the kind of grant is not valid", 40013: "the app id is not valid",
		40125: "the secret is wrong", 40164: "this server's address is not on WeChat's list", 41002: "the app id is missing",
		41004: "the secret is missing", 45009: "the API's quota is used up", 45011: "too many calls in a minute",
		50004: "the account may not ask for tokens", 50007: "the account is frozen",
	}[code]
	if words == "" {
		words = "WeChat refused"
	}
	return words + " (errcode " + strconv.Itoa(code) + ")"
}

func result(code int) channels.Result {
	k, words := meaning(code)
	switch k {
	case taken:
		return channels.Result{Verdict: channels.Sent}
	case tokenBad, refusedForNow:
		return channels.Result{Verdict: channels.Later, Code: strconv.Itoa(code), Reason: words}
	}
	return channels.Result{Verdict: channels.Refused, Code: strconv.Itoa(code), Reason: words}
}
