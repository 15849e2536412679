"""The tests of the suite for runners that know unittest: stestr, testtools.run, subunit.run, python -m unittest."""
