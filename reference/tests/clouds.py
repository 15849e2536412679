"""A reference in this process, and one in processes of its own, for the tests beside it."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml
from requests.adapters import BaseAdapter

from reference.app import application, services
from reference.config import Settings
from reference.store import Store
from reference.wsgi import client

READY = 30.0  # seconds a server may take to come up

LONGEST = 120.0  # seconds a command may take on a busy machine


class InProcess(BaseAdapter):
    """Carries the requests of a session to an application of this process."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self.app = app

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        content = request.body or b""
        body = content.encode() if isinstance(content, str) else content
        return client.answer(self.app, str(request.method), str(request.url), request.headers, body)

    def close(self) -> None:
        """Does nothing: no connection is kept between two requests."""


class Session(requests.Session):
    """Calls below `base`; with `app`, the application that answers there, without a socket."""

    def __init__(self, base: str, app: Any = None) -> None:
        super().__init__()
        self.base, self.app, self.trust_env = base, app, False
        if app is not None:
            self.mount(base, InProcess(app))


@dataclass
class User:
    """A caller with a token: `user("GET", "/network/v2.0/networks")`."""

    session: Session
    token: str
    project_id: str
    user_id: str

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"X-Auth-Token": self.token, **more.pop("headers", {})}
        return self.session.request(method, self.session.base + path, headers=headers, timeout=60, **more)

    def network(self, method: str, path: str, **more: Any) -> requests.Response:
        return self(method, f"/network/v2.0{path}", **more)


def log_in(session: Session, name: str, password: str, project: str) -> User:
    domain = {"name": "Default"}
    identity = {"methods": ["password"], "password": {"user": {"name": name, "domain": domain, "password": password}}}
    body = {"auth": {"identity": identity, "scope": {"project": {"name": project, "domain": domain}}}}
    answer = session.post(f"{session.base}/identity/v3/auth/tokens", json=body, timeout=60)
    assert answer.status_code == 201, answer.text
    token = answer.json()["token"]
    return User(session, answer.headers["X-Subject-Token"], token["project"]["id"], token["user"]["id"])


@dataclass
class Cloud:
    """A reference and one user of each kind."""

    session: Session
    settings: Settings
    store: Store
    admin: User
    demo: User
    alt: User
    reader: User


def session_of(store: Store, settings: Settings) -> Session:
    app = application(services(store, settings).apps, store, settings)
    return Session(f"http://127.0.0.1:{settings.port}", app)


@dataclass
class Server:
    """A reference served by processes of its own."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    sessions: list[Session] = field(default_factory=list)

    def user(self, cloud: str) -> User:
        auth = yaml.safe_load((self.data / "clouds.yaml").read_text())["clouds"][cloud]["auth"]
        self.sessions.append(Session(self.url))
        return log_in(self.sessions[-1], auth["username"], auth["password"], auth["project_name"])


def serve(*flags: str) -> tuple[int, str]:
    """Exit code and output of a reference that ends before it serves."""
    command = [str(Path(sys.executable).with_name("gman")), "serve", *flags]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    return completed.returncode, completed.stdout + completed.stderr


def start(data: Path, *flags: str) -> Server:
    command = [sys.executable, "-m", "reference", "serve", "--port", "0", "--data", str(data), *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ready, deadline = data / "ready.json", time.monotonic() + READY
    try:
        while not ready.exists() or json.loads(ready.read_text())["pid"] != process.pid:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline, "the server did not come up"
            time.sleep(0.02)
    except BaseException:
        process.terminate()
        process.communicate()
        raise
    return Server(json.loads(ready.read_text())["url"], data, process)


def stop(server: Server) -> int:
    for session in server.sessions:
        session.close()  # else the end would wait for it
    server.process.send_signal(signal.SIGTERM)
    output, _ = server.process.communicate(timeout=READY)
    assert "Traceback" not in output, output
    return server.process.returncode
