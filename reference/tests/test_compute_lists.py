"""Lists: who sees what, filters by version and by role, pages; the smaller resources beside servers."""

import time

import pytest
import sqlalchemy as sa

from reference.compute.tables import servers as table
from reference.tests.clouds import Cloud
from reference.tests.computing import Compute, refusal


def names(compute: Compute, query: str, version: str = "2.37") -> list[str]:
    return [server["name"] for server in compute.servers(query, version=version)]


def test_filters(compute: Compute) -> None:
    compute.booted("none", name="web-a")
    compute.boot("none", name="web-b", version="2.52", tags=["x", "y"])
    compute.build()
    compute.booted("none", name="db", flavorRef="2", config_drive=True)
    cases: dict[str, set[str]] = {
        "": {"web-a", "web-b", "db"},
        "?name=web": {"web-a", "web-b"},
        "?name=b$": {"web-b", "db"},
        "?status=ACTIVE": {"web-a", "web-b"},
        "?status=active&name=a": {"web-a"},
        "?status=BUILD&status=ACTIVE": {"web-a", "web-b", "db"},
        "?status=PAUSED": set(),
        "?flavor=2": {"db"},
        f"?image={compute.image}": {"web-a", "web-b", "db"},
        "?image=other": set(),
        "?tags=x,y": {"web-b"},
        "?tags=x,z": set(),
        "?tags-any=x,z": {"web-b"},
        "?not-tags=x": {"web-a", "db"},
        "?not-tags-any=x,z": {"web-a", "db"},
        "?deleted=False": {"web-a", "web-b", "db"},
        "?deleted=True": {"web-a", "web-b", "db"},  # for members the filter does not exist
        "?changes-since=2000-01-01T00:00:00Z": {"web-a", "web-b", "db"},
        "?changes-since=2100-01-01T00:00:00Z": set(),
        "?colour=red": {"web-a", "web-b", "db"},
        "?vm_state=active": {"web-a", "web-b", "db"},
    }
    for query, expected in cases.items():
        assert set(names(compute, query)) == expected, query
    newer = {"?vm_state=active": {"web-a", "web-b"}, "?hostname=^db$": {"db"}, "?locked=True": set(), "?ip6=x": set()}
    newer |= {"?config_drive=True": {"db"}, "?changes-before=2000-01-01T00:00:00Z": set()}
    for query, expected in newer.items():
        assert set(names(compute, query, version="latest")) == expected, query


@pytest.mark.parametrize(
    ("query", "version", "status"),
    [
        ("?status=NONSENSE", "2.37", 200),
        ("?status=NONSENSE", "2.38", 400),
        ("?status=DELETED", "2.38", 403),
        ("?colour=red", "2.74", 200),
        ("?colour=red", "2.75", 400),
        ("?deleted=False&all_tenants=False", "2.100", 200),
        ("?all_tenants=True", "2.37", 403),
        ("?all_tenants=maybe", "2.37", 400),
        ("?limit=-1", "2.37", 400),
        ("?limit=x", "2.37", 400),
        ("?marker=x", "2.37", 400),
        ("?sort_key=colour", "2.37", 400),
        ("?sort_dir=up", "2.37", 400),
        ("?name=(", "2.37", 400),
        ("?changes-since=never", "2.37", 400),
        ("?ip=(", "2.37", 400),
        ("?name=", "2.37", 400),
        ("?tags=", "2.37", 400),
        ("?limit=", "2.37", 400),
        ("?locked=maybe", "2.72", 200),
        ("?locked=maybe", "2.73", 400),
        ("?sort_key=host", "2.37", 403),
        ("?_hint=1", "2.100", 200),
        ("?sort_key=deleted", "2.74", 200),
        ("?sort_key=id", "2.75", 400),
        ("?sort_key=vcpus", "2.75", 400),
        ("?sort_key=locked", "2.75", 200),
    ],
)
def test_queries_refused(compute: Compute, query: str, version: str, status: int) -> None:
    for path in ("/servers", "/servers/detail"):
        assert compute("GET", f"{path}{query}", version=version).status_code == status


@pytest.mark.parametrize(
    ("query", "version", "expected"),
    [
        ("?sort_key=vcpus&sort_dir=desc&sort_key=display_name&sort_dir=asc", "2.74", "abc"),
        ("?sort_key=id&sort_dir=asc&sort_key=display_name&sort_dir=desc", "2.1", "cba"),
        ("?sort_key=id&sort_dir=asc", "2.1", "cba"),
        ("?sort_key=locked&sort_dir=asc", "2.72", "cba"),
        ("?sort_key=locked&sort_dir=desc&sort_key=display_name&sort_dir=asc", "2.73", "bac"),
    ],
)
def test_sort_keys_of_older_versions(compute: Compute, query: str, version: str, expected: str) -> None:
    """Keys without effect are left out with their directions; without any key the newest server comes first."""
    servers = {name: compute.booted("none", name=name) for name in "abc"}
    with compute.cloud.store.engine.begin() as connection:  # a second apart, as times are whole seconds
        for second, item in enumerate(servers.values()):
            moment = f"2026-01-01T00:00:0{second}Z"
            connection.execute(sa.update(table).where(table.c.id == item).values(created_at=moment))
    compute.build()
    assert compute("POST", f"/servers/{servers['b']}/action", json={"lock": None}).status_code == 202
    assert "".join(names(compute, query, version)) == expected


@pytest.mark.parametrize("version", ["2.1", "2.100"])
def test_there_are_no_server_groups(compute: Compute, version: str) -> None:
    compute.version = version
    assert compute("GET", "/os-server-groups").json() == {"server_groups": []}
    group = {"server_group": {"name": "g", "policies": ["affinity"]}}
    assert refusal(compute("POST", "/os-server-groups", json=group))[:2] == (403, "forbidden")
    for method in ("GET", "DELETE"):
        assert refusal(compute(method, "/os-server-groups/x"))[:2] == (404, "itemNotFound")
    assert compute("GET", "/os-server-groups?foo=1").status_code == (200 if version == "2.1" else 400)


KNOWN = """access_ip_v4 access_ip_v6 auto_disk_config availability_zone block_device_mapping config_drive created_at
    display_description display_name flavor hostname image image_ref info_cache ip ip6 kernel_id key_name launch_index
    launched_at locked_by marker metadata name node pci_devices power_state progress project_id ramdisk_id
    reservation_id root_device_name security_groups services soft_deleted sort_dir system_metadata task_state tenant_id
    terminated_at user_id uuid vm_state host description""".split()  # noqa: SIM905
VALUES = {"marker": "", "sort_dir": "asc", "ip": ".", "ip6": ".", "name": ".", "hostname": ".", "description": "."}


@pytest.mark.parametrize("version", ["2.74", "2.75", "2.83", "2.90", "2.100"])
def test_parameters_that_are_known(cloud: Cloud, version: str) -> None:
    """A user who may not use a filter gets the whole list; unknown parameters are refused from 2.75 on."""
    compute, admin = Compute(cloud, cloud.demo, version), Compute(cloud, cloud.admin, version)
    for name in KNOWN:
        query = f"/servers?{name}={VALUES.get(name, 'x')}"
        assert (compute("GET", query).status_code, admin("GET", query).status_code) == (200, 200), name
    for unknown in ("foo", "cleaned", "instance_name"):
        assert compute("GET", f"/servers?{unknown}=x").status_code == (200 if version == "2.74" else 400)


# filter -> for whom, since which version; others get the whole list
@pytest.mark.parametrize(
    ("query", "member_since"),
    [
        ("user_id=x", 83),
        ("availability_zone=x", 83),
        ("config_drive=True", 83),
        ("key_name=x", 83),
        ("power_state=4", 83),
        ("task_state=x", 83),
        ("vm_state=x", 83),
        ("created_at=x", 83),
        ("launched_at=x", 83),
        ("hostname=x", 90),
        ("host=x", None),
        ("node=x", None),
        ("uuid=x", None),
        ("description=x", None),
        ("deleted=True", None),
    ],
)
def test_filters_by_role_and_version(cloud: Cloud, query: str, member_since: int | None) -> None:
    compute, admin = Compute(cloud, cloud.demo), Compute(cloud, cloud.admin)
    compute.booted("none", name="mine")
    admin.booted("none", name="admins")
    for minor in (37, 75, 82, 83, 89, 90, 100):
        listed = names(compute, f"?{query}", version=f"2.{minor}")
        assert listed == ([] if member_since and minor >= member_since else ["mine"]), minor
        assert names(admin, f"?{query}", version=f"2.{minor}") == []


SORTABLE = """access_ip_v4 access_ip_v6 auto_disk_config availability_zone config_drive created_at display_description
    display_name hostname image_ref instance_type_id kernel_id key_name launch_index launched_at locked_by power_state
    progress project_id ramdisk_id root_device_name task_state terminated_at updated_at user_id uuid vm_state
    """.split()  # noqa: SIM905


def test_every_order_has_all_on_its_pages(compute: Compute) -> None:
    compute.boot("none", name="p", min_count=3)
    for key in SORTABLE:
        first = compute("GET", f"/servers?limit=2&sort_key={key}").json()["servers"]
        rest = compute("GET", f"/servers?marker={first[-1]['id']}&sort_key={key}").json()["servers"]
        assert sorted(server["name"] for server in first + rest) == ["p-1", "p-2", "p-3"], key


def test_pages(compute: Compute) -> None:
    compute.boot("none", name="p", min_count=5)
    whole = names(compute, "")
    assert sorted(whole) == [f"p-{n}" for n in range(1, 6)]
    names_paged: list[str] = []
    path = "/servers?limit=2&sort_key=display_name&sort_dir=desc"
    for size in (2, 2, 1):
        body = compute("GET", path).json()
        assert len(body["servers"]) == size
        names_paged += [server["name"] for server in body["servers"]]
        path = body["servers_links"][0]["href"].partition("/v2.1")[2] if "servers_links" in body else ""
    assert path == ""
    assert names_paged == [f"p-{n}" for n in range(5, 0, -1)]
    assert compute("GET", "/servers?limit=0").json() == {"servers": []}
    last = compute.servers("?limit=5")
    assert names(compute, f"?marker={last[1]['id']}") == whole[2:]


def test_addresses_as_filters(compute: Compute) -> None:
    network = compute.network()
    item = compute.active([{"uuid": network, "fixed_ip": "192.0.2.77"}], name="a")
    compute.active([{"uuid": network, "fixed_ip": "192.0.2.5"}], name="b")
    assert names(compute, "?ip=192.0.2.7") == ["a"]
    assert [server["id"] for server in compute.servers("?ip=77$")] == [item]
    assert set(names(compute, "?ip=192")) == {"a", "b"}
    admin = Compute(compute.cloud, compute.cloud.admin)
    assert (names(admin, "?ip=77$"), names(admin, "?ip=77$&all_tenants=1")) == ([], ["a"])


def test_projects_see_their_own(cloud: Cloud) -> None:
    compute, other, admin = (Compute(cloud, user) for user in (cloud.demo, cloud.alt, cloud.admin))
    compute.booted("none", name="d")
    other.booted("none", name="o")
    assert (names(compute, ""), names(other, ""), names(admin, "")) == (["d"], ["o"], [])
    assert set(names(admin, "?all_tenants=True")) == set(names(admin, "?all_tenants=1")) == {"d", "o"}
    assert names(admin, f"?all_tenants=True&project_id={cloud.alt.project_id}") == ["o"]
    assert names(admin, "?all_tenants=True&host=c1") == []


def test_a_batch_is_listed_with_the_answer(compute: Compute) -> None:
    answer = compute.boot("auto", name="m", min_count=3)
    listed = {server["id"] for server in compute("GET", "/servers").json()["servers"]}
    assert len(listed) == 3
    assert answer.json()["server"]["id"] in listed
    assert all(compute("GET", f"/servers/{item}").status_code == 200 for item in listed)


def test_limits_and_services(cloud: Cloud) -> None:
    compute = Compute(cloud, cloud.demo, version=None)
    compute.boot("none", version="2.37", min_count=2)
    absolute = compute("GET", "/limits?reserved=False").json()["limits"]["absolute"]
    assert (absolute["totalInstancesUsed"], absolute["totalCoresUsed"], absolute["totalRAMUsed"]) == (2, 2, 1024)
    assert refusal(compute("GET", "/os-services"))[:2] == (403, "forbidden")
    assert Compute(cloud, cloud.admin)("GET", "/os-services").json() == {"services": []}


def test_a_warm_batch_is_quick(compute: Compute) -> None:
    compute.active("auto")
    compute.boot("auto", min_count=3)
    began = time.monotonic()
    assert compute.build() == 3
    assert time.monotonic() - began < 2  # of the order of 0.1 s; the rest is for a machine that is busy
