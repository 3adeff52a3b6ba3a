package graph

import "fmt"

// shapeSVDF: input [N, I], feature weights [units * rank, I], time weights [units * rank,
// memory], optional bias [units], state [N, memory * units * rank]; output [N, units].
func shapeSVDF(op *Operator, in []*Tensor) ([][]int, error) {
	if err := inputs(in, 3, 5); err != nil {
		return nil, err
	}
	o, err := optionsOf[SVDFOptions](op)
	if err != nil {
		return nil, err
	}
	x, feature, time := in[0], in[1], in[2]
	if err := rank(x, "input", 2, 1); err != nil {
		return nil, err
	}
	if err := rank(feature, "feature weights", 2, 0); err != nil {
		return nil, err
	}
	if err := rank(time, "time weights", 2, 0); err != nil {
		return nil, err
	}
	filters := feature.Shape[0]
	if o.Rank < 1 || filters%int(o.Rank) != 0 {
		return nil, fmt.Errorf("%d filters of rank %d: no whole number of units", filters, o.Rank)
	}
	if feature.Shape[1] != x.Shape[1] || time.Shape[0] != filters {
		return nil, fmt.Errorf("input %v, feature weights %v, time weights %v do not agree", x.Shape, feature.Shape, time.Shape)
	}
	return [][]int{{x.Shape[0], filters / int(o.Rank)}}, nil
}
