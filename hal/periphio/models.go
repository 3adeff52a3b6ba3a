package periphio

import (
	"fmt"
	"slices"
	"strings"
)

// model is a kind of chip.
type model struct {
	name, about string
	addrs       []uint16 // its usual one first
	spi         bool
	multi       byte // see port.multi
	build       func(Options) (chip, error)
	// probe tells a chip of this model from others at the same address without changing
	// anything in it. It is nil when no register identifies the model.
	probe func(*port) (bool, error)
}

// models are all chips, by name.
func models() []model {
	strap := func(first, last uint16) []uint16 {
		var all []uint16
		for a := first; a <= last; a++ {
			all = append(all, a)
		}
		return all
	}
	return []model{
		{name: "ads1115", about: "4-channel 16-bit ADC", addrs: strap(0x48, 0x4b), build: newADS1115},
		{name: "adxl345", about: "accelerometer", addrs: []uint16{0x53, 0x1d}, spi: true, multi: 0x40, build: newADXL345, probe: holds(adxlDevID, adxlID)},
		{name: "bme280", about: "temperature, pressure, humidity", addrs: strap(0x76, 0x77), spi: true, build: newBME280, probe: holds(bmeID, bme280ID)},
		{name: "bmp280", about: "temperature, pressure", addrs: strap(0x76, 0x77), spi: true, build: newBMP280, probe: holds(bmeID, bmp280ID)},
		{name: "dps310", about: "temperature, pressure", addrs: []uint16{0x77, 0x76}, spi: true, build: newDPS310, probe: probeDPS310},
		{name: "ina219", about: "current monitor", addrs: strap(0x40, 0x4f), build: newINA219},
		{name: "lm75", about: "temperature, steps of 0.5", addrs: strap(0x48, 0x4f), build: newLM75},
		{name: "lm75b", about: "temperature, steps of 0.125", addrs: strap(0x48, 0x4f), build: newLM75B},
		{name: "lsm303-accel", about: "LSM303DLHC's accelerometer", addrs: []uint16{0x19}, build: newLSM303Accel},
		{name: "lsm303-mag", about: "LSM303DLHC's magnetometer", addrs: []uint16{0x1e}, build: newLSM303Mag, probe: probeLSM303Mag},
		{name: "mpu6050", about: "accelerometer and gyroscope", addrs: strap(0x68, 0x69), build: newMPU6050, probe: holds(mpuWhoAmI, mpuID)},
		{name: "tmp102", about: "temperature, steps of 0.0625", addrs: strap(0x48, 0x4b), build: newTMP102},
		{name: "tmp105", about: "temperature, steps of 0.0625", addrs: strap(0x48, 0x4f), build: newTMP105},
	}
}

// holds is a probe for a register with a fixed content.
func holds(reg, want byte) func(*port) (bool, error) {
	return func(p *port) (bool, error) {
		got, err := p.get(reg)
		return got == want, err
	}
}

// Model describes a chip that Bus.Open knows.
type Model struct {
	Name  string   `json:"name"`
	About string   `json:"about"`
	Addrs []uint16 `json:"addresses"` // on I2C, its usual one first
	SPI   bool     `json:"spi"`
}

// Models lists the chips that Bus.Open knows, by name.
func Models() []Model {
	var list []Model
	for _, m := range models() {
		list = append(list, Model{m.name, m.about, m.addrs, m.spi})
	}
	return list
}

func find(name string) (model, error) {
	all := models()
	i := slices.IndexFunc(all, func(m model) bool { return m.name == name })
	if i < 0 {
		var names []string
		for _, m := range all {
			names = append(names, m.name)
		}
		return model{}, fmt.Errorf("chip %q: want one of %s", name, strings.Join(names, ", "))
	}
	return all[i], nil
}

// hexList writes addresses as people write them.
func hexList(addrs []uint16) string {
	var list []string
	for _, a := range addrs {
		list = append(list, fmt.Sprintf("0x%02x", a))
	}
	return strings.Join(list, ", ")
}
