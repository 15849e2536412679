"""What must hold of guests: pure functions over their records, a line for each violation.

What a guest has not said is no violation: whether it had to is for `judgements`.
"""
