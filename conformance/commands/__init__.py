"""The commands of `gman`, a module each: `add` defines the options, `main` runs the command."""
