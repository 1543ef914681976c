package wechat_test

import (
	"strings"
	"testing"

	"muster/channels"
	"muster/channels/wechat"
)

// What a user is called opens no other page, and adds no parameter to the one that opens.
func TestNoValueChangesThePage(t *testing.T) {
	c := channel(t, "127.0.0.1:1", wechat.Options{})
	l, err := c.Compile(channels.Template{ProviderID: "t", Page: "pages/index?name={{name}}&id={{user_id}}", Data: map[string]string{"thing1": "Hi {{name}}"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := channels.Recipient{UserID: 7, OpenID: "o", Values: []channels.Value{{Text: "a&admin=1#x", OK: true}}}
	got := string(l.Append(nil, &r))
	if !strings.Contains(got, `"page":"pages/index?name=a%26admin%3D1%23x&id=7"`) || !strings.Contains(got, `"value":"Hi a&admin=1#x"`) {
		t.Fatal(got)
	}
	if _, err := c.Compile(channels.Template{ProviderID: "t", Page: "{{", Data: map[string]string{"thing1": "x"}}, nil); err == nil || strings.Contains(err.Error(), "data.") {
		t.Fatalf("the page is blamed by its name: %v", err)
	}
}
