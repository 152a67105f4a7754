package tfkit

import (
	"context"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// Logger bridges log/slog, which everything below the Terraform surface logs with, to tflog. Records of background work,
// whose context knows no Terraform request, go to the logger of base.
func Logger(base context.Context) *slog.Logger {
	return slog.New(&bridge{base: context.WithoutCancel(base), enabled: loggingWanted()})
}

func loggingWanted() bool {
	for _, name := range []string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_SERVICENOWSAM"} {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

type bridge struct {
	base    context.Context //nolint:containedctx // the logger of the provider lives in a context, and nowhere else
	enabled bool
	prefix  string
	attrs   []slog.Attr
}

func (b *bridge) Enabled(context.Context, slog.Level) bool { return b.enabled }

func (b *bridge) Handle(ctx context.Context, r slog.Record) error {
	if tflog.NewSubsystem(ctx, "probe") == ctx {
		ctx = b.base
	}
	fields := make(map[string]any, len(b.attrs)+r.NumAttrs())
	for _, a := range b.attrs {
		addField(fields, "", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		addField(fields, b.prefix, a)
		return true
	})
	message := maskMail(r.Message)
	switch {
	case r.Level >= slog.LevelError:
		tflog.Error(ctx, message, fields)
	case r.Level >= slog.LevelWarn:
		tflog.Warn(ctx, message, fields)
	case r.Level >= slog.LevelInfo:
		tflog.Info(ctx, message, fields)
	case r.Level >= slog.LevelDebug:
		tflog.Debug(ctx, message, fields)
	default:
		tflog.Trace(ctx, message, fields)
	}
	return nil
}

func addField(fields map[string]any, prefix string, a slog.Attr) {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			addField(fields, prefix, member)
		}
	case slog.KindDuration:
		fields[prefix+a.Key] = v.Duration().String()
	case slog.KindTime:
		fields[prefix+a.Key] = v.Time().UTC().Format(time.RFC3339)
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			fields[prefix+a.Key] = maskMail(err.Error())
			return
		}
		fields[prefix+a.Key] = v.Any()
	case slog.KindString:
		fields[prefix+a.Key] = maskMail(v.String())
	default:
		fields[prefix+a.Key] = v.Any()
	}
}

// mailAddress is what looks like a mail address, also where a query has escaped it.
var mailAddress = regexp.MustCompile(`[\pL\pN._%+'-]+(?:@|%40)[\pL\pN-]+(?:\.[\pL\pN-]+)+`)

// maskMail takes mail addresses out of a text: a log travels further than the instance does.
func maskMail(text string) string { return mailAddress.ReplaceAllString(text, "[mail address]") }

func (b *bridge) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *b
	next.attrs = append([]slog.Attr{}, b.attrs...)
	for _, a := range attrs {
		a.Key = b.prefix + a.Key
		next.attrs = append(next.attrs, a)
	}
	return &next
}

func (b *bridge) WithGroup(name string) slog.Handler {
	next := *b
	next.prefix += name + "."
	return &next
}

// MaskMailAttr is maskMail for the attributes of a log/slog handler, the message among them.
func MaskMailAttr(_ []string, a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	if err, ok := v.Any().(error); ok {
		return slog.String(a.Key, maskMail(err.Error()))
	}
	if v.Kind() == slog.KindString {
		return slog.String(a.Key, maskMail(v.String()))
	}
	return a
}
