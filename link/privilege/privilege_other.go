//go:build !unix

package privilege

func drop() error { return nil }
