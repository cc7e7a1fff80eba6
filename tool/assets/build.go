package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// file is one result of the build, by its name in dist.
type file struct {
	name    string
	content []byte
}

// engines are the oldest browsers served: those that know light-dark() and popovers.
var engines = []api.Engine{
	{Name: api.EngineChrome, Version: "125"},
	{Name: api.EngineFirefox, Version: "128"},
	{Name: api.EngineSafari, Version: "17.5"},
}

// build bundles root and returns every file of dist, sorted by name.
func build(root string) ([]file, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", root, err)
	}
	out := filepath.Join(abs, "dist")
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: abs,
		EntryPointsAdvanced: []api.EntryPoint{
			{InputPath: "css/app.css", OutputPath: "app"},
			{InputPath: "ts/app.ts", OutputPath: "app"},
		},
		Bundle:            true,
		Outdir:            out,
		Format:            api.FormatESModule,
		Engines:           engines,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone,
		AssetNames:        "[name]-[hash]",
		Loader:            map[string]api.Loader{".woff2": api.LoaderFile},
		LogLevel:          api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
	}
	var files []file
	for _, f := range result.OutputFiles {
		files = append(files, file{filepath.Base(f.Path), f.Contents})
	}
	mark, err := os.ReadFile(filepath.Join(abs, "mark.svg"))
	if err != nil {
		return nil, fmt.Errorf("read the mark: %w", err)
	}
	files = append(files, file{"mark.svg", mark})
	for _, f := range files {
		if filepath.Ext(f.name) == ".woff2" { // already compressed
			continue
		}
		packed, err := pack(f.content)
		if err != nil {
			return nil, fmt.Errorf("compress %s: %w", f.name, err)
		}
		files = append(files, file{f.name + ".gz", packed})
	}
	sort.Slice(files, func(i, j int) bool { return files[i].name < files[j].name })
	return files, nil
}

// pack compresses without a time stamp, so that the same source gives the same bytes.
func pack(content []byte) ([]byte, error) {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// write replaces root's dist with files.
func write(root string, files []file) error {
	dist := filepath.Join(root, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return fmt.Errorf("make dist: %w", err)
	}
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.name] = true
		if err := os.WriteFile(filepath.Join(dist, f.name), f.content, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	old, err := os.ReadDir(dist)
	if err != nil {
		return fmt.Errorf("read dist: %w", err)
	}
	for _, e := range old {
		if !wanted[e.Name()] {
			if err := os.Remove(filepath.Join(dist, e.Name())); err != nil {
				return fmt.Errorf("remove stale %s: %w", e.Name(), err)
			}
		}
	}
	return nil
}
