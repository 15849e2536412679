"""One run of the suite: it takes the settings of the command line, runs pytest with them and ends with a report."""
