package kernel

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// lock takes the lock of a file, which is free as soon as nobody has it open.
func lock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrBusy
	}
	return err
}

// fallback takes the rules back when the program that applied them is gone
// without a word. It is a process of its own, in a session of its own, so that
// neither a terminal nor a signal to the program ends it.
type fallback struct {
	word    io.WriteCloser
	process *exec.Cmd
	file    string
}

// watch waits for a word on its standard input. At its end without one, the
// program is gone.
const watch = `trap "" HUP INT TERM; read -r word; [ "$word" = done ] || "$1" -f "$2"; rm -f "$2"`

// guard starts the fallback. It has the lock, too: nobody applies anything before
// it is done.
func (a Application) guard(rollback string, lock *os.File) (*fallback, error) {
	nft, err := exec.LookPath("nft")
	if err != nil {
		return nil, ErrNoNft
	}
	g := &fallback{file: filepath.Join(a.Dir, "rollback.nft")}
	if err := os.WriteFile(g.file, []byte(rollback), 0o600); err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	g.process = exec.Command("/bin/sh", "-c", watch, "sh", nft, g.file)
	g.process.ExtraFiles = []*os.File{lock}
	g.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if g.word, err = g.process.StdinPipe(); err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	if err := g.process.Start(); err != nil {
		return nil, fmt.Errorf("what takes the rules back if need be: %w", err)
	}
	return g, nil
}

// release says that there is nothing to be taken back any more. Where somebody
// has ended the fallback, nobody needs to be told.
func (g *fallback) release() {
	_, _ = io.WriteString(g.word, "done\n")
	_ = g.process.Wait()
}

// fall has the rules taken back at once.
func (g *fallback) fall() {
	_ = g.word.Close()
	_ = g.process.Wait()
}
