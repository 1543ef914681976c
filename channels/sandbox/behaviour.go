package sandbox

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"

	"muster/internal/fault"
)

// Behaviour is how the sandbox answers sends. Rates are shares of all valid sends, from 0 to 1, and exclude each
// other: of a hundred messages with http_500_rate 0.1 and drop_rate 0.2 ten are answered 500 and twenty dropped.
type Behaviour struct {
	DelayMS     int      `json:"delay_ms"`      // before every answer
	ErrCode     int      `json:"errcode"`       // the code to refuse with
	ErrCodeRate *float64 `json:"errcode_rate"`  // default 1 when errcode is not 0
	HTTP500Rate float64  `json:"http_500_rate"` // not accepted; a bare 500
	DropRate    float64  `json:"drop_rate"`     // accepted, then hung up without an answer
}

// action is what happens to one valid message.
type action uint8

const (
	accept action = iota
	refuse
	fail500
	drop
)

// parseBehaviour reads a whole behaviour; what is left out is back to normal.
func parseBehaviour(body []byte) (Behaviour, error) {
	var b Behaviour
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return b, fault.New(fault.Invalid, "not a behaviour: %v", err)
	}
	return b.normal()
}

func (b Behaviour) normal() (Behaviour, error) {
	if b.ErrCodeRate == nil {
		rate := 0.0
		if b.ErrCode != 0 {
			rate = 1
		}
		b.ErrCodeRate = &rate
	}
	sum := 0.0
	for _, r := range []float64{*b.ErrCodeRate, b.HTTP500Rate, b.DropRate} {
		if !(r >= 0 && r <= 1) {
			return b, fault.New(fault.Invalid, "a rate is from 0 to 1")
		}
		sum += r
	}
	if sum > 1.000001 {
		return b, fault.New(fault.Invalid, "the rates add up to more than 1")
	}
	if b.DelayMS < 0 || b.DelayMS > 600_000 {
		return b, fault.Field("delay_ms", "from 0 to 600000")
	}
	return b, nil
}

func (b *Behaviour) choose() action {
	if *b.ErrCodeRate == 0 && b.HTTP500Rate == 0 && b.DropRate == 0 {
		return accept
	}
	u := rand.Float64()
	switch {
	case u < b.HTTP500Rate:
		return fail500
	case u < b.HTTP500Rate+b.DropRate:
		return drop
	case u < b.HTTP500Rate+b.DropRate+*b.ErrCodeRate:
		return refuse
	}
	return accept
}
