package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the prefix of our own imports.
const module = "kinglet"

// layer says what the files under a folder may import besides the standard library: our
// own folders, other modules' packages, and what their tests may import besides. A name
// covers what lies below it.
type layer struct {
	folder string
	ours   []string
	others []string
	tests  []string
}

// layers is the policy. A file belongs to the longest folder that covers it. The
// direction is kernels <- models <- runtime <- agent; hal and ota are leaves, and only
// agent introduces them to each other. .golangci.yml says the same to editors.
var layers = []layer{
	{folder: "kernels", others: []string{"golang.org/x/sys/cpu"}},
	{folder: "models", ours: []string{"kernels", "models"}},
	{folder: "models/tflite", ours: []string{"kernels", "models"}, others: []string{"github.com/google/flatbuffers/go"}},
	{folder: "runtime", ours: []string{"kernels", "models", "runtime"}},
	{folder: "hal", ours: []string{"hal"}, others: []string{"periph.io/x", "golang.org/x/sys/unix"}, tests: []string{"tinygo.org/x/drivers"}},
	{
		folder: "ota",
		ours:   []string{"ota"},
		others: []string{
			"github.com/klauspost/compress/zstd",
			"golang.org/x/sys/unix",
		},
		tests: []string{"github.com/mochi-mqtt/server/v2"},
	},
	{
		folder: "ota/mqtt",
		ours:   []string{"ota"},
		others: []string{"github.com/eclipse/paho.mqtt.golang"},
		tests:  []string{"github.com/mochi-mqtt/server/v2"},
	},
	{
		folder: "ota/publish",
		ours:   []string{"ota"},
		others: []string{
			"github.com/klauspost/compress/zstd",
			"github.com/sigstore/sigstore/pkg/signature",
			"github.com/theupdateframework/go-tuf/v2/metadata",
		},
	},
	{
		folder: "ota/internal/store",
		ours:   []string{"ota"},
		others: []string{"go.etcd.io/bbolt", "golang.org/x/sys/unix"},
	},
	{
		folder: "ota/internal/tuf",
		ours:   []string{"ota"},
		others: []string{
			"github.com/sigstore/sigstore/pkg/signature",
			"github.com/theupdateframework/go-tuf/v2/metadata",
		},
	},
	{
		folder: "agent",
		ours:   []string{"agent", "hal", "kernels", "models", "ota", "runtime"},
		others: []string{
			"github.com/charmbracelet/bubbletea",
			"github.com/charmbracelet/lipgloss",
			"github.com/goccy/go-yaml",
			"github.com/mochi-mqtt/server/v2",
			"github.com/schollz/progressbar/v3",
			"github.com/spf13/cobra",
			"golang.org/x/sys/unix",
			"golang.org/x/term",
		},
		tests: []string{"github.com/santhosh-tekuri/jsonschema/v6"},
	},
	{folder: "scripts", ours: []string{"agent", "hal", "kernels", "models", "ota", "runtime", "scripts"}},
}

// namespaces are folders of packages that hold no Go file of their own, so that the
// standard runtime keeps its name.
var namespaces = []string{"models", "runtime", "scripts"}

// entries is all that the project's folder may hold.
var entries = []string{
	"agent", "configs", "docs", "hal", "kernels", "models", "ota", "runtime", "scripts", "testdata", ".ci",
	"go.mod", "go.sum", "Makefile", ".gitattributes", ".gitignore", ".golangci.yml",
	"ARCHITECTURE.md", "CHANGELOG.md", "TODO.md", "CONTRIBUTING.md", "LICENSE", "NOTICE", "README.md", "SECURITY.md",
	".git", "bin", "dist", // not committed
}

// under reports whether name is folder or lies below it.
func under(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

// violations returns what is against the policy in a file, named by its path from the root.
func violations(file string, src []byte) []string {
	f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	folder := path.Dir(file)
	if slices.Contains(namespaces, folder) {
		return []string{fmt.Sprintf("%s: %s/ holds packages, not Go files", file, folder)}
	}
	var l *layer
	for i := range layers {
		if under(folder, layers[i].folder) && (l == nil || len(layers[i].folder) > len(l.folder)) {
			l = &layers[i]
		}
	}
	if l == nil {
		return []string{fmt.Sprintf("%s: no layer covers %s", file, folder)}
	}

	var bad []string
	for _, spec := range f.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !l.allows(name, strings.HasSuffix(file, "_test.go")) {
			bad = append(bad, fmt.Sprintf("%s: may not import %s", file, name))
		}
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			bad = append(bad, file+": func init is action at a distance")
		}
	}
	return bad
}

// allows reports whether a file of the layer may import a package.
func (l *layer) allows(name string, test bool) bool {
	covers := func(folder string) bool { return under(name, folder) }
	first, _, _ := strings.Cut(name, "/")
	switch {
	case name == "C":
		return false
	case first == module:
		own := strings.TrimPrefix(name, module+"/")
		return slices.ContainsFunc(l.ours, func(folder string) bool { return under(own, folder) })
	case !strings.Contains(first, "."):
		return true
	}
	return slices.ContainsFunc(l.others, covers) || test && slices.ContainsFunc(l.tests, covers)
}

// sources calls do with every Go file of the project, whatever it is built for.
func sources(t *testing.T, do func(file string, src []byte)) {
	t.Helper()
	const root = ".."
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); rel != "." && (base[0] == '.' || base == "testdata" || rel == "bin" || rel == "dist") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		do(filepath.ToSlash(rel), src)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLayersHold(t *testing.T) {
	files := 0
	sources(t, func(file string, src []byte) {
		files++
		for _, v := range violations(file, src) {
			t.Error(v)
		}
	})
	if files < 50 {
		t.Errorf("%d files read: the tree is not where it was", files)
	}
}

func TestRootHoldsOnlyKnownEntries(t *testing.T) {
	list, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if !slices.Contains(entries, e.Name()) {
			t.Errorf("%s: not an entry of the project's folder", e.Name())
		}
	}
}

// TestLayersRefuse shows that the policy can fail.
func TestLayersRefuse(t *testing.T) {
	tests := []struct{ file, body, want string }{
		{"kernels/a.go", `import "golang.org/x/sys/cpu"`, ""},
		{"kernels/a_arm64.go", `import "kinglet/models/graph"`, "kernels/a_arm64.go: may not import kinglet/models/graph"},
		{"kernels/a_test.go", `import "kinglet/models/npz"`, "kernels/a_test.go: may not import kinglet/models/npz"},
		{"kernels/a.go", `import "golang.org/x/sys/unix"`, "kernels/a.go: may not import golang.org/x/sys/unix"},
		{"kernels/a.go", `import "C"`, "kernels/a.go: may not import C"},
		{"kernels/a.go", "func init() {}", "kernels/a.go: func init is action at a distance"},
		{"kernels/a.go", "type t struct{}\nfunc (t) init() {}", ""},
		{"models/graph/a.go", `import "kinglet/kernels"`, ""},
		{"models/graph/a.go", `import "github.com/google/flatbuffers/go"`, "models/graph/a.go: may not import github.com/google/flatbuffers/go"},
		{"models/quantize/a.go", `import "kinglet/runtime/infer"`, "models/quantize/a.go: may not import kinglet/runtime/infer"},
		{"models/quantize/a_test.go", `import "kinglet/runtime/infer"`, "models/quantize/a_test.go: may not import kinglet/runtime/infer"},
		{"models/tflite/a.go", `import "github.com/google/flatbuffers/go"`, ""},
		{"models/a.go", "", "models/a.go: models/ holds packages, not Go files"},
		{"runtime/a.go", "", "runtime/a.go: runtime/ holds packages, not Go files"},
		{"runtime/infer/a.go", `import "kinglet/ota"`, "runtime/infer/a.go: may not import kinglet/ota"},
		{"runtime/infer/a.go", `import "kinglet/modelsx"`, "runtime/infer/a.go: may not import kinglet/modelsx"},
		{"runtime/infer/a.go", `import "github.com/spf13/cobra"`, "runtime/infer/a.go: may not import github.com/spf13/cobra"},
		{"hal/sim/a.go", `import "kinglet/ota"`, "hal/sim/a.go: may not import kinglet/ota"},
		{"hal/periphio/a.go", `import "periph.io/x/conn/v3/i2c"`, ""},
		{"ota/a.go", `import "kinglet/runtime/infer"`, "ota/a.go: may not import kinglet/runtime/infer"},
		{"ota/a.go", `import "github.com/theupdateframework/go-tuf/v2/metadata"`, "ota/a.go: may not import github.com/theupdateframework/go-tuf/v2/metadata"},
		{"ota/mqtt/a.go", `import "github.com/mochi-mqtt/server/v2"`, "ota/mqtt/a.go: may not import github.com/mochi-mqtt/server/v2"},
		{"ota/mqtt/a_test.go", `import "github.com/mochi-mqtt/server/v2/listeners"`, ""},
		{"agent/a.go", "import (\n\"kinglet/hal\"\n\"kinglet/ota\"\n\"kinglet/runtime/infer\"\n)", ""},
		{"agent/a.go", `import "go.etcd.io/bbolt"`, "agent/a.go: may not import go.etcd.io/bbolt"},
		{"scripts/x/main.go", `import "kinglet/models/tflite"`, ""},
		{"tools/a.go", "", "tools/a.go: no layer covers tools"},
		{"a.go", "", "a.go: no layer covers ."},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			got := strings.Join(violations(tt.file, []byte("package p\n"+tt.body+"\n")), "; ")
			if got != tt.want {
				t.Errorf("%q: got %q, want %q", tt.body, got, tt.want)
			}
		})
	}
}
