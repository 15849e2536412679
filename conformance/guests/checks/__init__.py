"""What must hold of guests: pure functions over their records, a line for each violation.

Missing words of a guest are no violation here; `judgements` demand that it speaks.
"""
