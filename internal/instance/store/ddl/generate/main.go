// Command generate writes the first migration to the file named by its argument.
package main

import (
	"fmt"
	"os"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store/ddl"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(ddl.Migration()), 0o644); err != nil { //nolint:gosec // a source file
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
