// Package wechat sends WeChat mini-program subscribe messages, with the requests and error codes of
// https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/sendMessage.html
// and one stable token (https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html)
// that all senders of the process share.
//
// WeChat knows no idempotency key: a message whose answer was lost is unknown and never offered again from here.
package wechat
