"""`gman serve`, ended as soon as it is up: python serve_once.py serve ARGUMENTS, on a free port and in a new directory.

Its exit code is that of the server, which has to end well when it is told to.
"""

import sys
import tempfile
from pathlib import Path

from reference.tests.clouds import start, stop

with tempfile.TemporaryDirectory(prefix="gman-serve-") as folder:
    server = start(Path(folder), *sys.argv[2:], "--port", "0", "--data", folder)
    sys.exit(stop(server))
