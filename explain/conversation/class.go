package conversation

import (
	"slices"

	"golang.org/x/text/language"

	"github.com/sonde-net/sonde/wire/icmp4"
	"github.com/sonde-net/sonde/wire/icmp6"
)

// Class is a kind of question: what has the same class can be request and reply.
type Class uint8

// The classes.
const (
	NoClass      Class = iota
	Echo               // echo
	Timestamp          // timestamp
	Information        // information
	Mask               // address mask
	ExtendedEcho       // PROBE
	DomainName         // domain name
	Router             // router solicitation and advertisement
	Neighbor           // neighbour solicitation and advertisement
	CausedError        // no question: a datagram and the error about it
	numClasses
)

var classes = [numClasses]string{"none", "echo", "timestamp", "information", "mask", "extended echo", "domain name", "router", "neighbor", "error"}

// classesFR are their names in French.
var classesFR = [numClasses]string{
	"aucune", "écho", "horodatage", "information", "masque", "écho étendu", "nom de domaine", "routeur", "voisin", "erreur",
}

// ClassOf returns the class of that name; [NoClass]: there is none.
func ClassOf(name string) Class {
	return Class(max(slices.Index(classes[:], name), 0)) //nolint:gosec // few
}

// In returns the name of the class in that language: French, or else English.
func (c Class) In(lang language.Tag) string {
	if base, _ := lang.Base(); c < numClasses && base.String() == "fr" {
		return classesFR[c]
	}
	return c.String()
}

// String returns the name of the class.
func (c Class) String() string {
	if c >= numClasses {
		return "unknown"
	}
	return classes[c]
}

// MarshalText implements [encoding.TextMarshaler].
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Role is what its sender does with a message.
type Role uint8

// The roles.
const (
	Other        Role = iota // a type that nobody knows, or that is neither of the others
	Request                  // it asks
	Reply                    // it answers
	Error                    // it reports about a datagram that it quotes
	Announcement             // it tells, unasked
	numRoles
)

var roles = [numRoles]string{"other", "request", "reply", "error", "announcement"}

// String returns the name of the role.
func (r Role) String() string {
	if r >= numRoles {
		return "unknown"
	}
	return roles[r]
}

// MarshalText implements [encoding.TextMarshaler].
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

type part struct {
	class Class
	role  Role
}

var parts4 = [256]part{
	icmp4.TypeEchoRequest:         {Echo, Request},
	icmp4.TypeEchoReply:           {Echo, Reply},
	icmp4.TypeTimestampRequest:    {Timestamp, Request},
	icmp4.TypeTimestampReply:      {Timestamp, Reply},
	icmp4.TypeInfoRequest:         {Information, Request},
	icmp4.TypeInfoReply:           {Information, Reply},
	icmp4.TypeMaskRequest:         {Mask, Request},
	icmp4.TypeMaskReply:           {Mask, Reply},
	icmp4.TypeExtendedEchoRequest: {ExtendedEcho, Request},
	icmp4.TypeExtendedEchoReply:   {ExtendedEcho, Reply},
	icmp4.TypeDomainNameRequest:   {DomainName, Request},
	icmp4.TypeDomainNameReply:     {DomainName, Reply},
	icmp4.TypeRouterSolicitation:  {Router, Request},
	icmp4.TypeRouterAdvertisement: {Router, Reply},
	icmp4.TypeDestUnreachable:     {NoClass, Error},
	icmp4.TypeSourceQuench:        {NoClass, Error},
	icmp4.TypeRedirect:            {NoClass, Error},
	icmp4.TypeTimeExceeded:        {NoClass, Error},
	icmp4.TypeParameterProblem:    {NoClass, Error},
	icmp4.TypeConversionError:     {NoClass, Error},
	icmp4.TypeMobileRedirect:      {NoClass, Error},
	icmp4.TypePhoturis:            {NoClass, Error},
}

var parts6 = [256]part{
	icmp6.TypeEchoRequest:           {Echo, Request},
	icmp6.TypeEchoReply:             {Echo, Reply},
	icmp6.TypeExtendedEchoRequest:   {ExtendedEcho, Request},
	icmp6.TypeExtendedEchoReply:     {ExtendedEcho, Reply},
	icmp6.TypeRouterSolicitation:    {Router, Request},
	icmp6.TypeRouterAdvertisement:   {Router, Reply},
	icmp6.TypeNeighborSolicitation:  {Neighbor, Request},
	icmp6.TypeNeighborAdvertisement: {Neighbor, Reply},
	icmp6.TypeMLDQuery:              {NoClass, Request},
	icmp6.TypeMLDReport:             {NoClass, Announcement},
	icmp6.TypeMLDDone:               {NoClass, Announcement},
	icmp6.TypeMLDv2Report:           {NoClass, Announcement},
	icmp6.TypeDestUnreachable:       {NoClass, Error},
	icmp6.TypePacketTooBig:          {NoClass, Error},
	icmp6.TypeTimeExceeded:          {NoClass, Error},
	icmp6.TypeParameterProblem:      {NoClass, Error},
	icmp6.TypeRedirect:              {NoClass, Error},
}

// partOf returns the class and role of a type.
func partOf(version, typ uint8) part {
	if version == 6 {
		return parts6[typ]
	}
	return parts4[typ]
}
