"""Which version a request gets, how the answer says so, and what each version shows of a server."""

import re
import uuid
from typing import Any

import pytest
import requests

from reference.compute.microversion import MAXIMUM
from reference.tests.clouds import Cloud
from reference.tests.computing import Compute, refusal

NEW, OLD = "OpenStack-API-Version", "X-OpenStack-Nova-API-Version"
REQUEST_ID = re.compile(r"req-[0-9a-f-]{36}")


@pytest.fixture
def compute(cloud: Cloud) -> Compute:
    return Compute(cloud, cloud.demo, version=None)


def versions(answer: requests.Response) -> tuple[str | None, str | None]:
    """The version in both headers; the other rules for every answer hold, too."""
    assert REQUEST_ID.fullmatch(answer.headers["x-openstack-request-id"])
    assert answer.headers["x-compute-request-id"] == answer.headers["x-openstack-request-id"]
    assert {element.strip() for element in answer.headers["Vary"].split(",")} == {NEW, OLD}
    return answer.headers.get(NEW), answer.headers.get(OLD)


def test_the_newest_version_is_known_here() -> None:
    """A reminder: with a newer version, schemas, views and filters have to be checked."""
    assert str(MAXIMUM) == "2.100"


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({}, "2.1"),
        ({NEW: "compute 2.37"}, "2.37"),
        ({NEW: "Compute 2.37"}, "2.37"),
        ({NEW: "compute latest"}, str(MAXIMUM)),
        ({OLD: "2.38"}, "2.38"),
        ({OLD: "latest"}, str(MAXIMUM)),
        ({NEW: "compute 2.37", OLD: "2.40"}, "2.37"),
        ({NEW: "compute 2.10, network 2.0, compute 2.42"}, "2.42"),
        ({NEW: "2.37"}, "2.1"),
        ({NEW: "placement 1.30"}, "2.1"),
        ({NEW: "placement 1.30", OLD: "2.38"}, "2.38"),
    ],
)
def test_the_version_a_request_gets(compute: Compute, headers: dict[str, str], version: str) -> None:
    for method, path in (("GET", "/servers"), ("GET", "/servers/none"), ("POST", "/servers"), ("PUT", "/flavors")):
        answer = compute(method, path, headers=headers)
        assert versions(answer) == (f"compute {version}", version), (method, path, answer.status_code)


@pytest.mark.parametrize("text", ["2.9999", "2.101", "3.0", "1.1", "2.0"])
def test_versions_out_of_range(compute: Compute, text: str) -> None:
    for headers in ({NEW: f"compute {text}"}, {OLD: text}):
        status, kind, message = refusal(compute("GET", "/servers", headers=headers))
        assert (status, kind) == (406, "computeFault")
        assert re.search("not supported by the API.*Minimum.*maximum", message)


@pytest.mark.parametrize("text", ["v2.37", "2", "2.037", "2.37.1", "LATEST", "abc", "2.-1"])
def test_invalid_versions_are_refused(compute: Compute, text: str) -> None:
    for headers in ({NEW: f"compute {text}"}, {OLD: text}):
        answer = compute("POST", "/servers", headers=headers, data=b"{")
        assert refusal(answer)[:2] == (400, "badRequest")
        assert "invalid format" in refusal(answer)[2]
        assert NEW not in answer.headers


def test_documents_need_no_token(cloud: Cloud) -> None:
    base = cloud.settings.url("compute")
    entries = {element["id"]: element for element in cloud.session.get(f"{base}/").json()["versions"]}
    assert (entries["v2.0"]["version"], entries["v2.0"]["min_version"]) == ("", "")
    shown = entries["v2.1"]
    assert (shown["status"], shown["version"], shown["min_version"]) == ("CURRENT", "2.100", "2.1")
    for path in ("/v2.1", "/v2.1/"):
        version = cloud.session.get(f"{base}{path}").json()["version"]
        assert {name: version[name] for name in shown} == shown
    assert cloud.session.get(f"{base}/nowhere").status_code == 300
    answer = cloud.session.get(f"{base}/v2.1/servers")
    assert (answer.status_code, list(answer.json())) == (401, ["error"])
    assert REQUEST_ID.fullmatch(answer.headers["x-compute-request-id"])


def test_the_project_in_the_path_is_optional(cloud: Cloud) -> None:
    compute = Compute(cloud, cloud.demo)
    item = compute.booted("none")
    assert compute("GET", f"/{cloud.demo.project_id}/servers/{item}").status_code == 200
    status, kind, message = refusal(compute("GET", f"/{cloud.alt.project_id}/servers"))
    assert (status, kind) == (400, "badRequest")
    assert "project_id" in message
    # /v2 has no microversions
    old = cloud.demo("GET", f"/compute/v2/servers/{item}", headers={NEW: "compute 2.90"})
    assert "description" not in old.json()["server"]


BASE = set(
    """id name status tenant_id user_id metadata hostId image flavor created updated addresses accessIPv4 accessIPv6
    links OS-DCF:diskConfig progress OS-EXT-AZ:availability_zone config_drive key_name OS-SRV-USG:launched_at
    OS-SRV-USG:terminated_at security_groups OS-EXT-STS:task_state OS-EXT-STS:vm_state OS-EXT-STS:power_state
    os-extended-volumes:volumes_attached""".split()  # noqa: SIM905 - words, not a column of strings
)
BROUGHT = {
    9: {"locked"},
    19: {"description"},
    26: {"tags"},
    63: {"trusted_image_certificates"},
    71: {"server_groups"},
    73: {"locked_reason"},
    90: {"OS-EXT-SRV-ATTR:hostname"},
    96: {"pinned_availability_zone"},
    100: {"scheduler_hints"},
}
FOR_ADMINS = {f"OS-EXT-SRV-ATTR:{name}" for name in ("host", "hypervisor_hostname", "instance_name")}
FOR_ADMINS_SINCE_3 = {
    f"OS-EXT-SRV-ATTR:{name}"
    for name in (
        "reservation_id",
        "launch_index",
        "kernel_id",
        "ramdisk_id",
        "root_device_name",
        "user_data",
        "hostname",
    )
}


def test_what_each_version_shows(cloud: Cloud) -> None:
    compute, admin = Compute(cloud, cloud.demo), Compute(cloud, cloud.admin)
    item = compute.active("auto")
    for minor in range(1, 101):
        since = set().union(*(fields for start, fields in BROUGHT.items() if minor >= start))
        version = f"2.{minor}"
        shown = compute.server(item, version=version)
        assert set(shown) == BASE | since, version
        [listed] = compute.servers(version=version)
        assert set(listed) == (BASE | since) - {"server_groups"}, version
        more = FOR_ADMINS | (FOR_ADMINS_SINCE_3 if minor >= 3 else set()) | ({"host_status"} if minor >= 16 else set())
        assert set(admin.server(item, version=version)) == BASE | since | more, version
        assert ("original_name" in shown["flavor"], "id" in shown["flavor"]) == (minor >= 47, minor < 47)
        assert ("properties" in shown["image"]) == (minor >= 98)
        [entry] = compute("GET", "/servers", version=version).json()["servers"]
        assert set(entry) == {"id", "name", "links"}


def test_a_server_as_it_is_built(cloud: Cloud) -> None:
    compute = Compute(cloud, cloud.demo, version="2.96")
    item = compute.booted("auto", availability_zone="nova", name="Web Server!", tags=["b", "a"], description="d")
    first = compute.server(item)
    assert (first["status"], first["OS-EXT-STS:vm_state"], first["OS-EXT-STS:task_state"]) == (
        "BUILD",
        "building",
        "scheduling",
    )
    assert (first["hostId"], first["addresses"], first["OS-SRV-USG:launched_at"]) == ("", {}, None)
    assert "security_groups" not in first
    compute.build()
    then = compute.server(item)
    assert (then["status"], then["OS-EXT-STS:vm_state"], then["OS-EXT-STS:power_state"]) == ("ACTIVE", "active", 1)
    assert re.fullmatch("[0-9a-f]{56}", then["hostId"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", then["created"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.0{6}", then["OS-SRV-USG:launched_at"])
    assert (then["pinned_availability_zone"], then["tags"]) == ("nova", ["a", "b"])
    assert then["OS-EXT-SRV-ATTR:hostname"] == "web-server"
    assert compute("GET", f"/servers/{item}/ips").json()["addresses"] == {
        name: [{"version": element["version"], "addr": element["addr"]} for element in held]
        for name, held in then["addresses"].items()
    }
    assert compute("GET", f"/servers/{item}/ips/auto_allocated_network").status_code == 200
    assert refusal(compute("GET", f"/servers/{item}/ips/other"))[:2] == (404, "itemNotFound")


def test_requested_values_are_shown(cloud: Cloud) -> None:
    compute = Compute(cloud, cloud.demo)
    fields: dict[str, Any] = {
        "metadata": {"k": "v"},
        "accessIPv4": "1.1.1.1",
        "accessIPv6": "0000:0000:0000:0000:0000:babe:220.12.22.2",
        "OS-DCF:diskConfig": "AUTO",
        "config_drive": True,
        "adminPass": "secret",
        "user_data": "aGVsbG8=",
        "block_device_mapping_v2": [
            {
                "uuid": compute.image,
                "boot_index": 0,
                "source_type": "image",
                "destination_type": "local",
                "delete_on_termination": True,
            }
        ],
    }
    answer = compute.boot("none", **fields)
    described = answer.json()["server"]
    assert set(described) == {"id", "links", "OS-DCF:diskConfig", "security_groups", "adminPass"}
    assert (described["adminPass"], described["security_groups"]) == ("secret", [{"name": "default"}])
    assert answer.headers["Location"] == described["links"][0]["href"]
    shown = compute.server(described["id"])
    assert (shown["metadata"], shown["OS-DCF:diskConfig"], shown["config_drive"]) == ({"k": "v"}, "AUTO", "True")
    assert (shown["accessIPv4"], shown["accessIPv6"]) == ("1.1.1.1", "::babe:dc0c:1602")
    assert compute("DELETE", f"/servers/{described['id']}").text == ""


@pytest.mark.parametrize(("count", "names"), [(1, ["m"]), (3, ["m-1", "m-2", "m-3"]), ("2", ["m-1", "m-2"])])
def test_names_of_a_batch(cloud: Cloud, count: Any, names: list[str]) -> None:
    compute = Compute(cloud, cloud.demo)
    answer = compute.boot("none", name="m", min_count=count, return_reservation_id="yes")
    assert list(answer.json()) == ["reservation_id"]
    assert "Location" not in answer.headers
    assert sorted(server["name"] for server in compute.servers()) == names
    reservation = answer.json()["reservation_id"]
    assert re.fullmatch("r-[a-z0-9]{8}", reservation)
    assert len(compute.servers(f"?reservation_id={reservation}")) == len(names)
    assert compute.servers("?reservation_id=r-other") == []
    assert str(uuid.UUID(compute.servers()[0]["id"])) == compute.servers()[0]["id"]
