#!/usr/bin/env bash
# Software: ovsdbapp 3.0.0 with ovs 4.0.0, beside ovn-nbctl 23.03.1.
# Expected: db_set() is, in its doc string, "set fields in a record", with columns and "their associated values"; it is modelled
#   on ovn-nbctl's `set`, which without a key sets "the entire map" (ovn-nbctl(8)).
# Seen: external_ids {a: 1, b: 2} set to {a: 3} is {a: 3, b: 2} by ovsdbapp, and {a: 3} by ovn-nbctl. To the empty map it is not
#   changed at all, and the command reports success. Sets and single values are replaced by both.
# Why: DbSetCommand updates the present map with what it was given, for maps alone.
# Hurts: clients that write the wanted state: keys that were once set stay for ever (options, external_ids, other_config).
set -eu
. "$(dirname "$0")/lib/common.sh"
. "$(dirname "$0")/lib/ovn.sh"

pypi ovsdbapp==3.0.0 ovs==4.0.0
ovn_northbound
for name in nbctl ovsdbapp; do
    ovn-nbctl ls-add "$name" -- set Logical_Switch "$name" external_ids='{a="1",b="2"}'
done

ovn-nbctl set Logical_Switch nbctl external_ids='{a="3"}'
by_nbctl=$(ovn-nbctl get Logical_Switch nbctl external_ids)
"$python" -W ignore - "$OVN_NB_DB" 2>/dev/null <<'PYTHON'
import sys

from ovsdbapp.backend.ovs_idl import connection
from ovsdbapp.schema.ovn_northbound import impl_idl

idl = connection.OvsdbIdl.from_server(sys.argv[1], "OVN_Northbound")
api = impl_idl.OvnNbApiIdlImpl(connection.Connection(idl, timeout=10))
for value in ({"a": "3"}, {}):
    api.db_set("Logical_Switch", "ovsdbapp", ("external_ids", value)).execute(check_error=True)
PYTHON
by_ovsdbapp=$(ovn-nbctl get Logical_Switch ovsdbapp external_ids)
printf 'set to {a="3"} by ovn-nbctl: %s\nset to {a="3"} and then to {} by ovsdbapp: %s\n' "$by_nbctl" "$by_ovsdbapp"

[ "$by_nbctl" = '{a="3"}' ] && [ "$by_ovsdbapp" = '{a="3", b="2"}' ] || verdict 1
verdict 0
