"""What must hold of guests: pure functions over their records, a line for each violation.

What a guest has not said is no violation here; `judgements` demand that it speaks.
"""
