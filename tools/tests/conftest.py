"""The tools are programs, not an installed package: their own directory is where they import from."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
