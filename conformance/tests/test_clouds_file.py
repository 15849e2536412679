"""Mistakes in clouds.yaml: the message is one line that names the file, the cloud and what to change, but no secret."""

import json
import random
import re
import ssl
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.settings import UsageProblem
from conformance.target.cloud import Cloud
from conformance.tests.mistakes import changed
from conformance.tests.race_server import Server, make_certificate
from conformance.tests.tiny_cloud import PASSWORD, PROJECT, running, write_clouds

AUTH = {
    "auth_url": "http://127.0.0.1:9/identity/v3",
    "username": "u",
    "password": PASSWORD,
    "project_name": "p",
    "user_domain_name": "Default",
    "project_domain_name": "Default",
}
CREDENTIAL = {"auth_url": AUTH["auth_url"], "application_credential_id": "i", "application_credential_secret": PASSWORD}
WITHOUT_PASSWORD = {key: value for key, value in AUTH.items() if key != "password"}
REGIONS: list[Any] = ["One", {"name": "Two", "values": {}}]
WHOLE = {"auth": AUTH, "region_name": "One", "verify": True, "regions": REGIONS}


def refusal(path: Path, text: str) -> str:
    """The refusal of a file with that text: one line, without the password."""
    path.write_text(text)
    with pytest.raises(UsageProblem) as refused:
        Cloud("tiny", str(path))
    output = str(refused.value)
    assert "\n" not in output
    assert PASSWORD not in output
    assert output.startswith("cloud 'tiny'")
    return output


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (None, "it has to be a mapping"),
        ([], "it has to be a mapping"),
        ({"auth": None}, "auth has to be a mapping"),
        ({"auth": [AUTH]}, "auth has to be a mapping"),
        ({"auth": {**AUTH, "password": 4711}}, "auth.password has to be a text (in quotes)"),
        ({"auth": {**AUTH, "project_name": {"a": "b"}}}, "auth.project_name has to be "),
        ({"auth": WITHOUT_PASSWORD}, "auth has no password"),
        ({"auth": {**AUTH, "password": None}}, "auth has no password"),
        ({"auth": {**AUTH, "username": None}}, "auth has no username"),
        ({"auth": {}}, "auth has no password"),
        ({"auth": CREDENTIAL}, "takes auth_type: v3applicationcredential"),
        (
            {"auth": CREDENTIAL | {"application_credential_secret": ""}, "auth_type": "v3applicationcredential"},
            "secret",
        ),
        ({"auth": {**AUTH, "pasword": PASSWORD}}, "auth has the key pasword, which is none of auth's"),
        (
            {"auth": {**AUTH, "cacert": "ca.pem"}},
            "auth has the key cacert, which is none of auth's: move it one level up",
        ),
        ({"auth": {**AUTH, "auth_url": "cloud.example.org:5000/v3"}}, "write a URL such as https://"),
        ({"auth": {**AUTH, "auth_url": "http://"}}, "write a URL such as https://"),
        ({"auth": {**AUTH, "auth_url": "http://h:x/v3"}}, "write a URL such as https://"),
        ({"auth": {**AUTH, "auth_url": "{nothing}"}}, "no cloud's entry (KeyError)"),
        ({"auth": {**AUTH, "auth_url": None}}, "auth.auth_url has to be a text"),
        ({"auth": {**AUTH, "auth_url": f"http://u:{PASSWORD}@h/v3"}}, "auth_url holds a user or password"),
        ({"auth": AUTH, "auth_type": "pasword"}, "pasword"),
        ({"auth": AUTH, "auth_type": "none"}, "check its spelling, and auth_type"),
        ({"auth": AUTH, "verify": 1}, "verify has to be true or false"),
        ({"auth": AUTH, "cacert": "nowhere.pem"}, "cacert nowhere.pem: no such file"),
        ({"auth": AUTH, "cert": "nowhere.pem"}, "cert nowhere.pem: No such file"),
        ({"auth": AUTH, "profile": "http://127.0.0.1:9/"}, "its profile cannot be fetched (ConnectionError)"),
        ({"auth": AUTH, "compute_timeout": "x"}, "compute_timeout has to be a number"),
        ({"auth": AUTH, "api_timeout": []}, "api_timeout has to be a number"),
        ({"auth": AUTH, "cacert": "/dev/zero"}, "cacert /dev/zero: not a regular file"),
        ({"auth": AUTH, "cert": "/dev/zero", "key": "/dev/zero"}, "cert /dev/zero, key /dev/zero: not a regular file"),
        ({"auth": {**AUTH, "auth_url": "http://h/v3?a=b"}}, "write a URL such as https://"),
        ({"auth": AUTH, "regions": [{"values": {}}]}, "regions.0 lacks name"),
        ({"auth": AUTH, "regions": REGIONS}, "it has the regions One, Two: name one with --region"),
        ({"auth": AUTH, "region_name": "One,Two"}, "it has the regions One, Two: name one with --region"),
        ({"auth": AUTH, "region_name": ["One", "Two"]}, "it has the regions One, Two: name one with --region"),
        ({"auth": AUTH, "region_name": 1}, "region_name has to be "),
        ({"auth": AUTH, "networks": ["a"]}, "networks.0 has to be a mapping"),
    ],
)
def test_an_entry_that_is_wrong_is_one_line(tmp_path: Path, entry: Any, says: str) -> None:
    assert says in refusal(tmp_path / "clouds.yaml", yaml.safe_dump({"clouds": {"tiny": entry}}))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("clouds: [", "clouds.yaml: while parsing"),
        ("clouds:\n\ta: b", "clouds.yaml: while scanning"),
        ("", "cloud 'tiny' was not found in "),
        ("[]", "not a mapping with the key clouds"),
        ("clouds: []", "clouds is not a mapping"),
        ("clouds: {other: {}}", "cloud 'tiny' was not found in "),
        ("clouds: {tiny: {auth: &a {x: *a}}}", "nested deeper than 100"),
        ("x: !!python/name:os.system", "could not determine a constructor"),
        ("#" * (1024 * 1024 + 1), "larger than 1 MiB"),
        ("cache: []\nclouds: {tiny: {}}", "no file of clouds"),
    ],
)
def test_a_file_that_is_wrong_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    assert says in refusal(tmp_path / "clouds.yaml", text)


@pytest.mark.parametrize("seed", range(100))
def test_a_file_with_a_mistake_is_accepted_or_refused_in_one_line(tmp_path: Path, seed: int) -> None:
    content = changed({"clouds": {"tiny": WHOLE}, "cache": {"auth": False}}, random.Random(seed))
    (tmp_path / "clouds.yaml").write_text(json.dumps(content))
    output = ""
    try:
        Cloud("tiny", str(tmp_path / "clouds.yaml")).close()
    except UsageProblem as problem:
        output = str(problem)
    assert "\n" not in output
    assert PASSWORD not in output


def test_files_of_certificates_have_to_be_there_and_of_certificates(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    key = tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-passout", "pass:x", "-subj", "/CN=u"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(tmp_path / "cert.pem")], check=True, capture_output=True)
    for more in ({"cacert": str(tmp_path / "ca.pem")}, {"cert": str(tmp_path / "cert.pem"), "key": str(key)}):
        output = refusal(tmp_path / "clouds.yaml", yaml.safe_dump({"clouds": {"tiny": {"auth": AUTH, **more}}}))
        assert "not PEM, or without the certificate or key" in output


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "nowhere.yaml"))
    with pytest.raises(UsageProblem, match=r"nowhere.yaml, which OS_CLIENT_CONFIG_FILE names, does not exist"):
        Cloud("tiny")


@pytest.mark.parametrize(
    ("variable", "value", "output"),
    [("OS_REGION_NAME", "Nowhere", "Nowhere"), ("OS_CACERT", "/nowhere.pem", "cacert /nowhere.pem: no such file")],
)
def test_variables_of_openstackclient_count_beside_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, output: str
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    monkeypatch.setenv(variable, value)
    with running() as tiny:
        auth = {**AUTH, "auth_url": f"{tiny.url}/identity/v3"}
        (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"tiny": {"auth": auth}}}))
        with pytest.raises(UsageProblem, match=output):
            print(Cloud("tiny").account.endpoints)
        monkeypatch.delenv(variable)
        assert Cloud("tiny").account.project_id == PROJECT
        with pytest.raises(UsageProblem, match="Nowhere"):
            print(Cloud("tiny", region_name="Nowhere").account.endpoints)


def test_an_unknown_authority_gives_advice_on_cacert(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate := make_certificate(tmp_path))
    with Server(lambda _server, _line: None, context).serving() as server:
        entry: dict[str, Any] = {"auth": {**AUTH, "auth_url": f"{server.url}identity/v3"}}
        (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"tiny": entry}}))
        says = "check cacert .the authority that signed its certificate. and auth_url in clouds.yaml"
        with pytest.raises(UsageProblem, match=says):
            print(Cloud("tiny", str(tmp_path / "clouds.yaml")).account.token)
        (tmp_path / "clouds.yaml").write_text(
            yaml.safe_dump({"clouds": {"tiny": {**entry, "cacert": str(certificate)}}})
        )
        with pytest.raises(UsageProblem, match=r"cannot be reached: check auth_url in clouds\.yaml"):
            print(Cloud("tiny", str(tmp_path / "clouds.yaml")).account.token)


@pytest.mark.parametrize("named", [{"region_name": "Two"}, {"OS_REGION_NAME": "Two"}, {"--region": "Two"}])
def test_the_named_one_of_several_regions_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: dict[str, str]
) -> None:
    entry = {"auth": AUTH, "regions": REGIONS, "region_name": named.get("region_name")}
    (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"tiny": entry}}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    monkeypatch.setenv("OS_REGION_NAME", named.get("OS_REGION_NAME", ""))
    assert Cloud("tiny", region_name=named.get("--region", "")).region.get_region_name() == "Two"


@pytest.mark.parametrize("url", ["", "http://elsewhere.example.org"])
def test_an_ambiguous_region_is_refused(tmp_path: Path, url: str) -> None:
    """A service that is the same in both may be taken."""
    with running() as tiny:
        tiny.second_region = url or tiny.url
        auth = {**AUTH, "auth_url": f"{tiny.url}/identity/v3"}
        (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"tiny": {"auth": auth}}}))
        cloud = Cloud("tiny", str(tmp_path / "clouds.yaml"))
        with ExitStack() as stack:
            if url:
                says = "cloud 'tiny': its image service has the regions One, Two: name one with --region, or"
                stack.enter_context(pytest.raises(UsageProblem, match=says))
            assert cloud.account.endpoints.network == f"{tiny.url}/network"
        one = Cloud("tiny", str(tmp_path / "clouds.yaml"), region_name="One")
        assert one.account.endpoints.network == f"{tiny.url}/network"


@pytest.mark.parametrize("url", ["nope", "http://[::1", "ftp://h/", "http://", "http://h/?a=b"])
def test_an_endpoint_that_is_no_url_is_one_line(tmp_path: Path, url: str) -> None:
    with running() as tiny:
        entry = {"auth": {**AUTH, "auth_url": f"{tiny.url}/identity/v3"}, "network_endpoint_override": url}
        (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"tiny": entry}}))
        says = f"cloud 'tiny': {url!r} is no URL of a network service: check network_endpoint_override in clouds.yaml"
        with pytest.raises(UsageProblem, match=re.escape(says)):
            print(Cloud("tiny", str(tmp_path / "clouds.yaml")).account.endpoints)


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("http://user:prox-secret-99@127.0.0.1:9", "Connection refused"),
        ("http://user:prox-secret-99@[::1", "its URL is invalid"),
        ("http://user:prox-secret-99@h:99999", "its URL is invalid"),
        ("nope://user:prox-secret-99@127.0.0.1:9", "unsupported scheme nope"),
    ],
)
def test_a_proxy_that_is_wrong_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str, says: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"tiny": {"auth": AUTH}}}))
    with pytest.raises(UsageProblem) as refused:
        print(Cloud("tiny", str(tmp_path / "clouds.yaml")).account.token)
    output = str(refused.value)
    assert "check auth_url in clouds.yaml, and the proxy that the environment names (" in output
    assert says in output
    assert "prox-secret-99" not in output


def test_authorities_of_the_environment_that_are_missing_are_named_by_their_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"tiny": {"auth": AUTH}}}))
    with pytest.raises(UsageProblem, match=r"REQUESTS_CA_BUNDLE /nowhere\.pem: no such file"):
        Cloud("tiny", str(tmp_path / "clouds.yaml"))


def test_no_netrc_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRC", "/dev/zero")
    with running() as tiny:
        assert Cloud("tiny", str(write_clouds(tmp_path / "clouds.yaml", tiny.url))).account.project_id == PROJECT


def test_authorities_of_an_unverified_cloud_are_not_read(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    entry = {"auth": AUTH, "verify": False, "cacert": "ca.pem"}
    (tmp_path / "clouds.yaml").write_text(yaml.safe_dump({"clouds": {"tiny": entry}}))
    assert Cloud("tiny", str(tmp_path / "clouds.yaml")).verify is False
    assert not list(recwarn)
