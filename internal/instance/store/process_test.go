package store_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// workerEnv makes the test binary act as another process: it names the database to write to.
const workerEnv = "SNSAM_STORE_TEST_DATABASE"

func TestMain(m *testing.M) {
	if file := os.Getenv(workerEnv); file != "" {
		if err := work(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const writesPerWorker = 25

func work(file string) error {
	ctx := context.Background()
	d, err := store.New("sqlite:"+file, store.Options{})
	if err != nil {
		return err
	}
	for range writesPerWorker {
		err := d.Update(ctx, func(tx *store.Tx) error {
			if _, err := tx.Insert(ctx, dictionary.TableAPIKeyCredential, store.Row{"name": "worker", "api_key": "worker-secret-0123"}); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "UPDATE snsam_meta SET value = value + 1 WHERE key = 'test_counter'")
			return err
		})
		if err != nil {
			return err
		}
	}
	id, err := d.InstanceID(ctx)
	if err != nil {
		return err
	}
	fmt.Println(id)
	return d.Close()
}

func TestSeveralProcesses(t *testing.T) {
	t.Parallel()
	file := path(t)
	const n = 4
	var output, problems [n]bytes.Buffer
	var errs [n]error
	var wg sync.WaitGroup
	for i := range n {
		cmd := exec.CommandContext(t.Context(), os.Args[0]) //nolint:gosec // this binary
		cmd.Env = append(os.Environ(), workerEnv+"="+file)
		cmd.Stdout, cmd.Stderr = &output[i], &problems[i]
		wg.Go(func() { errs[i] = cmd.Run() })
	}
	wg.Wait()
	for i := range n {
		require.NoError(t, errs[i], problems[i].String())
		require.Equal(t, output[0].String(), output[i].String(), "all found the same instance")
	}
	d := open(t, file)
	id, err := d.InstanceID(t.Context())
	require.NoError(t, err)
	require.Equal(t, id, strings.TrimSpace(output[0].String()))
	require.NoError(t, d.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Find(t.Context(), dictionary.TableAPIKeyCredential, "name=worker", store.FindOptions{})
		require.NoError(t, err)
		require.Len(t, rows, n*writesPerWorker)
		for _, row := range rows {
			clear, err := tx.Unseal(dictionary.TableAPIKeyCredential, row["sys_id"], "api_key", row["api_key"])
			require.NoError(t, err, "all used the same key")
			require.Equal(t, "worker-secret-0123", clear)
		}
		return nil
	}))
}

func TestWriterThatDoesNotFinish(t *testing.T) {
	t.Parallel()
	file := path(t)
	first := open(t, file)
	second := open(t, file, func(o *store.Options) { o.BusyTimeout = time.Millisecond })
	create(t, first)
	create(t, second)
	require.NoError(t, first.Update(t.Context(), func(*store.Tx) error {
		requireUnavailable(t, second.Update(t.Context(), nothing), "another process is writing")
		require.NoError(t, second.View(t.Context(), nothing), "readers do not wait")
		return nil
	}))
	create(t, second)
}

func TestWaitingForTheLockEndsWithTheContext(t *testing.T) {
	t.Parallel()
	file := path(t)
	first, second := open(t, file), open(t, file)
	create(t, first)
	create(t, second)
	require.NoError(t, first.Update(t.Context(), func(*store.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, second.Update(ctx, nothing), context.DeadlineExceeded)
		return nil
	}))
}
