// Package signal has the nine operators of tflite-micro's audio preprocessor, which turns a
// window of PCM samples into the features that keyword models listen to. They are custom
// operators: give Operators to infer.Options.Custom.
//
// All are integer arithmetic and equal tflite-micro's in every bit, on every CPU. Where
// tflite-micro trusts a model, such as in the bands of a filter bank, a model is refused
// when it is bound; what only data can decide is an error of Run.
package signal

import "kinglet/runtime/infer"

// Operators returns the operators by the names that model files give them.
func Operators() map[string]infer.Custom {
	return map[string]infer.Custom{
		"SignalWindow":                        window().custom(),
		"SignalFftAutoScale":                  autoScale().custom(),
		"SignalRfft":                          rfft().custom(),
		"SignalEnergy":                        energy().custom(),
		"SignalFilterBank":                    filterBank().custom(),
		"SignalFilterBankSquareRoot":          squareRoot().custom(),
		"SignalFilterBankSpectralSubtraction": spectralSubtraction().custom(),
		"SignalPCAN":                          pcan().custom(),
		"SignalFilterBankLog":                 logarithm().custom(),
	}
}
