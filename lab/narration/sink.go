package narration

import (
	"context"
	"io"
	"log/slog"
)

// Sink takes what is told. An error ends the run.
type Sink interface {
	Put(i Item) error
}

// Items is a sink that keeps everything.
type Items []Item

// Put implements [Sink].
func (s *Items) Put(i Item) error {
	*s = append(*s, i)
	return nil
}

// Of returns the items of one type.
func Of[T Item](all Items) []T {
	var out []T
	for _, i := range all {
		if x, ok := i.(T); ok {
			out = append(out, x)
		}
	}
	return out
}

// JSON is a sink that writes an object a line: time, kind, and the fields of the
// item.
type JSON struct{ h slog.Handler }

// NewJSON returns a sink that writes to w.
func NewJSON(w io.Writer) *JSON {
	return &JSON{slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: field})}
}

// field names the fields that every line has.
func field(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.LevelKey:
		return slog.Attr{}
	case slog.MessageKey:
		a.Key = "kind"
	}
	return a
}

// Put implements [Sink].
func (j *JSON) Put(i Item) error {
	r := slog.NewRecord(i.When(), slog.LevelInfo, i.Kind(), 0)
	r.AddAttrs(slog.Any("", i))
	return j.h.Handle(context.Background(), r)
}
