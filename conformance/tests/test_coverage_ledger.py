"""The ledger: every answer in it is observed or excused, and no test sends a request that it does not list."""

import re
from pathlib import Path
from typing import Any

import pytest

from conformance.coverage import ledger
from conformance.coverage.ledger import Line, load, observations, problems, requests_of, state
from conformance.gabbi import files as gabbi_files
from conformance.gabbi.files import GabbiFile
from conformance.requirements.registry import RegistryError

NETWORK, COMPUTE = "$ENVIRON['GMAN_NETWORK_URL']", "$ENVIRON['GMAN_COMPUTE_URL']"
LINES = [
    Line("network", "GET /v2.0/networks/{id}", "any", "200", "observed"),
    Line("compute", "POST /servers", "2.1", "202", "observed"),
    Line("compute", "POST /servers", "2.37", "202", "observed"),
    Line("compute", "POST /servers", "any", "406", "observed"),
]


def gabbi_file(*tests: dict[str, Any], **defaults: Any) -> GabbiFile:
    named = [{"name": f"t{number}", **test} for number, test in enumerate(tests, 1)]
    return GabbiFile("gabbits/a.yaml", Path("a.yaml"), {}, (), (), {"defaults": defaults, "tests": named})


def test_the_ledger_and_the_tests_agree() -> None:
    lines = load()
    assert problems(lines, observations(lines)) == []


@pytest.mark.parametrize(
    ("test", "line"),
    [
        ({"GET": f"{NETWORK}/v2.0/networks/$RESPONSE['$.networks[0].id']?fields=id"}, LINES[0].key),
        ({"GET": f"{NETWORK}/v2.0/networks/$HISTORY['the user's a/b?'].$RESPONSE['$.network.id']"}, LINES[0].key),
        ({"url": f"{NETWORK}/v2.0/networks/None"}, LINES[0].key),
        ({"url": f"{NETWORK}/v2.0/x", "method": "PUT"}, ("network", "PUT /v2.0/x", "any", "200")),
        ({"GET": f"{NETWORK}/v2.0/networks", "status": "200 || 4"}, ("network", "GET /v2.0/networks", "any", "200|4")),
        ({"POST": f"{COMPUTE}/servers", "status": 202}, LINES[1].key),
        *(
            ({"POST": f"{COMPUTE}/servers", "status": status, "request_headers": headers}, LINES[number].key)
            for headers, status, number in (
                ({"OpenStack-API-Version": "compute 2.36"}, 202, 1),
                ({"openstack-api-version": "compute 2.37"}, 202, 2),
                ({"openstack-api-version": "compute latest"}, 202, 2),
                ({"x-openstack-nova-api-version": "2.90"}, 202, 2),
                ({"openstack-api-version": "compute 3.0"}, 406, 3),
                ({"openstack-api-version": "compute 2.9999"}, 406, 3),
            )
        ),
    ],
)  # fmt: skip
def test_what_a_test_sends(test: dict[str, Any], line: tuple[str, ...]) -> None:
    [(lines, name)] = requests_of(LINES, gabbi_file(test))
    assert (lines.key, name) == (line, "gabbits/a.yaml::t1")


def test_urls_of_earlier_tests_are_followed_and_those_of_others_left_out() -> None:
    servers = f"{COMPUTE}/servers"
    lines = requests_of(LINES, gabbi_file(
        {"POST": servers}, {"GET": "$LOCATION"}, {"GET": "$LAST_URL/ips?a=b"}, {"GET": "$LAST_URL"},
        {"DELETE": "$HISTORY['t2'].$URL"}, {"GET": "$ENVIRON['GMAN_IMAGE_URL']/v2/images"},
        {"GET": "$ENVIRON['GMAN_COMPUTE_ROOT']/v2.1/os-services"},
    ))  # fmt: skip
    assert [line.endpoint for line, _name in lines] == [
        "POST /servers", "GET /servers/{id}", "GET /servers/{id}/ips", "GET /servers/{id}/ips", "DELETE /servers/{id}",
        "GET /os-services",
    ]  # fmt: skip


def test_other_users_do_not_use_the_projects_endpoint() -> None:
    """Many catalogs have the project in it, and Compute takes it from no other's token."""
    misled = []
    for gabbi_file in gabbi_files.installed():
        content = gabbi_file.content
        usual = content.get("defaults", {}).get("request_headers", {})
        for test in content["tests"]:
            token = {**usual, **test.get("request_headers", {})}.get("x-auth-token", "")
            if re.search("OTHER_TOKEN|ADMIN_TOKEN", str(token)) and COMPUTE in str(test):
                misled.append(f"{gabbi_file.id}: {test['name']}")
    assert misled == []


def test_an_answer_that_no_test_expects_is_a_problem() -> None:
    observed = {line.key: ["t"] for line in LINES[1:]}
    assert problems(LINES, observed) == ["network GET /v2.0/networks/{id} 200 says observed, but no test observes it"]


def test_a_call_that_no_line_knows_is_a_problem() -> None:
    observed = {line.key: ["t"] for line in LINES} | {("compute", "PUT /servers", "2.37", "200"): ["new"]}
    [problem] = problems(LINES, observed)
    assert problem.startswith(
        "compute PUT /servers at 2.37 200 is sent by new, but the ledger does not list it: add it"
    )


def test_a_test_with_several_possible_answers_observes_none() -> None:
    lines = [Line("n", "GET /", "any", status, "waived: no") for status in ("200", "404")]
    assert problems(lines, {("n", "GET /", "any", "200|404"): ["t"]}) == []
    assert problems(lines[:1], {("n", "GET /", "any", "200|404"): ["t"]})
    assert state(lines[0], {("n", "GET /", "any", "200|404"): ["t"]}) == "waived: no"
    assert state(lines[0], {lines[0].key: ["t", "u"]}) == "observed by 2 tests"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- endpoint: GET /a\n  answers: {200: seen}\n", "n GET /a 200: its note is none of observed, waived: REASON"),
        ("- endpoint: GET /a\n  answers: {200: observed}\n" * 2, "n GET /a 200 is there twice"),
    ],
)
def test_a_wrong_ledger_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "n.yaml").write_text(text)
    with pytest.raises(RegistryError, match=says):
        load(tmp_path)


def test_every_excused_line_has_a_reason() -> None:
    excuses = [line.note for line in load() if line.note != ledger.OBSERVED]
    assert excuses
    assert all(len(note.split(": ", 1)[1].split()) >= 5 for note in excuses)
