package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// The Open Inference Protocol (KServe v2) over HTTP, with the binary tensor extension of
// https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md

// ErrInput says that what was given does not fit the model.
var ErrInput = errors.New("input does not fit")

// Models is what the inference protocol shows and runs.
type Models interface {
	Ready() bool
	// Metadata returns what a model takes and gives, without data, or ErrNotFound.
	Metadata(model string) (version string, inputs, outputs []Tensor, err error)
	// Infer runs a model; inputs are in the request's order, by name. Errors wrap
	// ErrNotFound or ErrInput where those apply.
	Infer(ctx context.Context, model string, inputs []Tensor) (version string, outputs []Tensor, err error)
}

// headerLength is the header that gives the bytes of JSON before binary tensors.
const headerLength = "Inference-Header-Content-Length"

type metadataTensor struct {
	Name     string `json:"name"`
	Datatype string `json:"datatype"`
	Shape    []int  `json:"shape"`
}

type parameters struct {
	BinarySize   *int  `json:"binary_data_size,omitempty"`
	Binary       *bool `json:"binary_data,omitempty"`
	BinaryOutput bool  `json:"binary_data_output,omitempty"`
}

type inferRequest struct {
	ID         string     `json:"id"`
	Parameters parameters `json:"parameters"`
	Inputs     []struct {
		metadataTensor
		Parameters parameters      `json:"parameters"`
		Data       json.RawMessage `json:"data"`
	} `json:"inputs"`
	Outputs []struct {
		Name       string     `json:"name"`
		Parameters parameters `json:"parameters"`
	} `json:"outputs"`
}

type inferOutput struct {
	metadataTensor
	Parameters *parameters `json:"parameters,omitempty"`
	Data       []any       `json:"data,omitempty"`
}

type inferResponse struct {
	ID      string        `json:"id,omitempty"`
	Model   string        `json:"model_name"`
	Version string        `json:"model_version"`
	Outputs []inferOutput `json:"outputs"`
}

// inference adds the protocol's routes.
func inference(m *http.ServeMux, d Models) {
	m.HandleFunc("GET /v2", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{"name": "kinglet", "version": "2", "extensions": []string{"binary_tensor_data"}})
	})
	m.HandleFunc("GET /v2/health/live", func(http.ResponseWriter, *http.Request) {})
	m.HandleFunc("GET /v2/health/ready", func(w http.ResponseWriter, _ *http.Request) {
		if !d.Ready() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	m.HandleFunc("GET /v2/models/{model}/ready", func(w http.ResponseWriter, r *http.Request) {
		if _, _, _, err := d.Metadata(r.PathValue("model")); err != nil {
			answer(w, nil, err)
		}
	})
	m.HandleFunc("GET /v2/models/{model}", func(w http.ResponseWriter, r *http.Request) {
		version, in, out, err := d.Metadata(r.PathValue("model"))
		answer(w, map[string]any{
			"name": r.PathValue("model"), "versions": []string{version}, "platform": "kinglet_tflite",
			"inputs": describe(in), "outputs": describe(out),
		}, err)
	})
	m.HandleFunc("POST /v2/models/{model}/infer", func(w http.ResponseWriter, r *http.Request) { infer(w, r, d) })
}

func describe(list []Tensor) []metadataTensor {
	out := []metadataTensor{}
	for _, t := range list {
		out = append(out, metadataTensor{t.Name, t.Datatype, append([]int{}, t.Shape...)})
	}
	return out
}

func infer(w http.ResponseWriter, r *http.Request, d Models) {
	body, err := io.ReadAll(r.Body) // bounded by the handler around the routes
	if err != nil {
		reply(w, http.StatusRequestEntityTooLarge, failure{err.Error()})
		return
	}
	req, inputs, err := parseInfer(body, r.Header.Get(headerLength))
	if err != nil {
		reply(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	model := r.PathValue("model")
	version, outputs, err := d.Infer(r.Context(), model, inputs)
	if err != nil {
		answer(w, nil, err)
		return
	}
	resp, binary, err := respond(req, outputs)
	if err != nil {
		reply(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	resp.Model, resp.Version = model, version
	head, err := json.Marshal(resp)
	if err != nil {
		reply(w, http.StatusInternalServerError, failure{err.Error()})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if len(binary) > 0 {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set(headerLength, strconv.Itoa(len(head)))
	}
	_, _ = w.Write(append(head, binary...)) // the peer may have gone
}

// parseInfer reads a request: JSON, and behind it, when the header gives the length of
// the JSON, the data of the inputs that are binary.
func parseInfer(body []byte, length string) (*inferRequest, []Tensor, error) {
	head, rest := body, []byte(nil)
	if length != "" {
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > len(body) {
			return nil, nil, fmt.Errorf("%s: got %.40q, the body has %d bytes", headerLength, length, len(body))
		}
		head, rest = body[:n], body[n:]
	}
	var req inferRequest
	dec := json.NewDecoder(bytes.NewReader(head))
	if err := dec.Decode(&req); err != nil {
		return nil, nil, fmt.Errorf("request: %w", err)
	}
	var inputs []Tensor
	for _, in := range req.Inputs {
		t := Tensor{Name: in.Name, Datatype: in.Datatype, Shape: in.Shape}
		if in.Parameters.BinarySize == nil {
			if err := t.parseJSON(in.Data); err != nil {
				return nil, nil, err
			}
		} else {
			size, err := t.size()
			if err != nil {
				return nil, nil, err
			}
			if n := *in.Parameters.BinarySize; n != size || n > len(rest) {
				return nil, nil, fmt.Errorf("input %q: binary_data_size %d, shape %v takes %d, %d are left", t.Name, n, t.Shape, size, len(rest))
			}
			t.Data, rest = rest[:size], rest[size:]
		}
		inputs = append(inputs, t)
	}
	if len(rest) > 0 {
		return nil, nil, fmt.Errorf("%d bytes behind the last binary input", len(rest))
	}
	return &req, inputs, nil
}

// respond chooses and encodes the outputs that a request asks for; all of them when it
// names none.
func respond(req *inferRequest, outputs []Tensor) (*inferResponse, []byte, error) {
	resp := &inferResponse{ID: req.ID, Outputs: []inferOutput{}}
	var data []byte
	add := func(t Tensor, binary bool) {
		o := inferOutput{metadataTensor: metadataTensor{t.Name, t.Datatype, append([]int{}, t.Shape...)}}
		if binary {
			n := len(t.Data)
			o.Parameters = &parameters{BinarySize: &n}
			data = append(data, t.Data...)
		} else {
			o.Data = t.values()
		}
		resp.Outputs = append(resp.Outputs, o)
	}
	if len(req.Outputs) == 0 {
		for _, t := range outputs {
			add(t, req.Parameters.BinaryOutput)
		}
		return resp, data, nil
	}
	for _, want := range req.Outputs {
		found := false
		for _, t := range outputs {
			if t.Name == want.Name {
				binary := req.Parameters.BinaryOutput
				if want.Parameters.Binary != nil {
					binary = *want.Parameters.Binary
				}
				add(t, binary)
				found = true
				break
			}
		}
		if !found {
			return nil, nil, fmt.Errorf("no output %q", want.Name)
		}
	}
	return resp, data, nil
}
