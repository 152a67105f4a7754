package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

type answerOptions struct {
	target
	candidate string
	request   companion.AnswerRequest
}

func answerCommand() *cobra.Command {
	var o answerOptions
	var answer string
	cmd := &cobra.Command{
		Use:   "answer",
		Short: "Record what a user, or the assignment group, answers about a licence",
		Long: "Records an answer about a removal candidate of an embedded instance, by its database or served. Its user answers release or keep while it is Awaiting User; " +
			"the assignment group answers keep_approved or keep_rejected while it is Awaiting Approval. No licence goes by an answer: " +
			"the next reviewed reclaim does that, or serve --auto-reclaim.",
		Example: "  terraform-provider-servicenowsam answer --database sqlite:sam.db --candidate RCC0000001 --answer keep --by ada@example.com",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			o.request.Answer = companion.Answer(answer)
			return giveAnswer(ctx, o, os.Stdout, os.Stderr)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.candidate, "candidate", "", "number or sys_id of the removal candidate, such as RCC0000001")
	cmd.Flags().StringVar(&answer, "answer", "", "release or keep of its user, keep_approved or keep_rejected of the assignment group")
	cmd.Flags().StringVar(&o.request.By, "by", "", "who answers: user id or mail address of a user of the instance")
	cmd.Flags().StringVar(&o.request.Comment, "comment", "", "what else there is to say, for the work notes")
	return cmd
}

func giveAnswer(ctx context.Context, o answerOptions, out, log io.Writer) (err error) {
	if o.candidate == "" || o.request.Answer == "" {
		return errors.New("an answer is about a candidate; name both with --candidate and --answer")
	}
	c, err := o.connect(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	answered, err := c.Candidates.Answer(ctx, o.candidate, o.request)
	if errors.Is(err, sam.ErrNoCompanion) {
		return fmt.Errorf("%w. On a ServiceNow instance users answer in ServiceNow", err)
	}
	if errors.Is(err, sam.ErrNotFound) {
		return fmt.Errorf("%w. There is no such candidate: look at its number, and at the instance that was named", err)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is %s now\n", answered.Number, dictionary.CandidateStateLabel(answered.State))
	return err
}
