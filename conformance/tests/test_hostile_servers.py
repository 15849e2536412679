"""`gman run` against services that answer nothing right: never green, never endless, and one line of what was seen."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from conformance.tests.conftest import Gman
from conformance.tests.tiny_cloud import TinyCloud, serving

LONGER = 10.0  # seconds, than any deadline given here
BRIEF = ["--deadline", "request=0.2"]
PAGE = b"<html>\n<body>\n<h1>It works!</h1>\n</body>\n</html>\n"
REFUSED = json.dumps({"error": {"code": 401, "title": "Unauthorized", "message": "who are you?"}}).encode()
ANSWERS = {
    "503": ("503 Service Unavailable", "text/html", PAGE),
    "401": ("401 Unauthorized", "application/json", REFUSED),
    "html": ("200 OK", "text/html", PAGE),
    "hang": ("200 OK", "application/json", b"{}"),  # when nobody waits for it any more
}
PARTS: dict[str, Callable[[str], bool]] = {
    "services": lambda path: not path.startswith("/identity"),
    "identity": lambda path: path.startswith("/identity"),
    "sign-in": lambda path: path.endswith("/auth/tokens"),
}


class HostileCloud(TinyCloud):
    """A tiny cloud, one of whose PARTS has nothing but one of ANSWERS for whoever asks."""

    def __init__(self, part: str, answer: str) -> None:
        super().__init__()
        self.part, self.answer = part, answer
        self.waited_for = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not PARTS[self.part](environ["PATH_INFO"]):
            return super().__call__(environ, start_response)
        self.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if self.answer == "hang" and not self.go_on.wait(LONGER):
            self.waited_for = True
        status, kind, body = ANSWERS[self.answer]
        start_response(status, [("Content-Type", kind)])
        return [body]


@pytest.mark.parametrize("profile", ["core", "core,compute,race"])
@pytest.mark.parametrize(
    ("part", "answer", "says"),
    [
        ("services", "503", "answered 503 <html> <body> <h1>It works!"),
        ("services", "401", "answered 401 "),
        ("services", "html", "answered 200 with no JSON: mend the service, or its endpoint in the catalog"),
        ("services", "hang", "no answer within 0.2 s: check the endpoint"),
        ("identity", "503", "check auth_url in clouds.yaml (Service Unavailable (HTTP 503))"),
        ("identity", "html", "check auth_url in clouds.yaml (Invalid Response"),
        ("identity", "hang", "check auth_url in clouds.yaml ("),
        ("sign-in", "503", "cannot sign in: Service Unavailable (HTTP 503): check auth_url"),
        ("sign-in", "html", "cannot sign in: Invalid response from server: check auth_url"),
        ("sign-in", "hang", "check auth_url in clouds.yaml ("),
    ],
)
def test_nothing_right_is_one_line_and_no_run(gman: Gman, part: str, answer: str, says: str, profile: str) -> None:
    cloud = HostileCloud(part, answer)
    with serving(cloud) as cloud.url:
        code, printed = gman("run", "--cloud", "tiny", "--profile", profile, *BRIEF, url=cloud.url)
        cloud.go_on.set()
    assert code == 3
    assert says in printed
    assert printed.count("\n") == 1
    assert not cloud.waited_for
    assert any(PARTS[part](request.split()[1]) for request in cloud.requests)
