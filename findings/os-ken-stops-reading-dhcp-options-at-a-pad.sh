#!/usr/bin/env bash
# Software: os-ken 4.2.2 (the OpenFlow library of Neutron's agents), os_ken.lib.packet.dhcp.
# Expected: option 0, a single byte, is padding between options (RFC 2132, 3.1: "to cause subsequent fields to align on word
#   boundaries"); reading goes on after it, up to option 255.
# Seen: of message type, pad, client identifier and host name the message type alone is read; written again, the packet has
#   lost the others for good.
# Why: options.parser() ends at the first option that option.parser() gives as None, and it does so for pad and end alike.
# Hurts: DHCP in an OpenFlow application, as Neutron's Open vSwitch agent has one: clients that align their options are
#   served as if they had sent none.
set -eu
. "$(dirname "$0")/lib/common.sh"

pypi os-ken==4.2.2
"$python" -W ignore - <<'PYTHON' && verdict 0 || verdict 1
from os_ken.lib.packet import dhcp

header = bytes([1, 1, 6, 0]) + bytes(24) + bytes.fromhex("020000000001") + bytes(10 + 64 + 128)
options = bytes.fromhex("63825363" + "350101" + "00" + "3d05ff31323334" + "0c02766d" + "ff")
message, _, rest = dhcp.dhcp.parser(header + options)
tags = [option.tag for option in message.options.option_list]
print("options in the message: [53, 61, 12] - read:", tags)
print("bytes of options:", len(options), "- written again:", len(message.options.serialize()))
raise SystemExit(tags != [53])
PYTHON
