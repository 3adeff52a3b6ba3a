// Package trial proves a model by its answers. The publisher computes them on its own
// machine; since the runtime gives the same bits everywhere, a device that answers
// otherwise runs another model, or runs it wrongly.
package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kinglet/models/eval"
	"kinglet/models/npz"
	"kinglet/models/tflite"
	"kinglet/ota"
	"kinglet/runtime/infer"
)

// Needs returns the names of the operators that a model file needs, each once, sorted.
func Needs(model []byte) ([]string, error) {
	m, err := tflite.Parse(model)
	if err != nil {
		return nil, err
	}
	var names []string
	for i := range m.Subgraphs {
		for j := range m.Subgraphs[i].Operators {
			names = append(names, m.Subgraphs[i].Operators[j].Name())
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Answers runs a model on the cases of inputs, or on cases drawn by seed where inputs is
// nil, and returns inputs and answers as an .npz file: case<N>_in<I> and case<N>_out<I>.
func Answers(model []byte, inputs *npz.File, seed uint64, opt infer.Options) ([]byte, error) {
	s, err := open(model, opt)
	if err != nil {
		return nil, err
	}
	var list []eval.Case
	if inputs == nil {
		list, err = draw(s, seed)
	} else {
		list, err = answerAll(s, inputs)
	}
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := npz.Write(&b, eval.Members(list)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// answerAll runs a model on the cases of a file.
func answerAll(s *infer.Session, inputs *npz.File) ([]eval.Case, error) {
	list, err := eval.ReadCases(inputs)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("there is no case0_in0")
	}
	for i := range list {
		if err := answer(s, &list[i]); err != nil {
			return nil, fmt.Errorf("case%d: %w", i, err)
		}
	}
	return list, nil
}

// answer runs a model on a case and notes what it says.
func answer(s *infer.Session, c *eval.Case) error {
	if err := s.Feed(c.In); err != nil {
		return err
	}
	s.Reset()
	if err := s.Run(context.Background()); err != nil {
		return err
	}
	c.Out = s.Results()
	return nil
}

func open(model []byte, opt infer.Options) (*infer.Session, error) {
	m, err := tflite.Parse(model)
	if err != nil {
		return nil, err
	}
	return infer.Open(m, opt)
}

// Check runs a model on the inputs of answers and returns nil when every output equals
// the published one in every bit, in the time that one run may take (0 is any); otherwise
// why not.
func Check(ctx context.Context, model, answers []byte, runTime time.Duration, opt infer.Options) *ota.Refusal {
	s, err := open(model, opt)
	switch {
	case errors.Is(err, infer.ErrUnsupported):
		return ota.Refuse(ota.CodeOperator, "%w", err)
	case errors.Is(err, infer.ErrMemory):
		return ota.Refuse(ota.CodeTrialMemory, "%w", err)
	case err != nil:
		return ota.Refuse(ota.CodeTrialError, "does not open: %w", err)
	}
	if len(answers) == 0 {
		return ota.Refuse(ota.CodeTrialAnswers, "the publisher gave no trial answers")
	}
	f, err := npz.Read(bytes.NewReader(answers), int64(len(answers)))
	if err != nil {
		return ota.Refuse(ota.CodeTrialAnswers, "the trial answers are not readable: %w", err)
	}
	list, err := eval.ReadCases(f)
	if err != nil {
		return ota.Refuse(ota.CodeTrialAnswers, "the trial answers: %w", err)
	}
	if len(list) == 0 {
		return ota.Refuse(ota.CodeTrialAnswers, "the publisher gave no trial answers")
	}
	var spent []time.Duration
	for i := range list {
		if err := s.Feed(list[i].In); err != nil {
			return ota.Refuse(ota.CodeTrialAnswers, "case %d: %w", i, err)
		}
		s.Reset()
		start := time.Now()
		if err := s.Run(ctx); err != nil {
			return ota.Refuse(ota.CodeTrialError, "case %d: %w", i, err)
		}
		spent = append(spent, time.Since(start))
		if err := eval.Equal(s.Results(), list[i].Out); err != nil {
			return ota.Refuse(ota.CodeTrialAnswers, "case %d: %w", i, err)
		}
	}
	slices.Sort(spent)
	if median := spent[len(spent)/2]; runTime > 0 && median > runTime {
		return ota.Refuse(ota.CodeTrialTime, "one run took %v, its budget is %v", median, runTime)
	}
	return nil
}
