"""The cloud under test: how it is reached, signed in to, asked, and what it shows of itself."""
