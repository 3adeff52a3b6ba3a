package graph

import "strconv"

// Type is the element type of a tensor (schema.fbs, enum TensorType).
type Type int8

// The element types, in schema order.
const (
	Float32 Type = iota
	Float16
	Int32
	UInt8
	Int64
	String
	Bool
	Int16
	Complex64
	Int8
	Float64
	Complex128
	UInt64
	Resource
	Variant
	UInt32
	UInt16
	Int4
	BFloat16
	Int2
	UInt4
	Float8E4M3
	Float8E5M2
)

var typeNames = [...]string{
	"float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64", "int8", "float64",
	"complex128", "uint64", "resource", "variant", "uint32", "uint16", "int4", "bfloat16", "int2", "uint4",
	"float8_e4m3fn", "float8_e5m2",
}

// typeBits is the size of an element in bits; 0 where elements have no fixed size.
var typeBits = [...]int{32, 16, 32, 8, 64, 0, 8, 16, 64, 8, 64, 128, 64, 0, 0, 32, 16, 4, 16, 2, 4, 8, 8}

// String returns the name as numpy spells it.
func (t Type) String() string {
	if t >= 0 && int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "TensorType(" + strconv.Itoa(int(t)) + ")"
}

// Known reports whether the schema has the type.
func (t Type) Known() bool { return t >= 0 && int(t) < len(typeNames) }

// Bits returns the size of an element in bits, or 0 for a type without a fixed size.
func (t Type) Bits() int {
	if !t.Known() {
		return 0
	}
	return typeBits[t]
}

// Bytes returns the bytes that n elements take; types below a byte are packed.
func (t Type) Bytes(n int) int { return (n*t.Bits() + 7) / 8 }

// Padding is how a window operator treats the border (schema.fbs, enum Padding).
type Padding int8

// The paddings, in schema order.
const (
	Same Padding = iota
	Valid
)

func (p Padding) String() string {
	switch p {
	case Same:
		return "SAME"
	case Valid:
		return "VALID"
	}
	return "Padding(" + strconv.Itoa(int(p)) + ")"
}

// Activation is the function fused into an operator's output
// (schema.fbs, enum ActivationFunctionType).
type Activation int8

// The activations, in schema order.
const (
	ActNone Activation = iota
	ActReLU
	ActReLUN1To1
	ActReLU6
	ActTanh
	ActSignBit
)

var activationNames = [...]string{"NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"}

func (a Activation) String() string {
	if a >= 0 && int(a) < len(activationNames) {
		return activationNames[a]
	}
	return "ActivationFunctionType(" + strconv.Itoa(int(a)) + ")"
}
