#!/usr/bin/env bash
# neutron 29.0.0 with netaddr 1.3.0: of an IPv4 /31 both addresses are in the pool, and one may not be asked for.
#
# Expected: RFC 3021: both addresses of a /31 are host addresses. neutron.ipam.utils.generate_pools follows it, and so
#   does netaddr (iter_hosts, broadcast is None).
# Seen: without a gateway the pool of 192.0.2.0/31 is .0 to .1, but check_subnet_ip, which checks every requested
#   fixed_ip, refuses .0. As a gateway both are refused. For a /32 the pool is .0, and .0 is refused.
# Why: check_subnet_ip compares with net.network for IPv4 whatever the prefix, check_gateway_invalid_in_subnet with
#   net.network and net[-1]; generate_pools alone looks at the prefix.
# Hurts: operators of point-to-point links: a port gets .0 by itself, and cannot be made again with the same address.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --no-deps --disable-pip-version-check \
    neutron==29.0.0 neutron-lib==5.0.1 netaddr==1.3.0
"$dir/venv/bin/python" -W ignore - 2>"$dir/errors" <<'EOF' || { cat "$dir/errors"; exit 1; }
import importlib.util, pathlib, sys, types
import netaddr

# the one module and the constants it takes, without all that importing the packages brings up
site = pathlib.Path(netaddr.__file__).parents[1]
sys.modules["neutron_lib"] = package = types.ModuleType("neutron_lib")
package.__path__ = [str(site / "neutron_lib")]
spec = importlib.util.spec_from_file_location("ipam_utils", site / "neutron" / "ipam" / "utils.py")
utils = importlib.util.module_from_spec(spec)
spec.loader.exec_module(utils)

seen = {}
for cidr in ("192.0.2.0/30", "192.0.2.0/31", "192.0.2.0/32"):
    pool = [str(address) for addresses in utils.generate_pools(cidr, None) for address in addresses]
    seen[cidr] = [address for address in pool if not utils.check_subnet_ip(cidr, address)]
    gateways = [address for address in pool if not utils.check_gateway_invalid_in_subnet(cidr, address)]
    hosts = [str(address) for address in netaddr.IPNetwork(cidr).iter_hosts()]
    print(f"{cidr}: pool {pool}, refused {seen[cidr]}; as a gateway taken {gateways}; netaddr's hosts {hosts}")
if seen != {"192.0.2.0/30": [], "192.0.2.0/31": ["192.0.2.0"], "192.0.2.0/32": ["192.0.2.0"]}:
    sys.exit("changed")
EOF
