#!/usr/bin/env bash
# fixtures 4.3.2 on testtools 2.9.1: Ctrl-C while a fixture that another uses is being set up comes out as a TypeError.
#
# Expected: KeyboardInterrupt, as without the outer fixture. Fixture.setUp says of itself that BaseException is caught,
#   and that "only subclasses of Exception are wrapped"; it raises the interrupt again, after it has cleaned up.
# Seen: the inner setUp alone raises KeyboardInterrupt. The same fixture by useFixture in another's _setUp raises
#   MultipleExceptions with "'NoneType' object is not iterable"; SystemExit likewise.
# Why: cleanUp in setUp has set _details to None by then; useFixture's bare "except" asks the fixture for getDetails(),
#   which makes a dict of it.
# Hurts: anyone who interrupts a run while fixtures wait for a resource: runners that stop at KeyboardInterrupt, and only
#   then, report an error and go on with the next test.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check fixtures==4.3.2 testtools==2.9.1
"$dir/venv/bin/python" - <<'EOF'
import sys

from fixtures import Fixture, MultipleExceptions


class Waits(Fixture):
    def __init__(self, error):
        self.error = error

    def _setUp(self):
        raise self.error


class Uses(Fixture):
    def __init__(self, inner):
        self.inner = inner

    def _setUp(self):
        self.useFixture(self.inner)


def raised(fixture):
    try:
        fixture.setUp()
    except MultipleExceptions as several:
        kind, error, _ = several.args[0]
        return f"{kind.__name__}: {error}"
    except BaseException as error:
        return type(error).__name__
    return "nothing"


seen = []
for error in (KeyboardInterrupt, SystemExit):
    alone, used = raised(Waits(error())), raised(Uses(Waits(error())))
    print(f"{error.__name__}: alone {alone}; used by another {used}")
    seen += [alone == error.__name__, used == "TypeError: 'NoneType' object is not iterable"]
if not all(seen):
    sys.exit("changed")
EOF
