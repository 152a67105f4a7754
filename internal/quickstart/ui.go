package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// uiUser and uiPassword open the embedded instance while somebody "clicks"; it listens on loopback for that moment only.
const (
	uiUser     = "sam.admin"
	uiPassword = "invented-for-the-quickstart"
)

// click changes one record the way a person in ServiceNow's UI does: past Terraform, on the instance itself.
func click(ctx context.Context, binary, database, table, sysID string, change map[string]string) error {
	serve := exec.CommandContext(ctx, binary, "serve", "--database", database, "--listen", "127.0.0.1:0", "--username", uiUser)
	serve.Env = append(os.Environ(), "SERVICENOWSAM_SERVE_PASSWORD="+uiPassword)
	serve.Stderr = os.Stderr
	serve.Cancel = func() error { return serve.Process.Signal(syscall.SIGTERM) }
	serve.WaitDelay = 10 * time.Second
	stdout, err := serve.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the instance for a click: %w", err)
	}
	if err := serve.Start(); err != nil {
		return fmt.Errorf("start the instance for a click: %w", err)
	}
	defer func() {
		_ = serve.Process.Signal(syscall.SIGTERM)
		_ = serve.Wait()
	}()

	var ready struct {
		URL string `json:"url"`
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("wait for the instance to listen: %w", err)
	}
	if err := json.Unmarshal(line, &ready); err != nil {
		return fmt.Errorf("read the instance's ready line %q: %w", line, err)
	}

	body, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("encode the click: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, ready.URL+"/api/now/table/"+table+"/"+sysID, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the click: %w", err)
	}
	req.SetBasicAuth(uiUser, uiPassword)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("click: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
		return fmt.Errorf("click: the instance answered %s: %s", resp.Status, answer)
	}
	return nil
}
