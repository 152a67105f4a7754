package asana

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// stalled is how long a file may bring nothing before the connection is given up.
const stalled = time.Minute

// exported is a task or message in an export. Stories is nil where the record has none of that name.
type exported struct {
	task
	Type    string   `json:"resource_type"`
	Stories *[]story `json:"stories"`
}

// readFile reads an export's file, which lies at a storage service. Its address holds a signature that opens it, so the
// request carries no token, and no error or log shows the address.
func (a *Asana) readFile(ctx context.Context, gid, address string, l *ledger) error {
	object := "job " + gid
	fail := func(kind connector.Kind, status int, err error, advice string) error {
		return &connector.Error{
			Vendor: vendorName, Op: opFile, Object: object, Kind: kind, Status: status, Err: withoutAddress(err), Advice: advice,
		}
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && !(u.Scheme == "http" && connector.Loopback(u.Hostname())) {
		return fail(connector.KindBadAnswer, 0, errors.New("its address is no https URL"), "It was not followed")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stalled, func() { cancel(errors.New("nothing came for a minute")) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return fail(connector.KindBadAnswer, 0, err, "")
	}
	// The file is compressed by itself; without this, Go would decompress it where the service says so, and not else.
	req.Header.Set("Accept-Encoding", "identity")
	a.files.Add(1)
	client := &http.Client{
		Transport:     a.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return fail(connector.KindUnavailable, 0, cause(ctx, err), "Check the network, which has to let requests through to the host of the file")
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fail(connector.KindUnavailable, resp.StatusCode, errors.New("the storage service refused"), "Run again")
	}
	err = foldFile(&watched{resp.Body, watch}, l)
	var strange *strangeFile
	switch {
	case errors.As(err, &strange):
		return fail(connector.KindBadAnswer, 0, err,
			"Asana's exports may have changed; report this, and set vendor_config.asana.activity_method to stories meanwhile")
	case err != nil:
		return fail(connector.KindUnavailable, 0, cause(ctx, err), "Run again")
	}
	return nil
}

// foldFile reads JSON Lines, compressed or not, one record at a time. Records come in any order and may repeat.
func foldFile(file io.Reader, l *ledger) error {
	content := bufio.NewReaderSize(file, 64<<10)
	lines := io.Reader(content)
	if magic, err := content.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unzipped, err := gzip.NewReader(content)
		if err != nil {
			return err
		}
		defer func() { _ = unzipped.Close() }()
		lines = unzipped
	}
	decoder := json.NewDecoder(lines)
	tasks, withStories := 0, 0
	for {
		var record exported
		err := decoder.Decode(&record)
		if errors.Is(err, io.EOF) {
			break
		}
		var syntax *json.SyntaxError
		var shape *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax), errors.As(err, &shape):
			return &strangeFile{fmt.Sprintf("record %d cannot be read: %v", tasks+1, err)}
		case err != nil:
			return err
		}
		tasks++
		l.add(record.signs()...)
		if record.Stories != nil {
			withStories++
			l.add(storySigns(*record.Stories)...)
		}
	}
	if tasks > 0 && withStories == 0 {
		return &strangeFile{"none of its records has stories"}
	}
	return nil
}

// strangeFile is a file that is whole and not what it should be.
type strangeFile struct{ reason string }

func (e *strangeFile) Error() string { return e.reason }

// watched puts the time limit off with every read.
type watched struct {
	io.Reader
	watch *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.watch.Reset(stalled)
	}
	return n, err
}

// cause is why a context ended, where it did.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// withoutAddress takes an error out of net/http's, which repeats the URL.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
