package nft

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// phrase is a part of a rule in words, near enough to those of nft(8).
func phrase(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		return "{ " + join(v, ", ") + " }"
	case map[string]any:
		if l, ok := v["&"].([]any); ok {
			return join(l, " & ")
		}
		if p, ok := v["exthdr"].(map[string]any); ok {
			return strings.TrimSpace(str(p["name"]) + " " + str(p["field"]))
		}
		for _, k := range []string{"set", "range", "concat"} {
			if l, ok := v[k].([]any); ok {
				switch k {
				case "set":
					return "{ " + join(l, ", ") + " }"
				case "range":
					return join(l, "-")
				}
				return join(l, " . ")
			}
		}
		if p, ok := v["prefix"].(map[string]any); ok {
			return fmt.Sprintf("%v/%v", p["addr"], p["len"])
		}
		if p, ok := v["payload"].(map[string]any); ok {
			return strings.TrimSpace(str(p["protocol"]) + " " + str(p["field"]))
		}
		for _, k := range []string{"meta", "ct"} {
			if p, ok := v[k].(map[string]any); ok {
				key := str(p["key"])
				if strings.HasPrefix(key, "iif") || strings.HasPrefix(key, "oif") {
					return key
				}
				return k + " " + key
			}
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		return strings.Join(keys, " ")
	}
	return fmt.Sprint(v)
}

func join(l []any, by string) string {
	out := make([]string, len(l))
	for i, e := range l {
		out[i] = phrase(e)
	}
	return strings.Join(out, by)
}
