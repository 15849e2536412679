#!/usr/bin/env bash
# Software: oslo.context 6.5.0, RequestContext.to_dict() and from_dict().
# Expected: what to_dict() writes ("Return a dictionary of context attributes"), from_dict() reads ("Construct a context
#   object from a provided dictionary"): the two are the way of a context over RPC, and policy is to decide alike.
# Seen: roles and system scope come back, and service_roles, service_user_id and service_project_id do not: the values
#   for policy of the second context have an empty list of service roles, where those of the first have "service".
# Why: to_dict() and from_dict() have the keys of the user's token alone; to_policy_values() and from_environ() have those
#   of the service's token, too.
# Hurts: rules such as service_roles:service, which are true in the API and false behind RPC, unless a service has its own
#   to_dict() and FROM_DICT_EXTRA_KEYS.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.context==6.5.0 || exit 77
"$dir/venv/bin/python" - <<'EOF'
import sys

from oslo_context import context

headers = {"HTTP_X_USER_ID": "u", "HTTP_X_ROLES": "member", "HTTP_OPENSTACK_SYSTEM_SCOPE": "all"}
service = {"HTTP_X_SERVICE_USER_ID": "nova", "HTTP_X_SERVICE_PROJECT_ID": "p", "HTTP_X_SERVICE_ROLES": "service"}
before = context.RequestContext.from_environ(headers | service)
after = context.RequestContext.from_dict(before.to_dict())
names = ("user_id", "roles", "system_scope", "service_user_id", "service_project_id", "service_roles")
values = [{name: request.to_policy_values()[name] for name in names} for request in (before, after)]
print("before", values[0])
print("after ", values[1])
whole = {"user_id": "u", "roles": ["member"], "system_scope": "all"}
if values != [
    whole | {"service_user_id": "nova", "service_project_id": "p", "service_roles": ["service"]},
    whole | {"service_user_id": None, "service_project_id": None, "service_roles": []},
]:
    sys.exit("changed")
EOF
