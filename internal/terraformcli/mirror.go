package terraformcli

import (
	"fmt"
	"path/filepath"
	"runtime"
)

const (
	providerSource  = "registry.terraform.io/servicenowsam/servicenowsam"
	providerVersion = "0.1.0"
	providerBinary  = "terraform-provider-servicenowsam"
)

// MirrorBinary is where a filesystem mirror has the binary of this provider.
func MirrorBinary(mirror string) string {
	return filepath.Join(mirror, filepath.FromSlash(providerSource), providerVersion, runtime.GOOS+"_"+runtime.GOARCH,
		providerBinary+"_v"+providerVersion)
}

// MirrorConfig is a CLI configuration that takes providers from a filesystem mirror alone, so that init needs no network.
func MirrorConfig(mirror string) string {
	return fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
}
