"""Faults nobody thought of: the reference with one expression changed, and whether the suite notices."""
