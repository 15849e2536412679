"""The modules and data that every trial needs, loaded once in the process that the trials are forked from."""

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
loading.get_plugin_loader("password")  # reads the entry points of all installed packages
gc.collect()
gc.freeze()  # trials then do not visit these objects at a collection, and so do not copy their memory
