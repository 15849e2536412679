"""`gman serve`, ended as soon as it is up: python serve_once.py serve ARGUMENTS, on a free port and in a new directory.

Its exit code is the server's, which has to be 0 after SIGTERM.
"""

import sys
import tempfile
from pathlib import Path

from reference.tests.clouds import start, stop

with tempfile.TemporaryDirectory(prefix="gman-serve-") as folder:
    server = start(Path(folder), *sys.argv[2:], "--port", "0", "--data", folder)
    sys.exit(stop(server))
