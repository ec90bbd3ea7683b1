//nolint:misspell // half of it is French
package audit

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/guard/policy"
)

// Setting is a variable of the kernel that is not as it should be.
type Setting struct {
	Name    string `json:"name"`    // net.ipv4.conf.all.accept_redirects
	Value   string `json:"value"`   // as it is
	Advised string `json:"advised"` // "0", "1 or 2", "at least 100"
	ID      string `json:"id"`
}

// Text returns why, in a language.
func (s Setting) Text(tag language.Tag) string {
	a := advices[slices.IndexFunc(advices, func(a advice) bool { return a.id == s.ID })]
	if tag == language.French {
		return a.why.fr
	}
	return a.why.en
}

// advice is what a variable should be.
type advice struct {
	id   string
	file string // below /proc/sys/net; a star stands for each interface, all and default
	ok   []string
	min  int // instead of ok: the least; -1: none
	only roles
	why  phrase
	// harmless reports whether the kernel makes nothing of what one interface
	// has; nil: never.
	harmless func(tree, string, Options) bool
}

// advices are in the order in which they are told.
var advices = []advice{
	{"accept_redirects", "ipv4/conf/*/accept_redirects", []string{"0"}, -1, everyone, phrase{
		"a forged redirect would lead traffic astray", "une redirection forgée détournerait le trafic",
	}, tree.ignoresRedirects},
	{"secure_redirects", "ipv4/conf/*/secure_redirects", []string{"1"}, -1, everyone, phrase{
		"redirects are believed, and not only those to known gateways", "les redirections sont crues, et pas seulement celles vers des passerelles connues",
	}, tree.refusesRedirects},
	{"send_redirects_host", "ipv4/conf/*/send_redirects", []string{"0"}, -1, station, phrase{
		"a host sends no redirects (RFC 1122 §3.2.2.2)", "un hôte n'envoie pas de redirection (RFC 1122 §3.2.2.2)",
	}, nil},
	{"send_redirects_gateway", "ipv4/conf/*/send_redirects", []string{"0"}, -1, forwarder, phrase{
		"hosts that are safe ignore redirects; they only tell of the layout", "les hôtes prudents ignorent les redirections ; elles ne font que révéler le plan",
	}, nil},
	{"accept_source_route", "ipv4/conf/*/accept_source_route", []string{"0"}, -1, everyone, phrase{
		"who chooses the way of a packet gets round filters (RFC 7126)", "qui choisit le chemin d'un paquet contourne les filtres (RFC 7126)",
	}, tree.allOff},
	{"rp_filter", "ipv4/conf/all/rp_filter", []string{"1", "2"}, -1, everyone, phrase{
		"forged sources are let in; 1 where ways are symmetric, else 2 (RFC 3704)", "des sources forgées entrent ; 1 si les chemins sont symétriques, sinon 2 (RFC 3704)",
	}, tree.eachFilters},
	{"icmp_echo_ignore_broadcasts", "ipv4/icmp_echo_ignore_broadcasts", []string{"1"}, -1, everyone, phrase{
		"the machine amplifies smurf attacks (RFC 2644)", "la machine amplifie les attaques smurf (RFC 2644)",
	}, nil},
	{"icmp_echo_ignore_all", "ipv4/icmp_echo_ignore_all", []string{"0"}, -1, visible, phrase{
		"nobody can test whether the machine is there; a limit is better", "personne ne peut vérifier que la machine est là ; une limite vaut mieux",
	}, nil},
	{"icmp_echo_enable_probe", "ipv4/icmp_echo_enable_probe", []string{"0"}, -1, everyone, phrase{
		"PROBE tells of interfaces (RFC 8335 §8)", "PROBE révèle les interfaces (RFC 8335 §8)",
	}, nil},
	{"icmp_ignore_bogus_error_responses", "ipv4/icmp_ignore_bogus_error_responses", []string{"1"}, -1, everyone, phrase{
		"faulty errors to broadcasts fill the log", "des erreurs fautives vers les diffusions remplissent le journal",
	}, nil},
	{"icmp_ratelimit", "ipv4/icmp_ratelimit", nil, 1, everyone, phrase{
		"errors go out without a limit to each destination (RFC 1812 §4.3.2.8)", "les erreurs partent sans limite par destination (RFC 1812 §4.3.2.8)",
	}, nil},
	{"icmp_ratemask", "ipv4/icmp_ratemask", []string{"6168"}, -1, everyone, phrase{
		"not the errors 3, 4, 11 and 12, and they alone, are limited", "ce ne sont pas les erreurs 3, 4, 11 et 12, et elles seules, qui sont limitées",
	}, nil},
	{"icmp_msgs_per_sec", "ipv4/icmp_msgs_per_sec", nil, 1, everyone, phrase{
		"no error at all goes out, or without bound; the default is 10000", "aucune erreur ne part, ou sans borne ; la valeur par défaut est 10000",
	}, nil},
	{"ip_no_pmtu_disc", "ipv4/ip_no_pmtu_disc", []string{"0", "3"}, -1, everyone, phrase{
		"path MTU discovery is off", "la découverte du MTU du chemin est coupée",
	}, nil},
	{"tcp_mtu_probing", "ipv4/tcp_mtu_probing", []string{"1", "2"}, -1, everyone, phrase{
		"where others drop 3/4, TCP hangs; with 1 it finds the size by trying (RFC 4821)", "là où d'autres jettent 3/4, TCP se fige ; avec 1, il trouve la taille par essais (RFC 4821)",
	}, nil},
	{"accept_ra_host", "ipv6/conf/*/accept_ra", []string{"0", "1"}, -1, station, phrase{
		"router advertisements are believed though the machine forwards", "les annonces de routeur sont crues bien que la machine relaie",
	}, nil},
	{"accept_ra_gateway", "ipv6/conf/*/accept_ra", []string{"0"}, -1, forwarder, phrase{
		"a gateway gets its routes from its configuration; 2 only on an interface to the provider", "une passerelle tient ses routes de sa configuration ; 2 seulement sur l'interface du fournisseur",
	}, tree.ignoresRouters},
	{"accept_redirects6", "ipv6/conf/*/accept_redirects", []string{"0"}, -1, everyone, phrase{
		"a forged redirect on the link would lead traffic astray", "une redirection forgée sur le lien détournerait le trafic",
	}, tree.ignoresRedirects6},
	{"accept_source_route6", "ipv6/conf/*/accept_source_route", []string{"0", "-1"}, -1, everyone, phrase{
		"routing headers of type 0 are out of use (RFC 5095)", "les en-têtes de routage de type 0 sont hors d'usage (RFC 5095)",
	}, tree.allOff},
	{"echo_ignore_multicast6", "ipv6/icmp/echo_ignore_multicast", []string{"1"}, -1, everyone, phrase{
		"a ping to all nodes tells who is on the link, and amplifies", "un ping à tous les nœuds dit qui est sur le lien, et amplifie",
	}, nil},
	{"ratelimit6", "ipv6/icmp/ratelimit", nil, 1, everyone, phrase{
		"errors go out without a limit, which RFC 4443 §2.4 demands", "les erreurs partent sans la limite que la RFC 4443 §2.4 exige",
	}, nil},
}

// Sysctls audits the variables of the kernel below root, a file system that is
// /proc/sys/net. What is not there is not told.
func Sysctls(root fs.FS, o Options) []Setting {
	if o.Role == "" {
		o.Role = policy.Host
	}
	var out []Setting
	for _, a := range advices {
		if !a.only.has(o.Role) {
			continue
		}
		files, err := fs.Glob(root, a.file)
		if err != nil {
			continue
		}
		for _, f := range files {
			b, err := fs.ReadFile(root, f)
			value := strings.TrimSpace(string(b))
			on := path.Base(path.Dir(f))
			if err != nil || a.fits(value) || on == "lo" || a.harmless != nil && a.harmless(tree{root, path.Dir(path.Dir(f))}, on, o) {
				continue
			}
			out = append(out, Setting{
				Name: "net." + strings.ReplaceAll(strings.ReplaceAll(f, ".", "\x00"), "/", "."), Value: value, Advised: a.advised(), ID: a.id,
			})
			last := &out[len(out)-1]
			last.Name = strings.ReplaceAll(last.Name, "\x00", "/") // as sysctl(8) has it
		}
	}
	return out
}

func (a *advice) fits(value string) bool {
	if a.min >= 0 {
		n, err := strconv.Atoi(value)
		return err == nil && n >= a.min
	}
	return slices.Contains(a.ok, value)
}

func (a *advice) advised() string {
	if a.min >= 0 {
		return "at least " + strconv.Itoa(a.min)
	}
	return strings.Join(a.ok, " or ")
}

// tree is the variables of interfaces of a family. What the kernel makes of one is
// in the kernel's documentation, ip-sysctl.
type tree struct {
	root fs.FS
	dir  string // ipv4/conf
}

// has reports whether a variable is there and has the value.
func (t tree) has(on, name, value string) bool {
	b, err := fs.ReadFile(t.root, path.Join(t.dir, on, name))
	return err == nil && strings.TrimSpace(string(b)) == value
}

// interfaces are those that are no loopback.
func (t tree) interfaces() []string {
	all, _ := fs.ReadDir(t.root, t.dir)
	var out []string
	for _, e := range all {
		if n := e.Name(); n != "all" && n != "default" && n != "lo" {
			out = append(out, n)
		}
	}
	return out
}

// off reports whether a variable is off that counts only where that of all
// interfaces has it as well.
func (t tree) off(on, name string) bool {
	if on != "all" {
		return t.has("all", name, "0") || t.has("all", name, "-1")
	}
	others := t.interfaces()
	isOn := func(on string) bool { return !t.has(on, name, "0") && !t.has(on, name, "-1") }
	return len(others) > 0 && !slices.ContainsFunc(append(others, "default"), isOn)
}

func (t tree) allOff(on string, _ Options) bool { return t.off(on, "accept_source_route") }

// ignoresRedirects: who forwards believes a redirect only where both variables say
// so; others where either does.
func (t tree) ignoresRedirects(on string, _ Options) bool {
	return t.has(on, "forwarding", "1") && t.off(on, "accept_redirects")
}

// refusesRedirects: either variable is enough, and nobody asks to which gateways
// redirects lead that are not believed at all.
func (t tree) refusesRedirects(on string, _ Options) bool {
	return on == "all" || t.has("all", "secure_redirects", "1") ||
		t.has(on, "accept_redirects", "0") && t.has("all", "accept_redirects", "0")
}

// ignoresRedirects6: in IPv6 who forwards believes none, and the variable of all
// interfaces is that of none.
func (t tree) ignoresRedirects6(on string, _ Options) bool {
	return on == "all" || t.has(on, "forwarding", "1")
}

// ignoresRouters: who forwards believes advertisements of routers only with 2,
// which is as it should be towards the provider; the variable of all interfaces is
// that of none.
func (t tree) ignoresRouters(on string, o Options) bool {
	switch {
	case on == "all":
		return true
	case t.has(on, "accept_ra", "2"):
		return on == o.Outside
	}
	return t.has(on, "forwarding", "1")
}

// eachFilters: the larger of the variable of an interface and of that of all
// counts.
func (t tree) eachFilters(string, Options) bool {
	loose := func(on string) bool { return !t.has(on, "rp_filter", "1") && !t.has(on, "rp_filter", "2") }
	all := t.interfaces()
	return len(all) > 0 && !slices.ContainsFunc(append(all, "default"), loose)
}
