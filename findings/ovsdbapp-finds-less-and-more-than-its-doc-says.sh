#!/usr/bin/env bash
# Software: ovsdbapp 3.0.0 with ovs 4.0.0, beside ovn-nbctl 23.03.1.
# Expected: db_find() takes, its doc string says, conditions of "(column, operation, match)", for instance `{>=}` for "set
#   contains?", and "See the ovs-vsctl man page for more operations". There `=` on a set or a map is equality.
# Seen: `=` is containment: ports whose addresses are {unknown} are found as well as those with an address and unknown;
#   ovn-nbctl finds the first alone. And `{>=}`, the doc string's own example, raises NotImplementedError, as do `{=}`, `<`
#   and all others of the man page.
# Why: idlutils.condition_match() compares element by element and knows `=` and `!=` alone.
# Hurts: clients (Neutron's OVN driver, agents) that port a command line to Python: `=` selects rows that it should not.
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

pypi ovsdbapp==3.0.0 ovs==4.0.0
ovn_northbound
ovn-nbctl ls-add net -- lsp-add net one -- lsp-set-addresses one unknown -- lsp-add net two -- lsp-set-addresses two unknown 02:00:00:00:00:02

echo "ovn-nbctl addresses=unknown: $(ovn-nbctl --bare --columns=name find Logical_Switch_Port addresses=unknown)"
[ "$(ovn-nbctl --bare --columns=name find Logical_Switch_Port addresses=unknown)" = one ] || verdict 1
"$python" -W ignore - "$OVN_NB_DB" <<'PYTHON' 2>/dev/null && verdict 0 || verdict 1
import sys

from ovsdbapp.backend.ovs_idl import connection
from ovsdbapp.schema.ovn_northbound import impl_idl

idl = connection.OvsdbIdl.from_server(sys.argv[1], "OVN_Northbound")
api = impl_idl.OvnNbApiIdlImpl(connection.Connection(idl, timeout=10))


def find(operation):
    try:
        rows = api.db_find("Logical_Switch_Port", ("addresses", operation, ["unknown"]), columns=["name"]).execute(check_error=True)
    except NotImplementedError as error:
        return repr(error)
    return sorted(row["name"] for row in rows)


seen = {operation: find(operation) for operation in ("=", "{>=}", "{=}")}
print("ovsdbapp:", seen)
raise SystemExit(seen != {"=": ["one", "two"], "{>=}": "NotImplementedError()", "{=}": "NotImplementedError()"})
PYTHON
