#!/usr/bin/env bash
# stestr 4.2.1 and python-subunit 1.4.6: of one run with an unexpected success "stestr run" and "stestr last" say that
# it failed, "stestr failing" and subunit-stats that all passed.
#
# Expected: one verdict. unittest says of expectedFailure: "If the test passes, it will be considered a failure"; its
#   wasSuccessful() is False then since Python 3.4.
# Seen: stestr run, stestr last: exit 1, "Unexpected Success: 1". stestr failing: "PASSED", exit 0. subunit-stats:
#   "Passed tests: 1, Failed tests: 0", exit 0.
# Why: stestr.commands.failing reads the repository's list of failing tests, in which stestr.repository.memory keeps
#   those of the status "fail" alone; stestr.results.wasSuccessful, which the others use, counts unexpected successes.
#   subunit.TestResultStats counts as passed whatever is neither failed nor skipped.
# Hurts: gates and reports that read the verdict from "failing" or from the stream: CI is red and its summary green,
#   and "stestr run --failing" finds nothing to run again.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check \
    stestr==4.2.1 python-subunit==1.4.6 testtools==2.9.1
PATH=$dir/venv/bin:$PATH
mkdir "$dir/tests"
cd "$dir"
touch tests/__init__.py
printf '[DEFAULT]\ntest_path=./tests\n' > .stestr.conf
cat > tests/test_known.py <<'EOF'
import unittest

class Known(unittest.TestCase):
    @unittest.expectedFailure
    def test_was_broken_once(self):
        pass
EOF
verdict() {  # NAME COMMAND...
    name=$1 code=0; shift
    "$@" > out 2>&1 || code=$?
    lines=$(grep -E 'Unexpected|- Passed|- Failed|tests:|PASSED' out | tr -s ' \n' ' ')
    printf '%-15s exit %s  %s\n' "$name" "$code" "$lines"
    verdicts="${verdicts-}$code"
}
verdict "stestr run" stestr run --serial
verdict "stestr last" stestr last
verdict "stestr failing" stestr failing
stestr last --subunit > stream || true
verdict "subunit-stats" sh -c 'subunit-stats < stream'
[ "$verdicts" = 1100 ] || { echo "changed"; exit 1; }
