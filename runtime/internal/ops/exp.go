package ops

import "kinglet/kernels"

// bindExp: e^x of float32.
func bindExp(n *Node) (Bound, error) { return bindFloatMap(n, "exp", kernels.ExpF32) }
