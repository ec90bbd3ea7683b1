// Package hosts reads the lists of hosts that commands are given in files, all of
// them in the format of [campaign.Read].
package hosts

import (
	"io"
	"os"

	"github.com/sonde-net/sonde/campaign"
)

// Each hands the words of a file to add, each with its file and line. The file
// "-" is in, the standard input.
func Each(in io.Reader, file string, add func(word, where string) error) error {
	if file == "-" {
		return campaign.Read(in, "standard input", add)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return campaign.Read(f, file, add)
}

// List returns the words of a file as [Each] finds them.
func List(in io.Reader, file string) (all []string, err error) {
	err = Each(in, file, func(word, _ string) error {
		all = append(all, word)
		return nil
	})
	return all, err
}
