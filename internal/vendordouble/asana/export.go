package asana

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// fileLife is how long the address of a file is good.
const fileLife = 5 * time.Minute

type exportParameters struct {
	ResourceType string            `json:"resource_type"`
	Filters      map[string]string `json:"filters"`
	Fields       []string          `json:"fields"`
}

// job is a resource export.
type job struct {
	begun, ends time.Time
	failed      bool
	parameters  []exportParameters
}

func (d *Double) beginExport(w http.ResponseWriter, r *http.Request, who caller) {
	var request struct {
		Data struct {
			Workspace  string             `json:"workspace"`
			Parameters []exportParameters `json:"export_request_parameters"`
		} `json:"data"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&request)
	now := d.now()
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.faults.On(FaultFreePlan):
		refuse(w, http.StatusPaymentRequired, "Payment Required: exports are not available in this workspace")
	case !who.service, d.faults.On(FaultNoExport):
		refuse(w, http.StatusForbidden, "Forbidden")
	case err != nil:
		refuse(w, http.StatusBadRequest, "Could not parse request data, invalid JSON")
	case request.Data.Workspace != workspaceGID:
		unknown(w, "workspace", request.Data.Workspace)
	case len(request.Data.Parameters) == 0:
		refuse(w, http.StatusBadRequest, "export_request_parameters: Missing input")
	case d.faults.On(FaultExportBusy), len(d.jobs) > 0 && now.Before(d.jobs[len(d.jobs)-1].ends):
		refuse(w, http.StatusForbidden, "An export request is already in progress for this workspace")
	default:
		j := &job{begun: now, ends: now.Add(d.exportTakes), failed: d.faults.Hits(FaultExportFails, RouteExport), parameters: request.Data.Parameters}
		for _, p := range j.parameters {
			if _, err := modifiedAfter(p); err != nil {
				refuse(w, http.StatusBadRequest, "filters: "+err.Error())
				return
			}
		}
		d.jobs = append(d.jobs, j)
		answerJSON(w, http.StatusCreated, data(d.job(r, len(d.jobs)-1)))
	}
}

func modifiedAfter(p exportParameters) (int64, error) {
	value := p.Filters["modified_at.after"]
	if value == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return 0, fmt.Errorf("modified_at.after is no date and time: %q", value)
	}
	return at.UnixMilli(), nil
}

// job renders the state of an export.
func (d *Double) job(r *http.Request, number int) map[string]any {
	j, now := d.jobs[number], d.now()
	export := compact(gid(jobBase+500, number), "export_request")
	export["created_at"], export["completed_at"], export["download_url"] = text(j.begun.UnixMilli()), nil, nil
	m := compact(gid(jobBase, number), "job")
	m["resource_subtype"], m["new_resource_export"] = "export_request", export
	switch {
	case now.Before(j.begun.Add(d.exportTakes / 10)):
		m["status"] = "not_started"
	case now.Before(j.ends):
		m["status"] = "in_progress"
	case j.failed:
		m["status"] = "failed"
	default:
		m["status"] = "succeeded"
		export["completed_at"] = text(j.ends.UnixMilli())
		export["download_url"] = d.address(r, number, now.Add(fileLife).Unix())
	}
	return m
}

func (d *Double) address(r *http.Request, number int, until int64) string {
	if d.faults.On(FaultExportForeign) {
		return "http://files.example.net/export.jsonl.gz"
	}
	return fmt.Sprintf("http://%s/_files/%d?expires=%d&signature=%s", r.Host, number, until, d.sign(fmt.Appendf(nil, "%d.%d", number, until)))
}

func (d *Double) getJob(w http.ResponseWriter, r *http.Request, who caller) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	number, ok := index(r.PathValue("job"), jobBase, len(d.jobs))
	if !ok || !who.service {
		unknown(w, "job", r.PathValue("job"))
		return
	}
	d.send(w, RouteJob, data(d.job(r, number)))
}

// getFile is the storage service, which knows no tokens and no JSON.
func (d *Double) getFile(w http.ResponseWriter, r *http.Request) {
	d.log.Request(RouteFile)
	if d.brokenAnswer(w, r, RouteFile) {
		return
	}
	number, err := strconv.Atoi(r.PathValue("job"))
	until, badTime := strconv.ParseInt(r.FormValue("expires"), 10, 64)
	d.mu.RLock()
	defer d.mu.RUnlock()
	switch {
	case r.Header.Get("Authorization") != "":
		http.Error(w, "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>", http.StatusBadRequest)
		return
	case err != nil || badTime != nil || number < 0 || number >= len(d.jobs),
		d.sign(fmt.Appendf(nil, "%d.%d", number, until)) != r.FormValue("signature"),
		d.now().Unix() > until, d.faults.Hits(FaultExportExpired, RouteFile):
		http.Error(w, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/gzip")
	out := io.Writer(w)
	if d.faults.Hits(FaultCut, RouteFile) {
		out = &cutter{out, 2000}
	}
	if d.faults.On(FaultExportPlain) {
		d.writeExport(out, d.jobs[number])
		return
	}
	zipped, _ := gzip.NewWriterLevel(out, gzip.BestSpeed)
	d.writeExport(zipped, d.jobs[number])
	if d.faults.Hits(FaultTruncated, RouteFile) {
		_ = zipped.Flush()
		return
	}
	_ = zipped.Close()
}

// cutter breaks the connection after so many bytes.
type cutter struct {
	io.Writer
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left < 0 {
		panic(http.ErrAbortHandler)
	}
	return c.Writer.Write(p)
}

// writeExport writes JSON Lines, not in order of time, with some tasks twice.
func (d *Double) writeExport(out io.Writer, j *job) {
	lines := bufio.NewWriterSize(out, 64<<10)
	defer func() { _ = lines.Flush() }()
	var line []byte
	for _, p := range j.parameters {
		after, _ := modifiedAfter(p)
		want := exportFields(p.Fields)
		switch p.ResourceType {
		case "task":
			for id := range d.tasks {
				if d.tasks[id].modified <= after {
					continue
				}
				line = append(d.appendExported(line[:0], id, want), '\n')
				for range 1 + id%100/99 {
					_, _ = lines.Write(line)
				}
			}
		case "message":
			for i := range d.people {
				if at := d.messageAt(i); at > after {
					line = fmt.Appendf(line[:0], `{"gid":"%d","resource_type":"message","title":"Note","text":"A note."`, storyBase+1_000_000_000+i)
					line = appendAuthor(appendStamp(line, "created_at", at), "created_by", i)
					line = append(appendStamp(line, "modified_at", at), "}\n"...)
					_, _ = lines.Write(line)
				}
			}
		}
	}
}

func exportFields(fields []string) map[string]bool {
	if len(fields) == 0 {
		fields = []string{"created_at", "created_by", "completed_at", "completed_by", "modified_at", "stories"}
	}
	want := map[string]bool{}
	for _, f := range fields {
		want[f] = true
	}
	return want
}

// appendExported renders a task with its stories by hand, because a file holds very many.
func (d *Double) appendExported(b []byte, id int, want map[string]bool) []byte {
	t := d.tasks[id]
	b = fmt.Appendf(b, `{"gid":"%d","resource_type":"task"`, taskBase+id)
	if want["created_at"] {
		b = appendStamp(b, "created_at", d.created(id))
	}
	if want["created_by"] {
		b = appendAuthor(b, "created_by", int(t.author))
	}
	if want["modified_at"] {
		b = appendStamp(b, "modified_at", t.modified)
	}
	switch {
	case completed(id) && want["completed_at"] && want["completed_by"]:
		b = appendAuthor(appendStamp(b, "completed_at", t.last), "completed_by", int(t.author))
	default:
		b = append(b, `,"completed_at":null,"completed_by":null`...)
	}
	if want["stories"] && !d.faults.On(FaultExportBare) {
		b = append(b, `,"stories":[`...)
		for n, s := range d.stories(id) {
			if n > 0 {
				b = append(b, ',')
			}
			b = fmt.Appendf(b, `{"gid":"%d","resource_type":"story","resource_subtype":"comment_added"`, storyBase+id*200+n)
			b = append(appendAuthor(appendStamp(b, "created_at", s.at), "created_by", s.author), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendStamp(b []byte, name string, ms int64) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":"`...)
	b = time.UnixMilli(ms).UTC().AppendFormat(b, stamp)
	return append(b, '"')
}

func appendAuthor(b []byte, name string, person int) []byte {
	b = append(b, `,"`...)
	b = append(b, name...)
	if person < 0 {
		return append(b, `":null`...)
	}
	b = append(b, `":{"gid":"`...)
	b = strconv.AppendInt(b, int64(userBase+person), 10)
	return append(b, `","resource_type":"user"}`...)
}

// messageAt is when somebody wrote a message, never later than their last work; 0 means that they wrote none.
func (d *Double) messageAt(i int) int64 {
	if i%10 != 3 || d.people[i].lastSeen == 0 {
		return 0
	}
	return d.people[i].lastSeen - 1000
}
