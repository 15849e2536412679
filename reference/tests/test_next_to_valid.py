"""Almost valid bodies and queries are accepted or refused as by Nova's and Keystone's schemas."""

import pytest

from reference.tests.clouds import Cloud

VALID, INVALID = False, True
NAMELESS = "\u0086"  # a control character that no terminal shows
WIDE = "a\u3000b"  # a space of another width


@pytest.mark.parametrize(
    ("query", "version", "refused"),
    [
        *((f"{name}=", "2.1", INVALID) for name in ("kernel_id", "flavor", "display_name", "ip6", "created_at")),
        *((f"{name}=(", "2.100", INVALID) for name in ("name", "reservation_id", "power_state", "locked_by")),
        *((f"{name}=", "2.1", VALID) for name in ("image", "host", "user_id", "task_state")),
        ("tags=(", "2.25", VALID),
        ("tags=(", "2.26", INVALID),
        ("name=a.c", "2.1", VALID),
    ],
)
def test_which_parameters_are_regular_expressions(cloud: Cloud, query: str, version: str, refused: bool) -> None:
    for caller in (cloud.demo, cloud.admin):
        headers = {"OpenStack-API-Version": f"compute {version}"}
        answer = caller("GET", f"/compute/v2.1/servers?{query}", headers=headers)
        assert answer.status_code == (400 if refused else 200), answer.text


@pytest.mark.parametrize(
    ("change", "version", "refused"),
    [
        ({"key_name": " "}, "2.37", INVALID),
        ({"key_name": "a "}, "2.37", INVALID),
        ({"availability_zone": " "}, "2.37", INVALID),
        ({"host": " "}, "2.74", INVALID),
        ({"hypervisor_hostname": "a b"}, "2.74", INVALID),
        ({"host": "a-b.c_1"}, "2.74", VALID),
        ({"description": NAMELESS}, "2.37", INVALID),
        ({"description": "a\n"}, "2.37", INVALID),
        ({"description": f" {WIDE} "}, "2.37", VALID),
        ({"name": WIDE}, "2.37", VALID),
        ({"name": NAMELESS}, "2.37", INVALID),
        ({"min_count": "0"}, "2.37", INVALID),
    ],
)
def test_values_of_a_boot_request(cloud: Cloud, change: dict[str, object], version: str, refused: bool) -> None:
    image = cloud.demo("GET", "/image/v2/images").json()["images"][0]["id"]
    server = {"name": "s", "flavorRef": "1", "imageRef": image, "networks": "none", **change}
    headers = {"OpenStack-API-Version": f"compute {version}"}
    answer = cloud.admin("POST", "/compute/v2.1/servers", json={"server": server}, headers=headers)
    schema_says = (answer.status_code == 400 and "Invalid input" in answer.text) or "invalid 'name'" in answer.text
    assert schema_says is refused, answer.text


@pytest.mark.parametrize(
    ("length", "status"), [("-2", 400), ("-22", 400), (-2, 400), ("-1", 404), (-1, 404), (None, 404)]
)
def test_bounds_hold_for_numbers_as_text(cloud: Cloud, length: object, status: int) -> None:
    body = {"os-getConsoleOutput": {"length": length}}
    path = "/compute/v2.1/servers/11111111-1111-1111-1111-111111111111/action"
    assert cloud.demo("POST", path, json=body).status_code == status


@pytest.mark.parametrize(
    ("ram", "status"), [("2147483647", 200), ("2147483648", 400), ("2147483648\n", 400), ("9" * 300, 400), (2**31, 400)]
)
def test_sizes_of_flavors(cloud: Cloud, ram: object, status: int) -> None:
    body = {"flavor": {"name": "f", "ram": ram, "vcpus": 1, "disk": 1}}
    assert cloud.admin("POST", "/compute/v2.1/flavors", json=body).status_code == status


@pytest.mark.parametrize(
    ("version", "text", "status"),
    [("2.55", "a" * 65535, 200), ("2.55", "a" * 65536, 400), ("2.55", NAMELESS, 400), ("2.54", "a", 400)],
)
def test_descriptions_of_flavors(cloud: Cloud, version: str, text: str, status: int) -> None:
    body = {"flavor": {"name": "f", "ram": 64, "vcpus": 1, "disk": 1, "description": text}}
    headers = {"OpenStack-API-Version": f"compute {version}"}
    assert cloud.admin("POST", "/compute/v2.1/flavors", json=body, headers=headers).status_code == status


@pytest.mark.parametrize(("item", "refused"), [("a b", False), (" a", True), ("a/b", True), ("ä", True), (1.5, False)])
def test_ids_of_flavors(cloud: Cloud, item: object, refused: bool) -> None:
    body = {"flavor": {"name": f"f{item}", "id": item, "ram": 64, "vcpus": 1, "disk": 1}}
    answer = cloud.admin("POST", "/compute/v2.1/flavors", json=body)
    assert answer.status_code == (400 if refused else 200), answer.text


@pytest.mark.parametrize(
    ("method", "path", "body", "refused"),
    [
        ("PATCH", "/domains/x", {"domain": {}}, INVALID),
        ("PATCH", "/users/x", {"user": {}}, INVALID),
        ("PATCH", "/roles/x", {"role": {"name": " "}}, INVALID),
        ("PATCH", "/roles/x", {"role": {"description": "d"}}, VALID),
        ("POST", "/domains", {"domain": {"name": "d"}, "unknown": 1}, INVALID),
        ("POST", "/domains", {"domain": {"name": "d-1", "description": "a" * 256}}, INVALID),
        ("POST", "/domains", {"domain": {"name": "d-2", "description": "a" * 255}}, VALID),
        ("POST", "/roles", {"role": {"name": "r-1", "options": 0}}, INVALID),
        ("POST", "/roles", {"role": {"name": "r-2", "options": {"unknown": 1}}}, INVALID),
        ("POST", "/roles", {"role": {"name": "r-3", "options": {"immutable": False}}}, VALID),
        ("POST", "/projects", {"project": {"name": "p-1", "domain_id": ""}}, INVALID),
        ("POST", "/projects", {"project": {"name": "p-2", "domain_id": None, "options": {}}}, VALID),
        ("POST", "/users", {"user": {"name": "\n"}}, INVALID),
        ("PATCH", "/users/x", {"user": {"options": {"x": "y"}}}, INVALID),
        ("POST", "/auth/tokens", {"auth": {"identity": {"methods": []}, "scope": None}}, INVALID),
        ("POST", "/auth/tokens", {"auth": {"identity": {"methods": []}, "scope": {"project": {}}}}, INVALID),
        ("POST", "/users", {"user": {"name": "u-1", "options": {"lock_password": True}}}, VALID),
    ],
)
def test_objects_of_identity(cloud: Cloud, method: str, path: str, body: dict[str, object], refused: bool) -> None:
    answer = cloud.admin(method, f"/identity/v3{path}", json=body)
    assert (answer.status_code == 400) is refused, answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": 1},
        {"access_rules": None},
        {"roles": None},
        {"roles": [{}]},
        {"roles": [{"name": "member", "id": "x"}]},
    ],
)
def test_application_credentials_with_more_or_less_than_they_have(cloud: Cloud, change: dict[str, object]) -> None:
    path = f"/identity/v3/users/{cloud.demo.user_id}/application_credentials"
    answer = cloud.demo("POST", path, json={"application_credential": {"name": "c", **change}})
    assert answer.status_code == 400, answer.text
