"""The cloud under test: how to reach it, sign in to it and call it, and what it can do."""
