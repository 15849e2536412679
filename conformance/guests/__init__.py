"""What servers report of their own network: the script that they run, its output on the console, and the checks of it.

Only the two APIs are used: user data goes in, the console's output comes out. `script` makes the user data of a plan,
`console` reads the output, `records` stores it beside what the APIs show, `checks` are the invariants over such
records, and `judgements` says which of them each test demands, for the test and for `gman verify` alike.
"""
