"""What `gman` does besides running the suite, a module a command: `add` offers it, `main` does it."""
