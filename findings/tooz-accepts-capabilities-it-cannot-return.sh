#!/usr/bin/env bash
# tooz 9.1.0 on oslo.serialization 5.11.0: capabilities that hold a number as a key are stored, and cannot be
# read again.
#
# Expected: what was stored, or an error when it is stored. join_group documents capabilities as "a dict mapping string
#   keys to arbitrary values"; msgpack, in which they are kept, knows maps with integer keys.
# Seen: join_group(b"g", {"memory": {0: 4096}}) succeeds; from then on get_members of the file driver raises
#   SerializationError (int is not allowed for map key) for everyone who asks for the group, and so does
#   get_member_capabilities.
# Why: oslo_serialization.msgpackutils.dumps packs any key; loads calls msgpack.unpackb without strict_map_key=False,
#   and msgpack refuses, since its release 1.0, keys that are neither text nor bytes.
# Hurts: members that publish tables (NUMA cell -> memory, shard -> load): one joins without an error, and no one sees
#   any member of the group until that one has left.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
    tooz==9.1.0 oslo.serialization==5.11.0 msgpack==1.2.4
mkdir "$dir/state"
"$dir/venv/bin/python" -W ignore - "$dir/state" 2>"$dir/errors" <<'EOF' || { cat "$dir/errors"; exit 1; }
import sys
from tooz import coordination

member = coordination.get_coordinator("file://" + sys.argv[1], b"m")
member.start()
member.create_group(b"g").get()
member.join_group(b"g", {"memory": {0: 4096}}).get()
print("join_group(b'g', {'memory': {0: 4096}}): done")
seen = []
for name, call in (("get_members", lambda: member.get_members(b"g")),
                   ("get_member_capabilities", lambda: member.get_member_capabilities(b"g", b"m"))):
    try:
        seen.append(call().get())
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
member.stop()
if seen:
    sys.exit(f"changed: {seen}")
EOF
