package names

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Database tells owners from a file in the format of MaxMind, without a network:
// GeoLite2-ASN and GeoIP2-ISP, those of DB-IP, and those of IPinfo, which each
// name the fields their own way.
type Database struct {
	file   string
	reader *maxminddb.Reader
}

// OpenDatabase opens a file. The caller closes it.
func OpenDatabase(file string) (*Database, error) {
	r, err := maxminddb.Open(file)
	if err != nil {
		return nil, fmt.Errorf("names: %s: %w", file, err)
	}
	return &Database{file: file, reader: r}, nil
}

// Close lets go of the file. Nobody may be asking.
func (d *Database) Close() error { return d.reader.Close() }

// String says which file it is, of which kind and when it was made.
func (d *Database) String() string {
	return fmt.Sprintf("%s: %s of %s", cleanText(d.file), cleanText(d.reader.Metadata.DatabaseType),
		d.reader.Metadata.BuildTime().UTC().Format("2006-01-02"))
}

// Owner implements [Owners].
func (d *Database) Owner(_ context.Context, a netip.Addr) (Owner, error) {
	found := d.reader.Lookup(a.Unmap().WithZone(""))
	var record map[string]any
	if err := found.Err(); err != nil {
		return Owner{}, fmt.Errorf("names: %s: %w", d.file, err)
	}
	if !found.Found() {
		return Owner{}, ErrUnknown
	}
	if err := found.Decode(&record); err != nil {
		return Owner{}, fmt.Errorf("names: %s: %w", d.file, err)
	}
	w := Owner{
		ASN:          number(record),
		Organisation: text(record, "autonomous_system_organization", "as_name", "as_organization", "organization", "isp", "name"),
		Country:      country(record),
	}
	if w == (Owner{}) {
		return Owner{}, ErrUnknown
	}
	w.Prefix = found.Prefix()
	if p, err := netip.ParsePrefix(text(record, "route", "network")); err == nil {
		w.Prefix = p.Masked()
	}
	return w, nil
}

// at returns the first of the fields that there is, in the record or its part
// "traits".
func at(record map[string]any, keys ...string) any {
	traits, _ := record["traits"].(map[string]any)
	for _, k := range keys {
		if v, ok := record[k]; ok {
			return v
		}
		if v, ok := traits[k]; ok {
			return v
		}
	}
	return nil
}

func text(record map[string]any, keys ...string) string {
	s, _ := at(record, keys...).(string)
	return cleanText(s)
}

// number returns the autonomous system, written as a number, as text or as text
// with AS before it.
func number(record map[string]any) uint32 {
	switch v := at(record, "autonomous_system_number", "asn", "as_number").(type) {
	case uint64:
		if v < 1<<32 {
			return uint32(v)
		}
	case string:
		s := strings.TrimPrefix(strings.ToUpper(v), "AS")
		if n, err := strconv.ParseUint(s, 10, 32); err == nil {
			return uint32(n)
		}
	}
	return 0
}

// country returns the code, which stands as country_code, as country, or within
// country or registered_country as iso_code.
func country(record map[string]any) string {
	if s := cleanCountry(text(record, "country_code")); s != "" {
		return s
	}
	for _, key := range []string{"country", "registered_country"} {
		switch v := record[key].(type) {
		case string:
			if s := cleanCountry(v); s != "" {
				return s
			}
		case map[string]any:
			if s, ok := v["iso_code"].(string); ok {
				return cleanCountry(s)
			}
		}
	}
	return ""
}
