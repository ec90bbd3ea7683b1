//go:build amd64 && !purego

package checksum

import "golang.org/x/sys/cpu"

const (
	block = 128 // octets that sumBlocks takes at a time
	// vectorMin is where the vector unit begins to pay for its setting up, in
	// octets: measured.
	vectorMin = 2 * block
	// chunk is the most that one call takes, in octets: within it the four
	// lanes cannot overflow, and the scheduler is not kept waiting.
	chunk = 1 << 16
)

var hasAVX2 = cpu.X86.HasAVX2

// sumLong adds to acc the words of as many octets of b as the vector unit
// takes, and returns the rest, less than a block if it took any.
func sumLong(b []byte, acc uint64) ([]byte, uint64) {
	if !hasAVX2 {
		return b, acc
	}
	for len(b) >= block {
		n := min(len(b), chunk) &^ (block - 1)
		acc = add(acc, sumBlocks(&b[0], n/block))
		b = b[n:]
	}
	return b, acc
}

// sumBlocks returns the sum of the little-endian 32-bit words of n blocks that
// begin at p; n is at least one and at most chunk/block.
//
//go:noescape
func sumBlocks(p *byte, n int) uint64
