package trace

// help is what the original's twin says of itself.
const help = `Usage:
  traceroute [ -46dFITnreAUV ] [ -f first_ttl ] [ -g gate,... ] [ -i device ] [ -m max_ttl ] [ -N squeries ] [ -p port ] [ -t tos ] [ -l flow_label ] [ -w MAX,HERE,NEAR ] [ -q nqueries ] [ -s src_addr ] [ -z sendwait ] [ --fwmark=num ] host [ packetlen ]
Options:
  -4, -6                      IPv4 or IPv6 only
  -d  --debug                 nothing; it is there because others have it
  -F  --dont-fragment         do not let probes be cut into fragments
  -f first_ttl  --first=first_ttl
                              time to live of the first probes (1)
  -g gate,...  --gateway=gate,...
                              loose source route by these gateways, 8 at most
                              (IPv4)
  -I  --icmp                  probe by ICMP echo
  -T  --tcp                   probe by TCP SYN, to port 80
  -i device  --interface=device
                              interface to send through
  -m max_ttl  --max-hops=max_ttl
                              time to live of the last probes (30)
  -N squeries  --sim-queries=squeries
                              probes under way at a time (16)
  -n                          addresses only, no names
  -p port  --port=port        destination port: of UDP the first one (33434), of
                              the other methods the only one (tcp 80, udp and
                              udplite 53)
  -t tos  --tos=tos           type of service, traffic class in IPv6
  -l flow_label  --flowlabel=flow_label
                              flow label of IPv6
  -w MAX,HERE,NEAR  --wait=MAX,HERE,NEAR
                              wait for an answer no longer than MAX seconds (5),
                              HERE times as long as one of the same hop took (3),
                              NEAR times as long as one of another (10)
  -q nqueries  --queries=nqueries
                              probes for each hop (3)
  -r                          send to a host on a connected network only
  -s src_addr  --source=src_addr
                              source address
  -z sendwait  --sendwait=sendwait
                              time between two probes: in seconds, in
                              milliseconds if it is more than 10
  -e  --extensions            print ICMP extensions: MPLS labels, interfaces
  -A  --as-path-lookups       print whose each address is
  -M name  --module=name      method: default, udp, udplite, icmp, tcp
  -O OPTS,...  --options=OPTS,...
                              options of the method; of tcp: info, which prints
                              the flags of answers
  --sport=num                 source port; implies -N 1 -w 5
  --fwmark=num                mark of the packets for the firewall
  -U  --udp                   probe by UDP to one port, 53
  -UL                         probe by UDP-Lite, to port 53
  --mtu                       find out what each link takes; implies -F -N 1
  --back                      print how many hops the way back has, where that
                              differs
  -V  --version               print the version
  --help                      print this
  --lab=name, --from=host, --seed=num, --virtual
                              trace in a simulated network: sonde trace --help

Arguments:
      host                    name or address
      packetlen               length of a packet in octets, IP header included
                              (IP header and 40)
`
