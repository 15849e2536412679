"""`gman serve --list`: the paths that are served, with their methods."""

import os
from collections.abc import Iterator
from dataclasses import replace

import falcon
import falcon.inspect

from reference.app import services
from reference.config import CHECKERS, Settings
from reference.store import Store


def lines(settings: Settings) -> Iterator[str]:
    """A line for each path, in the order of services and paths: its methods, and where it is."""
    ports = dict(settings.ports)
    # a Keystone would add no route; with a key in the settings, none is looked up
    settings = replace(settings, auth=CHECKERS[0], services=settings.served, work_key="none")
    store = Store(f"sqlite:///{os.devnull}")  # the database is never opened
    for name, app in services(store, settings).apps.items():
        place = f":{ports[name]}" if name in ports else f"/{name}"
        for path, methods in sorted(_routes(app)):
            yield f"{name:8}  {' '.join(methods):22}  {place}{path}"
    store.close()


def _routes(app: object) -> Iterator[tuple[str, list[str]]]:
    """Each path with its methods, without those that the framework adds to all."""
    assert isinstance(app, falcon.App)
    for route in falcon.inspect.inspect_routes(app):
        yield route.path, sorted(method.method for method in route.methods if not method.internal)
