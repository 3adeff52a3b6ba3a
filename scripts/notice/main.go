// Command notice writes NOTICE: the licences of what is linked into the binaries, read from
// the modules themselves. With -check it says instead whether the file is still right.
//
//	go run ./scripts/notice [-check] NOTICE
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// head opens the file.
const head = `kinglet
Copyright The kinglet authors

Licensed under the Apache License, Version 2.0; see LICENSE.

The binaries contain Go's standard library and the modules named here, each under its own
licence, unchanged: the source of each is what its module path and version name in Go's
module proxy. Modules with the same licence text stand together. Written by scripts/notice.
`

// targets are the platforms whose binaries are shipped.
var targets = []string{"amd64", "arm64", "arm"}

// kinds tells licences apart by a phrase of their text.
var kinds = []struct{ name, phrase string }{
	{"EPL-2.0", "Eclipse Public License - v 2.0"},
	{"MPL-2.0", "Mozilla Public License Version 2.0"},
	{"Apache-2.0", "Apache License Version 2.0"},
	{"BSD-3-Clause", "Neither the name"},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"ISC", "Permission to use, copy, modify, and/or distribute"},
}

// module is what `go list` says of one.
type module struct {
	Path, Version, Dir string
	Main               bool
}

func main() {
	check := flag.Bool("check", false, "compare, write nothing")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: go run ./scripts/notice [-check] NOTICE")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "notice:", err)
		os.Exit(1)
	}
}

func run(file string, check bool) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	if !check {
		return os.WriteFile(file, text.Bytes(), 0o644)
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(old, text.Bytes()) {
		return fmt.Errorf("%s is not what the linked modules say: run make notice", file)
	}
	return nil
}

// write gathers the modules and prints each licence text once.
func write(w io.Writer) error {
	modules, err := linked()
	if err != nil {
		return err
	}
	users := map[string][]string{} // text to the modules under it
	for _, m := range modules {
		texts, err := licences(m)
		if err != nil {
			return err
		}
		for _, t := range texts {
			users[t] = append(users[t], strings.TrimSpace(m.Path+" "+m.Version))
		}
	}
	fmt.Fprint(w, head)
	texts := slices.SortedFunc(maps.Keys(users), func(a, b string) int { return strings.Compare(users[a][0]+a, users[b][0]+b) })
	for _, t := range texts {
		fmt.Fprintf(w, "\n%s\n", strings.Repeat("-", 80))
		for _, u := range users[t] {
			fmt.Fprintf(w, "%s\n", u)
		}
		fmt.Fprintf(w, "\n%s\n", t)
	}
	return nil
}

// linked lists the modules with packages in the binary of any target. Go's standard
// library stands first.
func linked() ([]module, error) {
	found := map[string]module{}
	for _, arch := range targets {
		c := exec.Command("go", "list", "-deps", "-json=Module", "./agent")
		c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
		c.Stderr = os.Stderr
		out, err := c.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", arch, err)
		}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var p struct{ Module *module }
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			if p.Module != nil && !p.Module.Main {
				found[p.Module.Path] = *p.Module
			}
		}
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	list := []module{{Path: "Go's standard library", Dir: strings.TrimSpace(string(root))}}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		list = append(list, found[name])
	}
	return list, nil
}

// licences reads a module's licence files. The Apache License stands in LICENSE already,
// so only its name and the module's own notice are printed.
func licences(m module) ([]string, error) {
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Path, err)
	}
	var texts []string
	known := false
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		is := func(prefixes ...string) bool {
			return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
		}
		if e.IsDir() || strings.HasSuffix(name, ".GO") || !is("LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS", "EPL-", "EDL-") || strings.HasSuffix(name, ".DOCS") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
		if err != nil {
			return nil, err
		}
		text := tidy(string(data))
		switch kind := kindOf(text); {
		case kind == "Apache-2.0" && strings.Count(text, "\n") < 300:
			text, known = "Apache License, Version 2.0: see LICENSE.", true
		case kind != "" && !is("NOTICE", "PATENTS"):
			text, known = kind+"\n\n"+text, true
		}
		texts = append(texts, text)
	}
	if !known {
		return nil, fmt.Errorf("%s %s: no licence that this program knows in %s", m.Path, m.Version, m.Dir)
	}
	return texts, nil
}

// kindOf names the licences in a text, or gives nothing.
func kindOf(text string) string {
	words := strings.Join(strings.Fields(text), " ")
	var found []string
	for _, k := range kinds {
		if strings.Contains(words, k.phrase) && (k.name != "BSD-2-Clause" || !slices.Contains(found, "BSD-3-Clause")) {
			found = append(found, k.name)
		}
	}
	return strings.Join(found, ", ")
}

// tidy makes texts that differ only in space at the ends of lines equal.
func tidy(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
