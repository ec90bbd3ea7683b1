package cli

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/sonde-net/sonde/internal/cli/clockdiff"
	"github.com/sonde-net/sonde/internal/cli/fping"
	"github.com/sonde-net/sonde/internal/cli/mtr"
	"github.com/sonde-net/sonde/internal/cli/ping"
	"github.com/sonde-net/sonde/internal/cli/trace"
	"github.com/sonde-net/sonde/internal/cli/tracepath"
)

// skin is a command that the binary is when it is called by another name: it
// takes the flags of the original and prints its layout.
type skin func(ctx context.Context, args []string, s Streams) (status int)

// skins are the names that the binary has links of, beside its own.
var skins = map[string]skin{
	"ping":  pingSkin,
	"ping4": pingSkin,
	"ping6": pingSkin,

	"traceroute":    traceSkin,
	"traceroute6":   traceSkin,
	"tcptraceroute": traceSkin,

	"mtr": mtrSkin,

	"fping": fpingSkin,

	"tracepath": tracepathSkin,
	"clockdiff": clockdiffSkin,
}

func pingSkin(ctx context.Context, args []string, s Streams) int {
	return ping.Main(ctx, args, s.Out, s.Err)
}

func traceSkin(ctx context.Context, args []string, s Streams) int {
	return trace.Original(ctx, args, s.Out, s.Err)
}

func mtrSkin(ctx context.Context, args []string, s Streams) int {
	return mtr.Original(ctx, args, s.In, s.Out, s.Err)
}

func fpingSkin(ctx context.Context, args []string, s Streams) int {
	return fping.Main(ctx, args, s.In, s.Out, s.Err)
}

func tracepathSkin(ctx context.Context, args []string, s Streams) int {
	return tracepath.Main(ctx, args, s.Out, s.Err)
}

func clockdiffSkin(ctx context.Context, args []string, s Streams) int {
	return clockdiff.Main(ctx, args, s.Out, s.Err)
}

// skinOf returns what the program is when it is called by that name.
func skinOf(argv0 string) (skin, bool) {
	s, ok := skins[strings.TrimSuffix(filepath.Base(argv0), ".exe")]
	return s, ok
}
