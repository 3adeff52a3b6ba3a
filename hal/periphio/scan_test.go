package periphio

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
)

func TestScan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dps := dpsFake()
		f := &fakeBus{chips: map[uint16]fakeChip{
			0x1e: magFake(0, 0, 0), 0x40: inaFake(0, 0, 0), 0x48: tmp105Fake(25), 0x50: chipOf(),
			0x53: adxlFake(), 0x68: newMPUFake(), 0x69: chipOf(), 0x76: bme280Fake(), 0x77: dps,
		}}
		b := NewI2C("i2c-9", f)
		got := b.Scan(t.Context())
		_ = b.Close()
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"name":"i2c-9","chips":[` + strings.Join([]string{
			`{"address":30,"may":["lsm303-mag"],"is":"lsm303-mag"}`,
			`{"address":64,"may":["ina219"]}`,
			`{"address":72,"may":["ads1115","ina219","lm75","lm75b","tmp102","tmp105"]}`,
			`{"address":80,"may":[]}`,
			`{"address":83,"may":["adxl345"],"is":"adxl345"}`,
			`{"address":104,"may":["mpu6050"],"is":"mpu6050"}`,
			`{"address":105,"may":[]}`, // the right address and another identification
			`{"address":118,"may":["bme280"],"is":"bme280"}`,
			`{"address":119,"may":["dps310"],"is":"dps310"}`,
		}, ",") + `]}`
		if string(text) != want {
			t.Errorf("got  %s\nwant %s", text, want)
		}
		if len(dps.log) != 0 {
			t.Errorf("the scan wrote %x", dps.log)
		}
	})
}

func TestScanOfStuckBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		b := NewI2C("i2c-9", &fakeBus{hold: hold})
		got := b.Scan(t.Context())
		if want := "i2c-9: 0x08: read: the bus is stuck: the transfer did not end within 100ms"; got.Error != want {
			t.Errorf("got %q, want %q", got.Error, want)
		}
		close(hold)
		_ = b.Close()
	})
}
