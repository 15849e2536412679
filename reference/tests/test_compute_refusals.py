"""Refusals of POST /servers: their status, name and message, and their order."""

import re
import uuid
from typing import Any

import pytest

from reference.tests.clouds import Cloud, log_in
from reference.tests.computing import Compute, refusal

NOWHERE = str(uuid.UUID(int=7))
ANY_FORM = r"Invalid input for field/attribute networks\. .*not valid under any of the given schemas"
SCHEMA = "badRequest"


NEITHER: list[Any] = ["foo", "AUTO", "Auto", "auto ", "", None, {}, 5, True]
# version, networks, words of the refusal
NETWORKS: list[tuple[str, Any, str]] = [
    ("2.37", ..., r"Invalid input for field/attribute server\. .*'networks' is a required property"),
    *(("2.37", entry, ANY_FORM) for entry in NEITHER),
    *(("2.37", entry, ANY_FORM) for entry in (["auto"], ["auto", "none"], [{"uuid": "auto"}])),
    ("2.37", [{"uuid": "none"}, {"port": NOWHERE}], ANY_FORM),
    ("2.37", [{"uuid": f"br-{NOWHERE}"}], ANY_FORM),
    ("2.37", [{"port": "x"}], ANY_FORM),
    ("2.37", [{"uuid": NOWHERE, "colour": "red"}], ANY_FORM),
    ("2.37", [{"uuid": NOWHERE, "tag": "t"}], ANY_FORM),
    ("2.41", [{"uuid": NOWHERE, "tag": "t"}], ANY_FORM),
    ("2.42", [{"uuid": NOWHERE, "tag": "a,b"}], ANY_FORM),
    ("2.42", [{"uuid": NOWHERE, "tag": "x" * 61}], ANY_FORM),
    ("2.31", [{"uuid": NOWHERE, "tag": "t"}], r"Additional properties are not allowed \('tag'"),
    ("2.36", [{"uuid": NOWHERE, "colour": "red"}], r"Additional properties are not allowed \('colour'"),
    *((version, "auto", r"'auto' is not of type 'array'") for version in ("2.1", "2.36")),
    ("2.36", None, r"None is not of type 'array'"),
    ("2.36", [{"uuid": "br-1"}], r"not in proper format \(br-1\)"),
    *(
        ("2.37", [entry], r"Bad network format: missing 'uuid'")
        for entry in ({}, {"fixed_ip": "10.0.0.5"}, {"port": None})
    ),
    ("2.37", [{"port": NOWHERE, "fixed_ip": "10.0.0.5"}], r"cannot be used with port"),
    ("2.37", [{"port": NOWHERE}, {"port": NOWHERE}], r"specified twice"),
    ("2.37", [{"uuid": NOWHERE, "fixed_ip": "10.0.0"}], ANY_FORM),
    ("2.37", [{"uuid": NOWHERE}], rf"Network {NOWHERE} could not be found"),
    ("2.37", [{"uuid": f"{{{NOWHERE.upper()}}}"}], r"Network .* could not be found"),
    ("2.37", [{"uuid": f"urn:uuid:{NOWHERE}"}], r"Network .* could not be found"),
    ("2.42", [{"uuid": NOWHERE, "tag": "t"}], r"could not be found"),
    ("2.32", [{"uuid": NOWHERE, "tag": "t"}], r"could not be found"),
    ("2.36", [{"uuid": NOWHERE, "tag": "t"}], r"could not be found"),
    ("2.37", [{"port": NOWHERE}], rf"Port id {NOWHERE} could not be found"),
]


@pytest.mark.parametrize(("version", "networks", "says"), NETWORKS)
def test_networks_refused(compute: Compute, version: str, networks: Any, says: str) -> None:
    status, kind, message = refusal(compute.boot(networks, version=version))
    assert (status, kind) == (400, "badRequest")
    assert re.search(says, message), message
    assert compute.servers() == []


# the rest of the body, words of the refusal; at the newest version
BODIES: list[tuple[dict[str, Any], str]] = [
    *(({"name": name}, "name") for name in ("", "x" * 256, " s", "s ", "a\nb", 7)),
    ({"flavorRef": "none-such"}, r"Flavor none-such could not be found"),
    ({"flavorRef": ...}, r"'flavorRef' is a required property"),
    ({"imageRef": NOWHERE}, r"find requested image"),
    ({"imageRef": "cirros"}, r"field/attribute imageRef"),
    *(({"imageRef": entry}, r"imageRef") for entry in ("", ...)),
    ({"key_name": "k"}, r"key_name"),
    ({"colour": "red"}, r"Additional properties are not allowed \('colour'"),
    ({"personality": []}, r"Additional properties are not allowed \('personality'"),
    ({"user_data": "not base64!"}, r"user_data"),
    ({"metadata": {"k": 7}}, r"is not of type 'string'"),
    ({"config_drive": "maybe"}, r"config_drive"),
    ({"availability_zone": "elsewhere"}, r"availability zone is not available"),
    ({"security_groups": [{"name": "nosuch"}]}, r"Unable to find security_group with name or id 'nosuch'"),
    ({"security_groups": "default"}, r"is not of type 'array'"),
    ({"accessIPv4": "fd00::1"}, r"accessIPv4"),
    ({"tags": ["a/b"]}, r"does not match"),
    ({"tags": [f"t{n}" for n in range(51)]}, r"tags"),
    ({"description": "x" * 256}, r"too long"),
    *(({"hostname": entry}, r"hostname") for entry in ("", "a b", "x" * 256)),
    ({"description": "a\nb"}, r"description"),
    ({"block_device_mapping_v2": [{"boot_index": 0}]}, r"Missing device UUID"),
    ({"block_device_mapping": [{"colour": 1}]}, r"Additional properties"),
    *(
        ({kind: [{"volume_size": size}]}, r"volume_size")
        for kind in ("block_device_mapping", "block_device_mapping_v2")
        for size in (0, None, 2**31)
    ),
    ({"block_device_mapping_v2": [{"uuid": "a b"}]}, r"uuid"),
    ({"security_groups": [{"name": "default", "colour": 1}]}, r"Additional properties"),
    ({"trusted_image_certificates": ["c", "c"]}, r"non-unique"),
    ({"availability_zone": "a:b:c:d"}, r"Unable to parse availability_zone"),
    ({"block_device_mapping_v2": [{"source_type": "volume", "uuid": NOWHERE}]}, r"Block Device Mapping is Invalid"),
    *(
        ({name: entry}, name)
        for name in ("min_count", "max_count")
        for entry in (0, -1, 2.5, "2.5", "", True, None, "a")
    ),
    ({"min_count": 3, "max_count": 2}, r"min_count must be <= max_count"),
    ({"max_count": 2, "hostname": "host"}, r"single hostname"),
]


@pytest.mark.parametrize(("body", "says"), BODIES)
def test_bodies_refused(compute: Compute, body: dict[str, Any], says: str) -> None:
    status, kind, message = refusal(compute.boot("none", version="latest", **body))
    assert (status, kind) == (400, "badRequest")
    assert re.search(says, message), message
    assert compute.servers() == []


def test_later_properties_are_unknown_in_earlier_versions(compute: Compute) -> None:
    history = {
        "description": ("2.19", "d"),
        "tags": ("2.52", ["t"]),
        "trusted_image_certificates": ("2.63", ["c"]),
        "host": ("2.74", "h"),
        "hostname": ("2.90", "name"),
    }
    for name, (version, value) in history.items():
        minor = int(version.partition(".")[2])
        networks: Any = ... if minor <= 37 else "none"
        # an unknown flavor shows whether the body was accepted, and no server is built
        before = compute.boot(networks, version=f"2.{minor - 1}", flavorRef="x", **{name: value})
        since = compute.boot(networks, version=version, flavorRef="x", **{name: value})
        assert "Additional properties" in refusal(before)[2], name
        assert refusal(since)[0] in (400, 403), name
        assert "Additional properties" not in refusal(since)[2], name
    assert "Flavor" in refusal(compute.boot("none", version="2.94", flavorRef="x", hostname="a.example.org"))[2]
    assert "hostname" in refusal(compute.boot("none", version="2.93", flavorRef="x", hostname="a.example.org"))[2]


@pytest.mark.parametrize(
    ("content", "media", "status", "kind"),
    [
        (b"{", "application/json", 400, "badRequest"),
        (b"[]", "text/plain", 400, "badRequest"),
        (b"", "application/json", 400, "badRequest"),
        (b"{}", "application/json", 400, "badRequest"),
        (b'{"server": {}, "colour": 1}', "application/json; charset=utf-8", 400, "badRequest"),
        (b"<server/>", "application/xml", 415, "badMediaType"),
    ],
)
def test_invalid_bodies_are_refused(compute: Compute, content: bytes, media: str, status: int, kind: str) -> None:
    answer = compute("POST", "/servers", data=content, headers={"Content-Type": media})
    assert refusal(answer)[:2] == (status, kind)


def test_rights(cloud: Cloud) -> None:
    reader = Compute(cloud, cloud.reader)
    line = "Policy doesn't allow os_compute_api:servers:create to be performed."
    assert refusal(reader.boot()) == (403, "forbidden", line)
    member = Compute(cloud, cloud.demo)
    assert refusal(member.boot("none", version="2.74", host="c1"))[:2] == (403, "forbidden")
    assert refusal(member.boot("none", availability_zone="nova:c1"))[:2] == (403, "forbidden")
    admin = Compute(cloud, cloud.admin)
    assert admin.boot("none", version="2.74", host="c1").status_code == 202
    assert refusal(admin.boot("none", version="2.74", host="c9"))[:2] == (400, "badRequest")
    item = member.booted("none")
    assert reader("GET", f"/servers/{item}").status_code == 200
    assert refusal(reader("DELETE", f"/servers/{item}"))[:2] == (403, "forbidden")
    assert refusal(Compute(cloud, cloud.alt)("GET", f"/servers/{item}"))[:2] == (404, "itemNotFound")
    assert admin("GET", f"/servers/{item}").status_code == 200
    for method, path in (("GET", "s"), ("DELETE", "s"), ("GET", "s/ips"), ("GET", "s/os-interface")):
        assert refusal(member(method, f"/servers/{path}"))[:2] == (404, "itemNotFound")


def test_the_first_of_several_errors_is_answered(compute: Compute) -> None:
    """Schema before flavor, flavor before image, image before networks, networks before the key pair."""
    for cidr in ("192.0.2.0/25", "192.0.2.128/25"):
        compute.network(cidr=cidr)
    body: dict[str, Any] = {"key_name": "k", "imageRef": NOWHERE, "flavorRef": "x", "tags": "t"}
    messages = []
    for mended in ({}, {"tags": ["t"]}, {"flavorRef": "1"}, {"imageRef": compute.image}, {"networks": "none"}):
        body |= mended
        messages.append(refusal(compute.boot(version="2.52", **{"networks": "auto", **body}))[2])
    for says, sentence in zip(("tags", "Flavor", "image", "Multiple possible", "key_name"), messages, strict=True):
        assert says in sentence, messages


def test_wrong_method_and_place(compute: Compute) -> None:
    answer = compute("PATCH", "/servers")
    assert refusal(answer)[:2] == (405, "badMethod")
    assert "GET" in answer.headers["Allow"]
    assert refusal(compute("GET", "/os-networks"))[:2] == (404, "itemNotFound")


@pytest.fixture
def stranger(cloud: Cloud) -> Compute:
    """A user whose only role in demo's project is unknown to Compute."""
    role = cloud.admin("POST", "/identity/v3/roles", json={"role": {"name": "guest"}}).json()["role"]["id"]
    user = {"name": "stranger", "password": "p", "domain_id": "default"}
    item = cloud.admin("POST", "/identity/v3/users", json={"user": user}).json()["user"]["id"]
    grant = f"/identity/v3/projects/{cloud.demo.project_id}/users/{item}/roles/{role}"
    assert cloud.admin("PUT", grant).status_code == 204
    return Compute(cloud, log_in(cloud.session, "stranger", "p", "demo"))


def test_reading_takes_a_role_that_may_read(cloud: Cloud, stranger: Compute) -> None:
    reader, item = Compute(cloud, cloud.reader), Compute(cloud, cloud.demo).booted("none")
    server = f"/servers/{item}"
    [action] = reader("GET", f"{server}/os-instance-actions").json()["instanceActions"]
    quotas = f"/os-quota-sets/{cloud.demo.project_id}"
    for path in (
        *("/servers", "/servers/detail", server, f"{server}/ips", f"{server}/ips/private", f"{server}/os-interface"),
        *(f"{server}/os-interface/{item}", f"{server}/os-instance-actions"),
        *(f"{server}/os-instance-actions/{action['request_id']}", quotas, f"{quotas}/detail"),
    ):
        assert refusal(stranger("GET", path))[:2] == (403, "forbidden"), path
        assert reader("GET", path).status_code in (200, 404), path
    for path in ("/flavors", "/os-availability-zone", "/limits", "/extensions", f"{quotas}/defaults", "/os-keypairs"):
        assert stranger("GET", path).status_code == 200, path
    assert refusal(stranger("GET", f"/servers/{cloud.demo.user_id}"))[:2] == (404, "itemNotFound")


ANY_ID = str(uuid.UUID(int=9))
# scheduler hints, the status of a boot with them
HINTS: list[tuple[dict[str, Any], int]] = [
    ({"group": "x"}, 400),
    ({"group": ANY_ID}, 400),  # there are no groups here
    ({"different_host": "x"}, 400),
    ({"different_host": ["x"]}, 400),
    ({"different_host": [ANY_ID]}, 202),
    ({"same_host": [7]}, 400),
    ({"query": 7}, 400),
    ({"query": {"a": 1}}, 202),
    ({"target_cell": ""}, 400),
    ({"different_cell": [7]}, 400),
    ({"build_near_host_ip": "x"}, 400),
    ({"build_near_host_ip": "192.0.2.1", "cidr": "/24"}, 202),
    ({"cidr": "24"}, 400),
    ({"colour": "red"}, 202),
]


@pytest.mark.parametrize("key", ["os:scheduler_hints", "OS-SCH-HNT:scheduler_hints"])
@pytest.mark.parametrize(("hints", "status"), HINTS)
def test_scheduler_hints(compute: Compute, key: str, hints: dict[str, Any], status: int) -> None:
    server = {"name": "s", "imageRef": compute.image, "flavorRef": "1", "networks": "none"}
    answer = compute("POST", "/servers", json={"server": server, key: hints})
    assert answer.status_code == status, answer.text


def test_a_password_of_any_length(compute: Compute) -> None:
    answer = compute.boot("none", adminPass="p" * 300)
    assert (answer.status_code, answer.json()["server"]["adminPass"]) == (202, "p" * 300)
