"""Key pairs: imported, looked at, booted with, deleted, each as its version has it."""

import base64
from typing import Any

import pytest

from reference.tests.computing import Compute, refusal

KEY = f"ssh-ed25519 {base64.b64encode(b'a public key').decode()} me@example"
FINGERPRINT = "58:0d:fa:35:2d:f4:bf:1f:f4:1f:01:90:13:71:fb:de"


def add(compute: Compute, name: str = "k", version: str = "2.37", **more: Any) -> Any:
    return compute("POST", "/os-keypairs", json={"keypair": {"name": name, "public_key": KEY, **more}}, version=version)


@pytest.mark.parametrize(("version", "created", "deleted"), [("2.1", 200, 202), ("2.2", 201, 204), ("2.92", 201, 204)])
def test_the_life_of_a_key(compute: Compute, version: str, created: int, deleted: int) -> None:
    kind = {"type": "ssh"} if version != "2.1" else {}
    brief = {"name": "k", "public_key": KEY, "fingerprint": FINGERPRINT, **kind}
    answer = add(compute, version=version)
    assert (answer.status_code, answer.json()["keypair"]) == (created, {**brief, "user_id": compute.user.user_id})
    assert compute("GET", "/os-keypairs", version=version).json() == {"keypairs": [{"keypair": brief}]}
    shown = compute("GET", "/os-keypairs/k", version=version).json()["keypair"]
    more = {"user_id", "id", "created_at", "updated_at", "deleted", "deleted_at"}
    assert set(shown) == {*brief, *more}
    assert refusal(add(compute, version=version))[:2] == (409, "conflictingRequest")
    assert compute("DELETE", "/os-keypairs/k", version=version).status_code == deleted
    for method in ("GET", "DELETE"):
        assert refusal(compute(method, "/os-keypairs/k", version=version))[:2] == (404, "itemNotFound")


@pytest.mark.parametrize(
    ("version", "keypair"),
    [
        ("2.37", {"name": "a/b", "public_key": KEY}),
        ("2.37", {"name": "a.b", "public_key": KEY}),
        ("2.37", {"name": "", "public_key": KEY}),
        ("2.37", {"name": "k", "public_key": "ssh-rsa"}),
        ("2.37", {"name": "k", "public_key": "ssh-rsa ???"}),
        ("2.37", {"name": "k"}),
        ("2.92", {"name": "k"}),
        ("2.1", {"name": "k", "public_key": KEY, "type": "ssh"}),
        ("2.9", {"name": "k", "public_key": KEY, "user_id": "u"}),
        ("2.37", {"name": "k", "public_key": KEY, "type": "x509"}),
    ],
)
def test_invalid_keys_are_refused(compute: Compute, version: str, keypair: dict[str, Any]) -> None:
    answer = compute("POST", "/os-keypairs", json={"keypair": keypair}, version=version)
    assert refusal(answer)[:2] == (400, "badRequest")
    assert compute("GET", "/os-keypairs").json() == {"keypairs": []}


def test_names_may_hold_more_from_2_92_on(compute: Compute) -> None:
    assert add(compute, "me@example.org", version="2.92").status_code == 201


def test_a_key_of_an_empty_user_is_the_callers(compute: Compute) -> None:
    answer = add(compute, user_id="")
    assert (answer.status_code, answer.json()["keypair"]["user_id"]) == (201, compute.user.user_id)


def test_keys_belong_to_their_user(compute: Compute) -> None:
    cloud = compute.cloud
    add(compute)
    other, admin = Compute(cloud, cloud.alt), Compute(cloud, cloud.admin)
    assert other("GET", "/os-keypairs/k").status_code == 404
    query = f"?user_id={compute.user.user_id}"
    assert refusal(other("GET", f"/os-keypairs{query}"))[:2] == (403, "forbidden")
    assert len(admin("GET", f"/os-keypairs{query}").json()["keypairs"]) == 1
    assert admin("GET", f"/os-keypairs{query}", version="2.9").json()["keypairs"] == []
    assert refusal(add(other, user_id=compute.user.user_id))[:2] == (403, "forbidden")


def test_pages_of_keys(compute: Compute) -> None:
    for name in ("a", "b", "c"):
        add(compute, name)
    first = compute("GET", "/os-keypairs?limit=2").json()
    assert [entry["keypair"]["name"] for entry in first["keypairs"]] == ["a", "b"]
    assert "marker=b" in first["keypairs_links"][0]["href"]
    assert [entry["keypair"]["name"] for entry in compute("GET", "/os-keypairs?marker=b").json()["keypairs"]] == ["c"]
    assert len(compute("GET", "/os-keypairs?limit=2", version="2.34").json()["keypairs"]) == 3


def test_a_server_with_a_key(compute: Compute) -> None:
    status, _, message = refusal(compute.boot("none", key_name="k"))
    assert (status, "key_name" in message) == (400, True)
    add(compute)
    item = compute.booted("none", key_name="k")
    assert compute.server(item)["key_name"] == "k"
    assert [entry["id"] for entry in compute.servers("?key_name=k", version="2.83")] == [item]
    assert compute.servers("?key_name=other", version="2.83") == []


def test_the_limit_on_keys(compute: Compute) -> None:
    admin, path = Compute(compute.cloud, compute.cloud.admin), f"/os-quota-sets/{compute.user.project_id}"
    assert admin("PUT", path, json={"quota_set": {"key_pairs": 1}}).status_code == 200
    assert add(compute).status_code == 201
    assert refusal(add(compute, "second"))[:2] == (403, "forbidden")
