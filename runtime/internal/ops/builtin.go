package ops

// builtin is the operator set, indexed by the schema's operator code and written in its
// order; a nil entry is not supported.
var builtin = [...]bindFunc{}
