// Package cloudid is the function that finds the cloud id of an Atlassian site in the address of its admin page.
package cloudid

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// New makes the function cloud_id.
func New() function.Function { return cloudID{} }

type cloudID struct{}

func (cloudID) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "cloud_id"
}

func (cloudID) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The cloud id of an Atlassian site",
		MarkdownDescription: "Finds the cloud id of an Atlassian site in the address of its admin page, " +
			"`https://admin.atlassian.com/o/ORG/products/conf/CLOUD_ID`: open <https://admin.atlassian.com>, choose the organisation, " +
			"then *Apps*, then Confluence of the site.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "admin_url",
			MarkdownDescription: "Address of the admin page.",
		}},
		Return: function.StringReturn{},
	}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func (cloudID) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var address string
	if resp.Error = req.Arguments.Get(ctx, &address); resp.Error != nil {
		return
	}
	id, ok := find(address)
	if !ok {
		resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("%q is not the address of a site's admin page, which looks like "+
			"https://admin.atlassian.com/o/ORG/products/conf/11111111-2222-4333-8444-555555555555.", address))
		return
	}
	resp.Error = resp.Result.Set(ctx, id)
}

// find takes the segment behind the product of /o/ORG/products/PRODUCT/CLOUD_ID, or that of /s/CLOUD_ID, the older form.
func find(address string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Hostname(), "admin.atlassian.com") {
		return "", false
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i, segment := range segments {
		at := -1
		switch segment {
		case "products":
			at = i + 2
		case "s":
			at = i + 1
		}
		if at >= 0 && at < len(segments) {
			if id := strings.ToLower(segments[at]); uuid.MatchString(id) {
				return id, true
			}
		}
	}
	return "", false
}
