"""`gman doctor` and `gman run` make the same checks: what the one reports, the other refuses."""

from typing import Any

import pytest

from conformance.tests.conftest import Gman
from conformance.tests.tiny_cloud import Reply, TinyCloud, running, serving
from conformance.verdict.states import Exit

ONE = ("-k", "topology-get.yaml", "--claim", "core,compute")


class Refusing(TinyCloud):
    """Answers an error to GETs of paths that end in `path`: always, or so many `times`."""

    def __init__(self, path: str, status: int, times: float = float("inf")) -> None:
        super().__init__()
        self.path, self.status, self.times = path, status, times

    def reply(self, method: str, path: str, query: dict[str, list[str]], body: Any, environ: dict[str, Any]) -> Reply:
        is_look = "project_id" not in query  # with project_id, the request lists a project's objects
        if path.endswith(self.path) and self.times > 0 and is_look:
            self.times -= 1
            return self.status, {"NeutronError": {"type": "Refusal", "message": "not today", "detail": ""}}
        return super().reply(method, path, query, body, environ)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/extensions", 500),
        ("/subnetpools", 403),
        ("/networks", 503),
        ("/compute/v2.1", 500),
        ("/flavors/detail", 403),
        ("/image/v2/images", 500),
    ],
)
def test_an_error_of_a_service_is_named_with_its_request(gman: Gman, path: str, status: int) -> None:
    with serving(cloud := Refusing(path, status)) as cloud.url:
        outcomes = [gman(*command, "--cloud", "tiny", url=cloud.url) for command in (("doctor",), ("run", *ONE))]
    for code, printed in outcomes:
        assert code == Exit.USAGE
        assert f"{path}" in printed
        assert f"answered {status} " in printed
        assert "(req-" in printed
        for advice in ("service_plugins", "subnet pool create", "image create", "flavor create", "upgrade Nova"):
            assert advice not in printed


class Steering(TinyCloud):
    """Ids of images and flavors, and refusals, with control characters or lone surrogates."""

    def __init__(self, *, refuses: bool) -> None:
        super().__init__()
        self.refuses = refuses

    def reply(self, method: str, path: str, query: dict[str, list[str]], body: Any, environ: dict[str, Any]) -> Reply:
        status, answer = super().reply(method, path, query, body, environ)
        if path.endswith("/extensions") and self.refuses:
            return 500, {"NeutronError": {"type": "Refusal", "message": ODD, "detail": ""}}
        if path.endswith(("/v2/images", "/flavors/detail")):
            [(key, items)] = [(key, items) for key, items in answer.items() if isinstance(items, list)]
            return status, {**answer, key: [{**item, "id": f"{item['id']}{ODD}"} for item in items]}
        return status, answer


ODD = "\x1b[2J\x9b\n\ud800"


@pytest.mark.parametrize(
    ("refuses", "command", "expected"),
    [(True, ["doctor"], Exit.USAGE), (True, ["run", *ONE], Exit.USAGE), (False, ["doctor"], Exit.CONFORMANT)],
)
def test_no_text_of_a_cloud_steers_the_terminal(gman: Gman, refuses: bool, command: list[str], expected: int) -> None:
    with serving(cloud := Steering(refuses=refuses)) as cloud.url:
        code, printed = gman(*command, "--cloud", "tiny", url=cloud.url)
    assert code == expected
    assert "\\ud800" in printed
    assert not {"\x1b", "\x9b"} & {*printed}


@pytest.mark.parametrize("path", ["/extensions", "/subnetpools", "/image/v2/images", "/compute/v2.1"])
def test_a_temporary_error_does_not_stop_a_run(gman: Gman, path: str) -> None:
    with serving(cloud := Refusing(path, 500, times=2)) as cloud.url:
        assert gman("doctor", "--cloud", "tiny", url=cloud.url)[0] == 0


@pytest.mark.parametrize(
    ("faults", "refused"),
    [
        ((), False),
        (("no-extension",), False),
        (("no-external",), False),
        (("no-external", "cannot"), True),
        (("no-pool", "cannot"), True),
        (("cannot",), False),
        (("old-compute",), False),
        (("not-empty",), True),
        (("distrustful",), True),
        (("gibberish",), True),
        (("no-network",), True),
    ],
)
def test_doctor_and_run_agree(gman: Gman, faults: tuple[str, ...], refused: bool) -> None:
    with running(*faults) as tiny:
        doctor, printed = gman("doctor", "--cloud", "tiny", url=tiny.url)
        run, refusal = gman("run", "--cloud", "tiny", *ONE, url=tiny.url)
    assert (doctor == Exit.USAGE, run == Exit.USAGE) == (refused, refused)
    problems = [line.split(maxsplit=1)[1] for line in printed.splitlines() if line.startswith("wrong")]
    assert all(line[:60] in refusal for line in problems)


def test_the_doctor_does_not_refer_to_openstackclients_dry_run(gman: Gman) -> None:
    with running("cannot") as tiny:
        _code, printed = gman("doctor", "--cloud", "tiny", url=tiny.url)
    assert "dry run answers 409\n       mend what is open or wrong here, then run gman doctor again" in printed
    assert "check-resources" not in printed


def test_the_doctor_names_the_cloud_and_ends_with_the_next_command(gman: Gman) -> None:
    with running() as tiny:
        code, printed = gman("doctor", "--cloud", "tiny", "--claim", "core", url=tiny.url)
    assert code == 0
    assert printed.startswith(f"Cloud: tiny ({tiny.url}/identity/v3, region One)\n")
    assert printed.endswith("\nNext: gman run --cloud tiny --claim core\n")


def test_the_doctor_uses_the_options_of_a_run(gman: Gman, tmp_path: Any) -> None:
    (tmp_path / "accounts.yaml").write_text("- {username: u}")
    with running() as tiny:
        for more in (
            ("--alt-cloud", "tiny"),
            ("--accounts", str(tmp_path / "accounts.yaml")),
            ("--admin-cloud", "tiny"),
        ):
            codes = [
                gman(*command, "--cloud", "tiny", *more, url=tiny.url)[0] for command in (("doctor",), ("run", *ONE))
            ]
            assert codes == [Exit.USAGE, Exit.USAGE]
