package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"muster/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLogsRefuseWhatIsPersonalOrSecret(t *testing.T) {
	for _, format := range []string{"text", "json", "auto"} {
		var out bytes.Buffer
		log := telemetry.NewLogger(&out, slog.LevelInfo, format)
		log.With("access_token", "leak1").WithGroup("user").Info("sent",
			"phone", 13800000000, "openid", "leak2", "user_id", 7, "wechatSecret", "leak3",
			slog.Group("keys", "a", "leak4"), "Authorization", "leak5", "err", context.Canceled)
		text := out.String()
		for _, leak := range []string{"leak", "13800000000"} {
			if strings.Contains(text, leak) {
				t.Errorf("%s: logged %s", format, text)
			}
		}
		for _, kept := range []string{"sent", "user_id", "7", "context canceled", telemetry.Refused} {
			if !strings.Contains(text, kept) {
				t.Errorf("%s: %q is missing from %s", format, kept, text)
			}
		}
		if asJSON := strings.HasPrefix(text, "{"); asJSON != (format != "text") {
			t.Errorf("%s: logged %s", format, text)
		}
	}
}

func TestLevel(t *testing.T) {
	var out bytes.Buffer
	telemetry.NewLogger(&out, slog.LevelWarn, "text").Info("quiet")
	if out.Len() > 0 {
		t.Errorf("logged %s", out.String())
	}
}

func TestSensitiveNames(t *testing.T) {
	for _, name := range []string{"phone", "phones", "phone_number", "user.phone", "openid", "openID", "open_id", "user_open_ids",
		"secret", "client-secret", "token", "accessToken", "key", "admin_key", "API_KEY", "apiKey", "password"} {
		if !telemetry.Sensitive(name) {
			t.Errorf("%s passes", name)
		}
	}
	for _, name := range []string{"", "user_id", "key_id", "phone_count", "monkey", "keyboard", "tokenizer", "opened", "biz", "secretary", "seq", "id"} {
		if telemetry.Sensitive(name) {
			t.Errorf("%s is refused", name)
		}
	}
}

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestMetrics(t *testing.T) {
	m := telemetry.NewMetrics("1.2.3")
	m.Counter("sent_total", "Messages sent.", "channel").WithLabelValues("wechat").Add(2)
	m.Counter("sent_total", "Messages sent.", "channel").WithLabelValues("wechat").Inc()
	m.Durations("call_seconds", "How long a call takes.").WithLabelValues().Observe(0.1)
	text := scrape(t, m)
	for _, line := range []string{
		`muster_build_info{version="1.2.3"} 1`,
		`muster_sent_total{channel="wechat"} 3`,
		`muster_call_seconds_count 1`,
		`go_goroutines `,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%s is missing from\n%s", line, text)
		}
	}
	if other := scrape(t, telemetry.NewMetrics("x")); strings.Contains(other, "sent_total") {
		t.Error("two registries share a metric")
	}
}
