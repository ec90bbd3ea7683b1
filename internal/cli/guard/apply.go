package guard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/guard/audit"
	"github.com/sonde-net/sonde/guard/filter/nft"
	"github.com/sonde-net/sonde/guard/kernel"
	"github.com/sonde-net/sonde/guard/rules"
	flag "github.com/sonde-net/sonde/internal/cli/language"
	"github.com/sonde-net/sonde/internal/cli/status"
)

func newApply() *cobra.Command {
	var o struct {
		within time.Duration
		yes    bool
		lang   string
		dir    string
	}
	cmd := &cobra.Command{
		Use:   "apply POLICY",
		Short: "Load the rules, and take them back unless somebody confirms",
		Long: `Apply loads the rules in one transaction into a table of their own, inet
sonde_guard, and then waits for a confirmation: yes on the terminal, or "sonde
guard confirm" by anybody with the same rights. Without one, what was there before
is loaded again: when the time is over, whether or not the terminal is still there,
and at once when apply is interrupted or killed.

Rules that would cut off the SSH session that apply is called through, or break
path MTU discovery, are loaded only after a question. Where there is no terminal
to ask, they are not loaded.`,
		Example: `  sonde guard apply policy.yaml
  sonde guard apply --confirm-within 2m policy.yaml & sonde guard confirm`,
		Args: cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	f.DurationVar(&o.within, "confirm-within", 30*time.Second, "how long to wait for the confirmation; 0: none is needed")
	f.BoolVar(&o.yes, "yes", false, "load the rules whatever they would break")
	f.StringVar(&o.dir, "run-dir", kernel.RunDir, "directory where confirm finds apply")
	flag.Flag(cmd, &o.lang)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		tag, err := flag.Of(o.lang)
		if err != nil {
			return err
		}
		if o.within < 0 {
			return errors.New("--confirm-within: expected no negative time")
		}
		set, err := load(args[0])
		if err != nil {
			return err
		}
		text := set.Text(options(tag))
		lines := make(chan string)
		go read(cmd.InOrStdin(), lines)
		if !o.yes {
			if err := ask(cmd, tag, set, text, lines); err != nil {
				return err
			}
		}
		// When the session is cut off, the way back has to be gone all the same.
		signal.Ignore(syscall.SIGHUP)
		defer signal.Reset(syscall.SIGHUP)
		a := kernel.Application{Text: text, Within: o.within, Dir: o.dir}
		confirmed := make(chan bool)
		stop := make(chan struct{})
		defer close(stop)
		outcome, err := a.Apply(cmd.Context(), confirmed, func() {
			if o.within > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), say(tag, "applied"), o.within)
				go confirm(lines, confirmed, stop)
			}
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), say(tag, string(outcome)))
		if outcome != kernel.Kept {
			return status.No
		}
		return nil
	}
	return cmd
}

func newConfirm() *cobra.Command {
	var dir, lang string
	cmd := &cobra.Command{
		Use:   "confirm",
		Short: "Keep the rules that were applied",
		Args:  cobra.NoArgs,
	}
	cmd.Flags().StringVar(&dir, "run-dir", kernel.RunDir, "directory where confirm finds apply")
	flag.Flag(cmd, &lang)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		tag, err := flag.Of(lang)
		if err != nil {
			return err
		}
		if err := kernel.Confirm(cmd.Context(), dir); err != nil {
			return err
		}
		fmt.Fprintln(cmd.OutOrStdout(), say(tag, string(kernel.Kept)))
		return nil
	}
	return cmd
}

// read hands on the lines that somebody types.
func read(in io.Reader, lines chan<- string) {
	s := bufio.NewScanner(in)
	for s.Scan() {
		lines <- strings.ToLower(strings.TrimSpace(s.Text()))
	}
	close(lines)
}

// isYes reports whether a line is a yes, in any of the languages.
func isYes(s string) bool { return s == "yes" || s == "y" || s == "oui" || s == "o" }

// confirm waits for a line that decides.
func confirm(lines <-chan string, confirmed chan<- bool, stop <-chan struct{}) {
	for {
		select {
		case l, ok := <-lines:
			if !ok {
				return // nobody types; confirm or the time decide
			}
			if l == "" {
				continue
			}
			select {
			case confirmed <- isYes(l):
			case <-stop:
			}
			return
		case <-stop:
			return
		}
	}
}

var errRefused = errors.New("not applied")

// ask tells what speaks against the rules, and asks whether to load them all the
// same.
func ask(cmd *cobra.Command, tag language.Tag, set *rules.Set, text string, lines <-chan string) error {
	risks, err := risks(cmd.Context(), set, text)
	if err != nil || len(risks) == 0 {
		return err
	}
	for _, r := range risks {
		fmt.Fprintf(cmd.OutOrStdout(), "%s\n  %s\n", r.Text(tag), plain(r.By))
	}
	if in, ok := cmd.InOrStdin().(*os.File); ok && !term.IsTerminal(int(in.Fd())) {
		return fmt.Errorf("%w: %s", errRefused, say(tag, "no terminal"))
	}
	fmt.Fprint(cmd.OutOrStdout(), say(tag, "sure"))
	select {
	case l := <-lines:
		if isYes(l) {
			return nil
		}
	case <-cmd.Context().Done():
	}
	return errRefused
}

func risks(ctx context.Context, set *rules.Set, text string) ([]audit.Risk, error) {
	list, err := kernel.Combined(ctx, text)
	if err != nil {
		return nil, err
	}
	rs, err := nft.Parse(list)
	if err != nil {
		return nil, err
	}
	var session *audit.Session
	if s, ok := audit.ParseSession(os.Getenv("SSH_CONNECTION")); ok {
		session = &s
	}
	o := audit.Options{Role: set.Policy.Role}
	if set.Policy.Role.Forwards() {
		o.Outside = set.Policy.Outside[0]
	}
	return audit.Risks(rs, session, o), nil
}
