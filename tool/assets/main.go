// Command assets bundles the style sheets, scripts, fonts and the mark of internal/web/ui
// into its dist folder, which is committed and embedded, so that building Bellwether needs
// neither Node nor npm. Run it from the repository root after changing a .css or .ts file:
//
//	go run ./tool/assets
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", "internal/web/ui", "folder of the design system")
	flag.Parse()
	built, err := build(*root)
	if err == nil {
		err = write(*root, built)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
	for _, f := range built {
		fmt.Printf("%8d  %s\n", len(f.content), f.name)
	}
}
