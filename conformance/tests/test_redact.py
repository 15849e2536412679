"""Every secret is hidden, wherever it is and in whatever form, and nothing else."""

import base64
import json
import random
import string
from urllib.parse import quote

import pytest

from conformance.redact import HIDDEN, redact, shortened

SECRET = "s3cr3t-of-mine"
FERNET = "gAAAAABm" + "x" * 100 + "=="


@pytest.mark.parametrize(
    "text",
    [
        f"X-Auth-Token: {SECRET}",
        f"x-subject-token: {SECRET}\nother: line",
        f"Authorization: Bearer {SECRET}",
        f'{{"adminPass": "{SECRET}", "id": 1}}',
        f"{{'password': '{SECRET}'}}",
        f'{{\\"password\\": \\"{SECRET}\\"}}',
        f"password={SECRET}&user=u",
        f"admin_password = {SECRET}",
        f"OS_PASSWORD={SECRET}",
        f"client_secret: {SECRET}",
        f'"password": "with \\"quotes\\" and {SECRET}"',
        f"https://user:{SECRET}@example.org/v3",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET} and the rest is cut off",
    ],
)
def test_a_secret_in_a_text_is_hidden(text: str) -> None:
    hidden = redact(text)
    assert SECRET not in hidden
    assert HIDDEN in hidden


def test_tokens_are_known_by_their_look() -> None:
    web_token = ".".join(
        base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (b'{"alg":"RS256"}', b"x" * 40)
    )
    for token in (FERNET, f"{web_token}.signature"):
        assert token not in redact(f"got {token} back")


def test_a_web_token_is_known_within_a_word_and_with_a_long_head() -> None:
    assert redact(f"%22eyJ{'a' * 30}.{'b' * 30}.{'c' * 30}") == f"%22{HIDDEN}"
    assert redact(f"eyJ{'a' * 5000}.{'b' * 30}.{'c' * 30}") == HIDDEN


@pytest.mark.parametrize("start", ["eyJ", "-----BEGIN PRIVATE KEY-----", "password", "://", "'password':'"])
def test_redaction_is_fast_for_many_possible_beginnings(start: str) -> None:
    long = start * (400_000 // len(start))
    assert redact({"a": long})["a"]


def test_known_secrets_are_hidden_wherever_they_stand() -> None:
    assert redact(f"a{SECRET}z", [SECRET]) == f"a{HIDDEN}z"
    assert redact({"x": [f"-{SECRET}-"]}, [SECRET]) == {"x": [f"-{HIDDEN}-"]}


def test_short_words_are_no_secrets() -> None:
    assert redact("the port is up", ["port"]) == "the port is up"


@pytest.mark.parametrize(
    "text",
    [
        "answered 404 (NetworkNotFound: Network 1 could not be found), not 200",
        "a token is missing",
        "http://127.0.0.1:9696/v2.0/networks?project_id=9f8d5a7b3c1e4f60a2b4c6d8e0f1a3b5",
        '{"server": {"id": "1", "links": [], "accessIPv4": ""}}',
        "the password was wrong",
        "",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert redact(text) == text


def test_shape_and_other_values_stay() -> None:
    data = {"auth": {"identity": {"password": {"user": {"name": "u", "password": SECRET}}}}, "n": 1, "none": None}
    hidden = redact(data)
    assert hidden["auth"]["identity"]["password"]["user"] == {"name": "u", "password": HIDDEN}
    assert (hidden["n"], hidden["none"]) == (1, None)
    assert data["auth"]["identity"]["password"]["user"]["password"] == SECRET  # type: ignore[index]


def test_redacting_twice_changes_nothing() -> None:
    once = redact(f'{{"adminPass": "{SECRET}"}} X-Auth-Token: {SECRET}')
    assert redact(once) == once


@pytest.mark.parametrize("seed", range(50))
def test_any_secret_in_any_nesting(seed: int) -> None:
    """Whatever the secret is made of, it is gone from the data, from their JSON, and from that in a text."""
    dice = random.Random(seed)
    alphabet = string.ascii_letters + string.digits + "-_.!$%/+ \"'\\{}äß"
    secret = "Q9" + "".join(dice.choice(alphabet) for _ in range(dice.randint(8, 40))) + "Z7"
    key = dice.choice(["password", "adminPass", "X-Auth-Token", "user_data", "original_password", "secret"])
    data: object = {key: secret, "name": "visible"}
    for _ in range(dice.randint(0, 4)):
        data = dice.choice([{"k": data, "other": 1}, [0, data]])
    assert secret not in str(redact(data))
    text = json.dumps(data)
    inside = json.dumps(secret)[1:-1]
    assert inside not in redact(text)
    assert "visible" in redact(text)


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
def test_a_known_secret_is_hidden_in_other_writings(before: str) -> None:
    secret = 'p%ss/w"rd+of+mine'
    for written in (
        base64.b64encode(f"{before}{secret}".encode()).decode(),
        base64.urlsafe_b64encode(f"{before}{secret}:x".encode()).decode(),
        quote(secret, safe=""),
        json.dumps(secret),
    ):
        hidden = redact(f"answered <{written}>", [secret])
        assert HIDDEN in hidden
        assert not [written[at : at + 8] for at in range(4, len(written) - 12) if written[at : at + 8] in hidden]


def test_a_text_is_redacted_before_it_is_cut() -> None:
    text = "x" * 195 + FERNET + "y" * 50
    for secrets in ([], [FERNET]):
        cut = shortened(text, secrets, 200)
        assert cut == "x" * 195 + f"{HIDDEN}yy..."
