"""Several applications on one address, told apart by the first element of the path or by the request's port."""

from collections.abc import Callable, Iterable, Mapping
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class Mount:
    """`/name/...` is served by application `name`, mounted there; one with a port of its own answers at the root.

    `ready` decides `/healthcheck`: 200 when it returns, 503 when it raises.
    """

    def __init__(
        self, apps: Mapping[str, WSGIApplication], ports: Mapping[int, WSGIApplication], ready: Callable[[], None]
    ) -> None:
        self.apps, self.ports, self.ready = dict(apps), dict(ports), ready

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/healthcheck":
            try:
                self.ready()
            except Exception:  # noqa: BLE001 - whatever the reason, this answer reports it
                return _plain(start_response, "503 Service Unavailable", "the database does not answer\n")
            return _plain(start_response, "200 OK", "OK\n")
        own_app = self.ports.get(int(environ.get("SERVER_PORT") or 0))
        if own_app is not None:
            return own_app(environ, start_response)
        name = f"{path}/".split("/")[1]
        app = self.apps.get(name)
        if app is None:
            return _plain(start_response, "404 Not Found", f"Here are: {' '.join(sorted(self.apps))}\n")
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{name}"
        environ["PATH_INFO"] = path[len(name) + 1 :]
        return app(environ, start_response)


def _plain(start_response: StartResponse, status: str, text: str) -> Iterable[bytes]:
    content = text.encode()
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(content)))])
    return [content]
