package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sonde-net/sonde/internal/cli/mtr/field"
)

// layout is the version of mtr whose layout this is, where it says so.
const layout = "MTR.0.95"

// csv is the layout of mtr -C. A name with a comma in it is quoted.
func csv(r *Report, w *bufio.Writer) {
	fmt.Fprint(w, "Mtr_Version,Start_Time,Status,Host,Hop,Ip,")
	if r.Look.Info == ASN {
		fmt.Fprint(w, "Asn,")
	}
	for i := range r.Fields {
		t := r.Fields[i].Title
		if r.Fields[i].Blank() {
			t = " "
		}
		fmt.Fprint(w, t+",")
	}
	fmt.Fprint(w, "\n")
	for i := range r.Hops {
		h := &r.Hops[i]
		fmt.Fprintf(w, "%s,%d,OK,%s,%d,%s", layout, r.Start.Unix(), quoted(r.Host), h.TTL, quoted(r.Name(first(h))))
		if r.Look.Info == ASN {
			fmt.Fprint(w, ","+strings.TrimSpace(r.info(first(h))))
		}
		for k := range r.Fields {
			f := &r.Fields[k]
			switch {
			case f.Blank(): // as mtr has it: a column without a title, of what was lost
				fmt.Fprintf(w, ",%d", h.Lost())
			case f.Integer():
				fmt.Fprintf(w, ",%d", f.Count(&h.Stats))
			default:
				fmt.Fprintf(w, ",%.2f", f.Float(&h.Stats))
			}
		}
		fmt.Fprint(w, "\n")
	}
}

// quoted is a text as a field of CSV.
func quoted(s string) string {
	if strings.ContainsAny(s, `",`) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// decimal is a number as mtr's JSON has it, with a point in any case.
func decimal(v float64) string {
	s := strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func str(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// object is the layout of mtr -j.
func object(r *Report, w *bufio.Writer) {
	fmt.Fprintf(w, "{\n    \"report\": {\n        \"mtr\": {\n            \"src\": %s,\n            \"dst\": %s,\n            \"tos\": %d,\n            \"tests\": %d,\n            \"psize\": \"%d\",\n            \"bitpattern\": %s\n        },\n        \"hubs\": [",
		str(r.Here), str(r.Host), r.Config.TOS, r.Rounds, r.Size, str(r.Fill))
	for i := range r.Hops {
		h := &r.Hops[i]
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, "\n            {\n                \"count\": %d,\n                \"host\": %s", h.TTL, str(r.Name(first(h))))
		if r.Look.Info == ASN {
			fmt.Fprintf(w, ",\n                \"ASN\": %s", str(strings.TrimSpace(r.info(first(h)))))
		}
		for k := range r.Fields {
			f := &r.Fields[k]
			switch {
			case f.Blank():
			case f.Integer():
				fmt.Fprintf(w, ",\n                %s: %d", str(f.Title), f.Count(&h.Stats))
			default:
				fmt.Fprintf(w, ",\n                %s: %s", str(f.Title), decimal(f.Float(&h.Stats)))
			}
		}
		fmt.Fprint(w, "\n            }")
	}
	if len(r.Hops) > 0 {
		fmt.Fprint(w, "\n        ")
	}
	fmt.Fprint(w, "]\n    }\n}\n")
}

// attr is s as the value of an attribute. What XML 1.0 §2.2 has no room for
// becomes U+FFFD.
func attr(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == 0xfffe || r == 0xffff {
			return utf8.RuneError
		}
		return r
	}, s)
	return strings.NewReplacer("\"", "&#34;", "'", "&#39;", "&", "&amp;", "<", "&lt;", ">", "&gt;",
		"\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;").Replace(s)
}

// xml is the layout of mtr -x.
func xml(r *Report, w *bufio.Writer) {
	fmt.Fprintf(w, "<?xml version=\"1.0\"?>\n<MTR SRC=\"%s\" DST=\"%s\" TOS=\"0x%X\" PSIZE=\"%d\" BITPATTERN=\"%s\" TESTS=\"%d\">\n",
		attr(r.Here), attr(r.Host), r.Config.TOS, r.Size, attr(r.Fill), r.Rounds)
	for i := range r.Hops {
		h := &r.Hops[i]
		fmt.Fprintf(w, "    <HUB COUNT=\"%d\" HOST=\"%s\">\n", h.TTL, attr(r.Name(first(h))))
		for k := range r.Fields {
			if f := &r.Fields[k]; !f.Blank() {
				tag := strings.TrimSuffix(f.Title, "%")
				fmt.Fprintf(w, "        <%s>%s</%s>\n", tag, f.Cell(&h.Stats), tag)
			}
		}
		fmt.Fprint(w, "    </HUB>\n")
	}
	fmt.Fprint(w, "</MTR>\n")
}

// markdown is a table.
func markdown(r *Report, w *bufio.Writer) {
	say := speak(r.Language)
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`)
	fmt.Fprintf(w, "**%s → %s** · %s\n\n| %s | %s |", escape.Replace(r.Here), escape.Replace(r.Host), r.Start.Format("2006-01-02 15:04:05 -0700"), say.hop, say.host)
	line := "\n|---:|---|"
	var fields []*field.Field
	for i := range r.Fields {
		if f := &r.Fields[i]; !f.Blank() {
			fields = append(fields, f)
			fmt.Fprint(w, " "+f.Title+" |")
			line += "---:|"
		}
	}
	fmt.Fprint(w, line+"\n")
	for i := range r.Hops {
		h := &r.Hops[i]
		hosts := escape.Replace(r.Name(first(h)))
		for k := range h.Hosts {
			if k > 0 {
				hosts += "<br>" + escape.Replace(r.Name(h.Hosts[k].Addr))
			}
			if r.Look.MPLS {
				for _, l := range Labels(h.Hosts[k].Claim.Ext) {
					hosts += "<br>" + l
				}
			}
		}
		if r.Look.Info != NoInfo {
			hosts = escape.Replace(strings.TrimSpace(r.info(first(h)))) + " " + hosts
		}
		fmt.Fprintf(w, "| %d | %s |", h.TTL, hosts)
		for _, f := range fields {
			fmt.Fprint(w, " "+strings.TrimSpace(f.Cell(&h.Stats))+" |")
		}
		fmt.Fprint(w, "\n")
	}
	if remarks := r.Remarks(); r.More && len(remarks) > 0 {
		fmt.Fprint(w, "\n")
		for _, s := range remarks {
			fmt.Fprint(w, "- "+escape.Replace(strings.TrimSpace(s))+"\n")
		}
	}
}
