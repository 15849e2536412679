"""The nftables rules of a router: what it translates and what it lets through."""

from reference.guests.names import GATEWAY_LINK
from reference.guests.topology import Router

_ROUTER = """\
flush ruleset
table inet gman {
  chain translate_in { type nat hook prerouting priority dstnat; policy accept;
%(dnat)s
  }
  chain translate_out { type nat hook postrouting priority srcnat; policy accept;
%(snat)s
  }
  chain through { type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "gw" ct status dnat accept
    iifname != "gw" accept
  }
  chain own { type filter hook input priority filter; policy drop;
    ct state established,related accept
    icmp type echo-request accept
    icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
    iifname != "gw" udp dport 547 accept
  }
}
"""


def router_rules(router: Router) -> str:
    """All rules of a router: through its gateway come only answers, and packets to floating IPs."""
    dnat, snat = [], []
    outer = router.gateway.ips(4)[:1] if router.gateway else []
    for external, fixed in router.floating:
        dnat.append(f"ip daddr {external} dnat ip to {fixed}")
        snat.append(f'oifname "{GATEWAY_LINK}" ip saddr {fixed} snat ip to {external}')
    inner = [subnet.cidr for subnet in router.subnets if subnet.version == 4]
    if router.snat and outer and inner:
        snat.append(f'oifname "{GATEWAY_LINK}" ip saddr {{ {", ".join(inner)} }} snat ip to {outer[0]}')
    if outer and router.floating:
        # a server on the same network that is called by its floating IP has to answer through this router
        snat.append(f'iifname != "gw" oifname != "{GATEWAY_LINK}" ct status dnat snat ip to {outer[0]}')
    lines = {name: "\n".join(f"    {line}" for line in rules) for name, rules in (("dnat", dnat), ("snat", snat))}
    return _ROUTER % lines
