package infer

import (
	"time"

	"kinglet/models/graph"
)

// PlanStep is one step of a session, for people to read.
type PlanStep struct {
	Index  int    // of the operator in the subgraph
	Op     string // the operator's name
	Kernel string // what computes it
	Type   graph.Type
	Shape  []int         // of the first output
	Bytes  int           // of all outputs
	Mean   time.Duration // of one run, when the session is profiled
}

// Plan returns the steps in the order in which they run.
func (s *Session) Plan() []PlanStep {
	out := make([]PlanStep, len(s.steps))
	for i := range s.steps {
		st := &s.steps[i]
		p := PlanStep{Index: st.node.Index, Op: st.node.Op.Name(), Kernel: st.kernel}
		for j, t := range st.node.Outputs {
			if t == graph.Absent {
				continue
			}
			if j == 0 {
				p.Type, p.Shape = s.tensors[t].Type, s.tensors[t].Shape
			}
			p.Bytes += len(s.memory.Tensors[t])
		}
		if st.runs > 0 {
			p.Mean = st.elapsed / time.Duration(st.runs)
		}
		out[i] = p
	}
	return out
}
