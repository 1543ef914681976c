package sandbox

import (
	"bytes"
	"strconv"
)

// message is what matters of a send request; the fields are raw JSON, slices of the request's body.
type message struct {
	toUser, templateID, data []byte
}

// WeChat's codes for what is wrong with a request.
const (
	codeBadToken    = 40001
	codeBadOpenID   = 40003
	codeNoToken     = 41001
	codeBadTemplate = 40037
	codeBadJSON     = 47001
	codeBadData     = 47003
	codeBadSecret   = 40125
)

// parseMessage reads and checks a send request; code is 0 or WeChat's errcode. It is written by hand because it is
// what the sandbox mostly does: the standard decoder costs more than all of HTTP around it.
func parseMessage(body []byte) (m message, code int) {
	s := scanner{b: body}
	ok := s.object(func(name []byte) bool {
		v, ok := s.value()
		switch string(name) {
		case `"touser"`:
			m.toUser = v
		case `"template_id"`:
			m.templateID = v
		case `"data"`:
			m.data = v
		}
		return ok
	})
	s.space()
	switch {
	case !ok || s.i != len(body):
		return m, codeBadJSON
	case !filled(m.toUser):
		return m, codeBadOpenID
	case !filled(m.templateID):
		return m, codeBadTemplate
	case !validData(m.data):
		return m, codeBadData
	}
	return m, 0
}

// validData says whether data is an object of {"value": "not empty"}.
func validData(data []byte) bool {
	s := scanner{b: data}
	fields := 0
	ok := s.object(func([]byte) bool {
		fields++
		good := false
		ok := s.object(func(name []byte) bool {
			v, ok := s.value()
			if string(name) == `"value"` {
				good = filled(v)
			}
			return ok
		})
		return ok && good
	})
	return ok && fields > 0
}

// filled says whether v is a JSON string that is not empty.
func filled(v []byte) bool { return len(v) > 2 && v[0] == '"' }

// line is the message as it is kept, one JSON object and \n.
func (m message) line(dst []byte, at []byte) []byte {
	dst = append(append(dst, `{"touser":`...), m.toUser...)
	dst = append(append(dst, `,"template_id":`...), m.templateID...)
	dst = append(dst, `,"data":`...)
	if bytes.IndexByte(m.data, '\n') < 0 {
		dst = append(dst, m.data...)
	} else { // a line break between JSON tokens is only space
		for _, c := range m.data {
			if c == '\n' || c == '\r' {
				c = ' '
			}
			dst = append(dst, c)
		}
	}
	return append(append(append(dst, `,"at":"`...), at...), '"', '}', '\n')
}

func answer(dst []byte, code int, words string, id uint64) []byte {
	dst = strconv.AppendInt(append(dst, `{"errcode":`...), int64(code), 10)
	dst = append(append(append(dst, `,"errmsg":"`...), words...), '"')
	if code == 0 {
		dst = strconv.AppendUint(append(dst, `,"msgid":`...), id, 10)
	}
	return append(dst, '}')
}

// words are errmsg for the codes that tests ask for.
func words(code int) string {
	switch code {
	case codeBadToken:
		return "invalid credential, access_token is invalid or not latest"
	case codeBadOpenID:
		return "invalid openid"
	case codeBadTemplate:
		return "invalid template_id"
	case codeBadJSON:
		return "data format error"
	case codeBadData:
		return "argument invalid!"
	case 43101:
		return "user refuse to accept the msg"
	case 45009:
		return "reach max api daily quota limit"
	case 45011:
		return "api minute-quota reach limit, must slower, retry next minute"
	case -1:
		return "system error"
	}
	return "refused by the sandbox"
}
