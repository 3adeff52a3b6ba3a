package pipeline

import (
	"math"

	"kinglet/models/graph"
	"kinglet/runtime/infer"
)

// quantize writes real values into a model's input, rounding half away from zero and
// limiting to the type's range, as TFLite's QUANTIZE does. The model has been checked by fits.
func quantize(t infer.Tensor, values []float32) {
	switch t.Type {
	case graph.Float32:
		copy(infer.Data[float32](t), values)
	case graph.Int8:
		dst := infer.Data[int8](t)
		for i, v := range values {
			dst[i] = int8(quantized(v, t, math.MinInt8, math.MaxInt8))
		}
	case graph.UInt8:
		dst := infer.Data[uint8](t)
		for i, v := range values {
			dst[i] = uint8(quantized(v, t, 0, math.MaxUint8))
		}
	}
}

func quantized(v float32, t infer.Tensor, lo, hi float64) int {
	q := math.Round(float64(v/t.Quant.Scale[0])) + float64(t.Quant.ZeroPoint[0])
	if q != q {
		q = float64(t.Quant.ZeroPoint[0])
	}
	return int(min(max(q, lo), hi))
}

// dequantize reads a model's output as real values.
func dequantize(dst []float32, t infer.Tensor) {
	switch t.Type {
	case graph.Float32:
		copy(dst, infer.Data[float32](t))
	case graph.Int8:
		for i, q := range infer.Data[int8](t) {
			dst[i] = t.Quant.Scale[0] * float32(int64(q)-t.Quant.ZeroPoint[0])
		}
	case graph.UInt8:
		for i, q := range infer.Data[uint8](t) {
			dst[i] = t.Quant.Scale[0] * float32(int64(q)-t.Quant.ZeroPoint[0])
		}
	}
}
