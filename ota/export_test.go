package ota

// WithPoint has f called at each named instant.
func (o Options) WithPoint(f func(name string)) Options {
	o.point = f
	return o
}
