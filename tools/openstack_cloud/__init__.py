"""Brings up a real OpenStack control plane from PyPI on loopback, for the suite to be proved against.

Needs nothing but the standard library to start; `bootstrap`, `l2_agent` and `sql` run with the Python of the
cloud's own virtual environment. Everything a cloud is made of lives under one state directory.
"""
