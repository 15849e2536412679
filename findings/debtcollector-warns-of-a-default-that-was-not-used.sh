#!/usr/bin/env bash
# Software: debtcollector 3.1.0, updating.updated_kwarg_default_value().
# Expected: the warning that a default value will change comes where the argument is not given: of a function(a, b) that is called
#   with two values there is none; of a method there is none, either.
# Seen: object.method(1, "mine") is warned: "The b argument is changing its default value to new, please update the code to
#   explicitly set ... the value", which it does. As b="mine" it is not; a function is right in both forms.
# Why: the decorator counts the names of the signature, of which the first is self, against the arguments that wrapt gives it, in
#   which self is not: the last positional argument is taken for a missing one.
# Hurts: callers of a method under such a deprecation: the warning cannot be got rid of by doing what it asks for, and where tests
#   turn warnings into errors they fail.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check debtcollector==3.1.0 || exit 77
"$dir/venv/bin/python" - <<'EOF'
import sys
import warnings

from debtcollector import updating


@updating.updated_kwarg_default_value("b", "old", "new")
def function(a, b="old"):
    return b


class Client:
    @updating.updated_kwarg_default_value("b", "old", "new")
    def method(self, a, b="old"):
        return b


def warned(call, *args, **kwargs):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(*args, **kwargs)
    print(call.__name__, args, kwargs, *(str(warning.message) for warning in caught))
    return bool(caught)


method = Client().method
seen = [warned(function, 1), warned(function, 1, "mine"), warned(method, 1, "mine"), warned(method, 1, b="mine")]
if seen != [True, False, True, False]:
    sys.exit("changed")
EOF
