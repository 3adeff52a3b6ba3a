package tflite

import (
	"reflect"
	"strconv"

	"kinglet/models/graph"
)

// decodeOptions fills the struct that out points to from a table of options. Field i of
// the struct is slot i of the table; a blank field is a deprecated one, and not read.
func decodeOptions(t *table, out any) any {
	v := reflect.ValueOf(out).Elem()
	kind := v.Type()
	if !t.f.spend(t.at, t.off(), int(kind.Size())) {
		return nil
	}
	for i := range kind.NumField() {
		field := kind.Field(i)
		if field.Name == "_" {
			continue
		}
		decodeField(t, i, &field, v.Field(i))
	}
	t.known(kind.NumField())
	if t.f.err != nil {
		return nil
	}
	return out
}

func decodeField(t *table, i int, field *reflect.StructField, v reflect.Value) {
	def := defaultOf(field)
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(t.bool(i, field.Name, def != 0))
	case reflect.Int8:
		x := int8(def)
		if t.slot(i) != 0 {
			x = t.int8(i, field.Name)
		}
		v.SetInt(int64(x))
		if err := checkEnum(v.Interface()); err != nil {
			t.fail(i, field.Name, err)
		}
	case reflect.Int32:
		v.SetInt(int64(t.int32(i, field.Name, int32(def))))
	case reflect.Uint32:
		v.SetUint(uint64(t.uint32(i, field.Name)))
	case reflect.Int64:
		v.SetInt(t.int64(i, field.Name, def))
	case reflect.Float32:
		v.SetFloat(float64(t.float32(i, field.Name, float32(def))))
	case reflect.String:
		v.SetString(t.string(i, field.Name))
	case reflect.Slice:
		list := t.vector(i, field.Name, 4)
		if v.Type().Elem().Kind() == reflect.Float32 {
			v.Set(reflect.ValueOf(list.float32s()))
		} else {
			v.Set(reflect.ValueOf(list.int32s()))
		}
	default:
		t.fail(i, field.Name, unsupported("field of Go type %v", v.Type()))
	}
}

// defaultOf returns the value that a field has where the file leaves it out.
func defaultOf(field *reflect.StructField) int64 {
	switch s := field.Tag.Get("default"); s {
	case "", "false":
		return 0
	case "true":
		return 1
	default:
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return 0
		}
		return n
	}
}

// checkEnum refuses a number that is none of its enum's.
func checkEnum(v any) error {
	switch v := v.(type) {
	case graph.Padding:
		if v < graph.Same || v > graph.Valid {
			return malformed("%v", v)
		}
	case graph.Activation:
		if v < graph.ActNone || v > graph.ActSignBit {
			return malformed("%v", v)
		}
	case graph.Type:
		if !v.Known() {
			return malformed("%v", v)
		}
	}
	return nil
}
