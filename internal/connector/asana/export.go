package asana

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	opExport = "begin a resource export"
	opJob    = "read the state of the export"
	opFile   = "read the export's file"

	firstPoll   = 5 * time.Second
	longestPoll = time.Minute
	fileTries   = 3
)

// byExport has Asana write all tasks and messages that were modified since into a file, with their stories.
func (w *activityWalk) byExport(ctx context.Context) error {
	complete, err := w.cover(ctx, &w.mark.Export, func(ctx context.Context, start time.Time, gaps []span) error {
		job, err := w.jobFor(ctx, gaps[len(gaps)-1].From, start)
		if err != nil {
			return err
		}
		err = w.asana.readExport(ctx, job.GID, w.ledger)
		if err != nil && connector.KindOf(err) != connector.KindNotFound && !errors.Is(err, errExportFailed) {
			return err
		}
		w.mark.Job, w.changed = nil, true
		if err == nil {
			w.mark.Export = w.mark.Export.add(span{From: job.From, To: job.Started.Add(-lag)})
		}
		return err
	})
	if err != nil {
		return err
	}
	w.used("resource export", complete, false)
	return nil
}

// jobFor is the export that an earlier call began, where it reaches as far back as is wanted, or a new one.
func (w *activityWalk) jobFor(ctx context.Context, from, start time.Time) (*exportJob, error) {
	if job := w.mark.Job; job != nil && !job.From.After(from) {
		return job, nil
	}
	job := &exportJob{From: from, Started: start}
	var err error
	if job.GID, err = w.asana.beginExport(ctx, w.workspace, from); err != nil {
		return nil, err
	}
	w.mark.Job, w.changed = job, true
	return job, nil
}

type exportFilter struct {
	ResourceType string            `json:"resource_type"`
	Filters      map[string]string `json:"filters"`
	Fields       []string          `json:"fields,omitempty"`
}

type job struct {
	GID    string `json:"gid"`
	Status string `json:"status"`
	Export *struct {
		DownloadURL string `json:"download_url"`
	} `json:"new_resource_export"`
}

// beginExport asks for an export. A workspace has one at a time.
func (a *Asana) beginExport(ctx context.Context, workspace string, from time.Time) (gid string, err error) {
	after := map[string]string{"modified_at.after": from.Add(-time.Second).Format(inMilliseconds)}
	body, err := json.Marshal(map[string]any{"data": map[string]any{
		"workspace": workspace,
		"export_request_parameters": []exportFilter{
			{"task", after, []string{
				"gid", "created_at", "created_by", "completed_at", "completed_by", "modified_at", "stories",
			}},
			{"message", after, nil},
		},
	}})
	if err != nil {
		return "", fmt.Errorf("write the request for an export: %w", err)
	}
	var answer one[job]
	r := connector.Request{
		Method: http.MethodPost, Path: "/exports/resource", Body: body, Once: true,
		Op: opExport, Object: "workspace " + workspace, Decode: connector.Into(&answer),
	}
	err = a.do(ctx, r)
	if failure := asError(err); failure != nil && failure.Status == http.StatusForbidden {
		if strings.Contains(strings.ToLower(failure.Body), "in progress") {
			failure.Kind = connector.KindUnavailable
			failure.Op = "wait for another export to end"
			failure.Advice = "A workspace has one export at a time, and another is under way; run again later"
		} else {
			failure.Advice = "Resource exports need the token of a service account, and the plan Enterprise+ or the compliance add-on; another export may also be under way. Set vendor_config.asana.activity_method to stories to do without"
		}
	}
	switch {
	case err != nil:
		return "", err
	case answer.Data.GID == "":
		return "", badAnswer(r.Op, r.Object, "the answer names no job")
	}
	return answer.Data.GID, nil
}

var errExportFailed = errors.New("Asana says that the export failed") //nolint:staticcheck // begins with a name

// readExport waits for an export and reads its file. The file's address is good for minutes, so another try asks for a
// new one.
func (a *Asana) readExport(ctx context.Context, gid string, l *ledger) error {
	var err error
	for range fileTries {
		var address string
		if address, err = a.awaitExport(ctx, gid); err != nil {
			return err
		}
		if err = a.readFile(ctx, gid, address, l); err == nil || !connector.CannotTell(err) || ctx.Err() != nil {
			return err
		}
		a.log.InfoContext(ctx, "the export's file broke off, reading it again", "job", gid, "error", err.Error())
	}
	return err
}

// awaitExport waits until the file is there and returns its address.
func (a *Asana) awaitExport(ctx context.Context, gid string) (string, error) {
	for wait := firstPoll; ; wait = min(2*wait, longestPoll) {
		var answer one[job]
		r := connector.Request{
			Path: "/jobs/" + url.PathEscape(gid), Query: url.Values{"opt_fields": {"status,new_resource_export.download_url"}},
			Op: opJob, Object: "job " + gid, Decode: connector.Into(&answer),
		}
		if err := a.do(ctx, r); err != nil {
			return "", err
		}
		switch answer.Data.Status {
		case "succeeded":
			if answer.Data.Export == nil || answer.Data.Export.DownloadURL == "" {
				return "", badAnswer(r.Op, r.Object, "the export is done, but the answer names no file")
			}
			return answer.Data.Export.DownloadURL, nil
		case "failed":
			return "", &connector.Error{
				Vendor: vendorName, Op: r.Op, Object: r.Object, Kind: connector.KindUnavailable, Err: errExportFailed,
				Advice: "Run again; if it stays, set vendor_config.asana.activity_method to stories",
			}
		}
		a.log.InfoContext(ctx, "waiting for the resource export", "job", gid, "status", answer.Data.Status, "wait", wait)
		if err := a.clock.Sleep(ctx, wait); err != nil {
			return "", err
		}
	}
}
