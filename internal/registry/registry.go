// Package registry turns the tables that the ICMP packages keep of their IANA
// registries (registry.csv) into Go: the constants of types and codes, their
// names, and the list of all that is registered. The command in gen writes the
// file; go generate calls it in each package.
//
// To follow the registry, change the table and its date, and run go generate.
package registry

import (
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Status of a type or code, as the table spells it.
const (
	Deprecated = "deprecated"
	Reserved   = "reserved"
	Unassigned = "unassigned"
)

// A Table is one registry of types and codes.
type Table struct {
	Title string // the registry's name
	Date  string // the day whose state it is, 2006-01-02
	Types []Type // in rising order, 0 to 255 without a gap
}

// A Type is one type number, or several neighbours with the same meaning.
type Type struct {
	First, Last uint8
	Entry
	Codes []Code // in rising order
}

// A Code is one code of a type.
type Code struct {
	Value uint8
	Entry
}

// Entry is what a table says of a type or of a code.
type Entry struct {
	Constant  string   // the Go name; empty: none
	Name      string   // as registered; empty: the registry has no name for this code
	Reference []string // as registered: "RFC792", or a person's name
	Status    string   // Deprecated, Reserved, Unassigned, or empty
}

// unassignedName is the one name that unassigned types may have.
const unassignedName = "Unassigned"

// columns is the heading that a table must have.
const columns = "type,code,constant,name,reference,status"

var (
	heading  = regexp.MustCompile(`^# (.+), (\d{4}-\d\d-\d\d)\n`)
	constant = regexp.MustCompile(`^(Type|Code)[A-Z0-9][A-Za-z0-9]*$`)
)

// Parse reads a table: a first line "# TITLE, DATE", further comment lines, the
// column heading, then one line for each type or range of types, each followed
// by its codes. Errors name the line.
func Parse(text string) (*Table, error) {
	m := heading.FindStringSubmatch(text)
	if m == nil {
		return nil, errors.New(`line 1: want "# TITLE, YYYY-MM-DD"`)
	}
	t := &Table{Title: m[1], Date: m[2]}
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || strings.Join(rows[0], ",") != columns {
		return nil, errors.New("want the columns " + columns)
	}
	seen := map[string]bool{"": true}
	for _, row := range rows[1:] {
		if err := t.add(row, seen); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.Join(row, ","), err)
		}
	}
	if next := t.next(); next != 256 {
		return nil, fmt.Errorf("type %d is missing", next)
	}
	return t, nil
}

// next returns the lowest type that the table does not have yet.
func (t *Table) next() int {
	if len(t.Types) == 0 {
		return 0
	}
	return int(t.Types[len(t.Types)-1].Last) + 1
}

func (t *Table) add(row []string, seen map[string]bool) error {
	e := Entry{Constant: row[2], Name: row[3], Reference: strings.Fields(row[4]), Status: row[5]}
	switch e.Status {
	case "", Deprecated, Reserved, Unassigned:
	default:
		return fmt.Errorf("unknown status %q", e.Status)
	}
	prefix := "Type"
	if row[1] != "" {
		prefix = "Code"
	}
	if e.Constant != "" && (!constant.MatchString(e.Constant) || !strings.HasPrefix(e.Constant, prefix)) {
		return fmt.Errorf("constant %q is no name for a %s", e.Constant, strings.ToLower(prefix))
	}
	if e.Constant != "" && seen[e.Constant] {
		return fmt.Errorf("constant %s stands twice", e.Constant)
	}
	seen[e.Constant] = true
	if prefix == "Type" {
		return t.addType(row[0], e)
	}
	return t.addCode(row[0], row[1], e)
}

func (t *Table) addType(number string, e Entry) error {
	lo, hi, isRange := strings.Cut(number, "-")
	if !isRange {
		hi = lo
	}
	first, err := strconv.ParseUint(lo, 10, 8)
	if err != nil {
		return err
	}
	last, err := strconv.ParseUint(hi, 10, 8)
	if err != nil {
		return err
	}
	switch {
	case int(first) != t.next() || last < first:
		return fmt.Errorf("type %s where type %d is next", number, t.next())
	case e.Name == "":
		return errors.New("a type without a name")
	case (e.Status == Unassigned) != (e.Name == unassignedName):
		return errors.New("unassigned by name or by status alone")
	case isRange && e.Constant != "":
		return errors.New("a range with a constant")
	}
	t.Types = append(t.Types, Type{First: uint8(first), Last: uint8(last), Entry: e})
	return nil
}

func (t *Table) addCode(number, code string, e Entry) error {
	if len(t.Types) == 0 {
		return errors.New("a code before the first type")
	}
	last := &t.Types[len(t.Types)-1]
	if number != strconv.Itoa(int(last.First)) || last.First != last.Last {
		return errors.New("a code that does not stand under its type")
	}
	v, err := strconv.ParseUint(code, 10, 8)
	if err != nil {
		return err
	}
	if n := len(last.Codes); n > 0 && uint8(v) <= last.Codes[n-1].Value {
		return errors.New("codes out of order")
	}
	last.Codes = append(last.Codes, Code{Value: uint8(v), Entry: e})
	return nil
}
