package server

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// post sends an inference to a device without a socket.
func post(model, body, length string) (int, http.Header, string) {
	r := httptest.NewRequest("POST", "/v2/models/"+model+"/infer", strings.NewReader(body))
	if length != "" {
		r.Header.Set(headerLength, length)
	}
	w := httptest.NewRecorder()
	http.MaxBytesHandler(routes(&fake{}), 1<<16).ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.String()
}

func TestInferJSON(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"flat", `{"id":"a","inputs":[{"name":"x","datatype":"INT16","shape":[2],"data":[3,-5]}]}`, 200, `{"id":"a","model_name":"motor","model_version":"7","outputs":[{"name":"y","datatype":"FP32","shape":[2],"data":[1.5,-2.5]}]}`},
		{"nested", `{"inputs":[{"name":"x","datatype":"INT16","shape":[1,2],"data":[[3,4]]}]}`, 200, `"data":[1.5,2]`},
		{"no JSON", `{"inputs":`, 400, "request"},
		{"too few", `{"inputs":[{"name":"x","datatype":"INT16","shape":[2],"data":[3]}]}`, 400, "1 values, shape [2] has 2"},
		{"too many", `{"inputs":[{"name":"x","datatype":"INT16","shape":[2],"data":[3,4,5]}]}`, 400, "more values"},
		{"out of range", `{"inputs":[{"name":"x","datatype":"INT16","shape":[2],"data":[3,40000]}]}`, 400, "40000"},
		{"a string", `{"inputs":[{"name":"x","datatype":"INT16","shape":[2],"data":["3",4]}]}`, 400, "INT16"},
		{"no such datatype", `{"inputs":[{"name":"x","datatype":"BYTES","shape":[2],"data":["3",4]}]}`, 400, "not served"},
		{"a huge shape", `{"inputs":[{"name":"x","datatype":"INT16","shape":[99999,99999],"data":[]}]}`, 400, "elements"},
		{"a negative shape", `{"inputs":[{"name":"x","datatype":"INT16","shape":[-2],"data":[]}]}`, 400, "shape"},
		{"deep nesting", `{"inputs":[{"name":"x","datatype":"INT16","shape":[2],"data":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}]}`, 400, "deeper"},
		{"what the model does not take", `{"inputs":[]}`, 400, "want x INT16"},
		{"an output that is not there", `{"inputs":[{"name":"x","datatype":"INT16","shape":[2],"data":[3,4]}],"outputs":[{"name":"z"}]}`, 400, `no output \"z\"`},
		{"too large", `{"inputs":"` + strings.Repeat("x", 1<<17) + `"}`, 413, "large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, _, body := post("motor", c.body, ""); status != c.status || !strings.Contains(body, c.says) {
				t.Errorf("%d %s, want %d and %s", status, body, c.status, c.says)
			}
		})
	}
	if status, _, _ := post("none", `{}`, ""); status != 404 {
		t.Errorf("a model that is not there: %d", status)
	}
}

func TestInferBinary(t *testing.T) {
	head := `{"inputs":[{"name":"x","datatype":"INT16","shape":[2],"parameters":{"binary_data_size":4}}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}`
	status, h, body := post("motor", head+"\x03\x00\xfb\xff", strconv.Itoa(len(head)))
	if status != 200 || h.Get(headerLength) == "" || !bytes.HasSuffix([]byte(body), []byte{0, 0, 0xc0, 0x3f, 0, 0, 0x20, 0xc0}) {
		t.Errorf("%d %v %q", status, h, body)
	}
	for _, c := range []struct{ body, length, says string }{
		{head + "\x03\x00", strconv.Itoa(len(head)), "2 are left"},
		{head + "\x03\x00\xfb\xff!", strconv.Itoa(len(head)), "1 bytes behind"},
		{head, strconv.Itoa(len(head) + 1), headerLength},
		{head, "-1", headerLength},
		{head, "x", headerLength},
	} {
		if status, _, body := post("motor", c.body, c.length); status != 400 || !strings.Contains(body, c.says) {
			t.Errorf("%d %s, want 400 and %s", status, body, c.says)
		}
	}
}

func FuzzParseInfer(f *testing.F) {
	f.Add([]byte(`{"inputs":[{"name":"x","datatype":"INT16","shape":[2],"data":[[3],-5]}]}`), "")
	f.Add([]byte(`{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]}1234`), "87")
	f.Fuzz(func(t *testing.T, body []byte, length string) {
		_, inputs, err := parseInfer(body, length)
		for _, in := range inputs {
			if size, e := in.size(); err == nil && (e != nil || len(in.Data) != size) {
				t.Errorf("%q: %d bytes for shape %v of %s", in.Name, len(in.Data), in.Shape, in.Datatype)
			}
		}
	})
}
