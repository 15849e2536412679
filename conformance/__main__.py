"""`python -m conformance` is `gman`."""

import sys

from conformance.cli import main

sys.exit(main())
