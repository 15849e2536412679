"""What a run came to: collected from the tests' outcomes, then rendered for programs and for people."""
