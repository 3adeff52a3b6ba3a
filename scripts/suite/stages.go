package main

// A stage is one way of running tests, or one check.
type stage struct {
	name  string
	sets  string   // the sets it belongs to, as words
	test  string   // arguments of go test, as words; empty where command is set
	cpu   string   // CPU model to emulate with QEMU's user mode; empty: this machine
	env   []string // besides the environment
	needs string   // program without which it is skipped
	run   func(*report) error
}

// numeric names the packages whose answers must be the same bits on every CPU.
const numeric = "./kernels/... ./models/... ./runtime/... ./hal/sim/... ./agent/internal/dsp/..."

// The environments of the boards that are emulated.
var (
	arm64 = []string{"GOARCH=arm64", "CGO_ENABLED=0"}
	armv7 = []string{"GOARCH=arm", "GOARM=7", "CGO_ENABLED=0"}
)

// stages lists them in the order of running. `test` is what CI runs: every package here, and
// the numeric ones on every core, where -short leaves out large networks. `long` runs those too.
var stages = []stage{
	{name: "format", sets: "check", run: gofmt},
	{name: "vet", sets: "check", run: vet},
	{name: "lint", sets: "check", run: command("scripts/lint")},
	{name: "native", sets: "test long check", test: "./..."},
	{name: "purego", sets: "test long check purego", test: "-tags purego " + numeric},
	{name: "race", sets: "test long race", test: "-race -short -tags purego ./...", env: []string{"CGO_ENABLED=1"}, needs: "cc"},
	{name: "cross", sets: "test long", run: command("make", "-s", "cross")},
	{name: "arm64 cortex-a53", sets: "test qemu", test: "-short " + numeric, cpu: "cortex-a53", env: arm64},
	{name: "arm64 cortex-a72", sets: "test qemu", test: "-short " + numeric, cpu: "cortex-a72", env: arm64},
	{name: "arm64 cortex-a76", sets: "test qemu", test: "-short " + numeric, cpu: "cortex-a76", env: arm64},
	{name: "arm64 max", sets: "test qemu", test: "-short " + numeric, cpu: "max", env: arm64},
	{name: "armv7 cortex-a7", sets: "test qemu", test: "-short " + numeric, cpu: "cortex-a7", env: armv7},
	{name: "arm64 cortex-a53, long", sets: "long", test: numeric, cpu: "cortex-a53", env: arm64},
	{name: "arm64 cortex-a72, long", sets: "long", test: numeric, cpu: "cortex-a72", env: arm64},
	{name: "arm64 cortex-a76, long", sets: "long", test: numeric, cpu: "cortex-a76", env: arm64},
	{name: "arm64 max, long", sets: "long", test: numeric, cpu: "max", env: arm64},
	{name: "armv7 cortex-a7, long", sets: "long", test: numeric, cpu: "cortex-a7", env: armv7},
	{name: "armv6 arm1176", sets: "test long qemu", run: smoke},
	{name: "go.mod", sets: "check", run: command("go", "mod", "tidy", "-diff")},
	{name: "NOTICE", sets: "check", run: command("go", "run", "./scripts/notice", "-check", "NOTICE")},
	{name: "clean tree", sets: "check", run: cleanTree},
}
