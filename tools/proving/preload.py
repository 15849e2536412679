"""What every trial needs at hand: loaded and read once, in the process that the trials are forked from."""

import gc

from gunicorn.workers import gthread  # noqa: F401 - loading it is the point, as of others below
from keystoneauth1 import loading

from conformance.run import session
from proving import trial  # noqa: F401
from reference import (  # noqa: F401
    cli,
    control,
    differences,
    faults,
    serve,
)

session.check_tests()
loading.get_plugin_loader("password")  # reads what every installed package offers
gc.collect()
gc.freeze()  # what is loaded now stays: no collection need copy it into a trial's own memory
