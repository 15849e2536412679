"""`python -m reference serve` is `gman serve`."""

import sys

from reference.cli import main

sys.exit(main())
