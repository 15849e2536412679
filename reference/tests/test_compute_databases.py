"""What Compute counts, locks and compares, on each kind of database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from reference.app import application, services
from reference.bootstrap import bootstrap
from reference.compute import hosts
from reference.config import Settings
from reference.store import Store
from reference.tests.clouds import Cloud, Session, log_in
from reference.tests.computing import Compute, builder
from reference.tests.databases import database

__all__ = ["database"]


@pytest.fixture
def cloud(database: str, tmp_path: Path) -> Iterator[Cloud]:
    """All services in this process, on that database."""
    settings = Settings(data=tmp_path, database=database, builders=0)
    store = Store(settings.database_url)
    accounts = bootstrap(store, settings, {})
    app = application(services(store, settings).apps, store, settings)
    session = Session(f"http://127.0.0.1:{settings.port}", app)
    users = [log_in(session, account.user, account.password, account.project) for account in accounts]
    yield Cloud(session, settings, store, *users)
    store.close()


def test_limits_hold_hosts_share_and_lists_sort(cloud: Cloud) -> None:
    compute, admin = Compute(cloud, cloud.demo, "2.90"), Compute(cloud, cloud.admin, "2.90")
    path = f"/os-quota-sets/{compute.user.project_id}"
    limits = {"quota_set": {"instances": 9, "cores": 5, "ram": 512 * 8}}
    assert admin("PUT", path, json=limits).status_code == 200
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _number: compute.boot("none", min_count=2), range(8)))
    assert sorted(answer.status_code for answer in answers) == [202] * 2 + [403] * 6
    used = compute("GET", "/limits").json()["limits"]["absolute"]
    assert (used["totalInstancesUsed"], used["totalCoresUsed"], used["totalRAMUsed"]) == (4, 4, 2048)
    # two hosts, of which one is too old for the two words
    for host, version in (("c1", hosts.KNOWS_AUTO_AND_NONE), ("c2", hosts.KNOWS_AUTO_AND_NONE - 1)):
        cloud.store.write(partial(hosts.seen, host=host, version=version))
    pinned = admin.boot("none", availability_zone="nova:c2").json()["server"]["id"]
    assert builder(cloud, compute_host="c1").run_pending() == 4
    assert builder(cloud, compute_host="c2").run_pending() == 1
    assert admin.server(pinned)["OS-EXT-SRV-ATTR:host"] == "c2"
    # a lock, and lists by what only some servers have
    item = compute.servers()[0]["id"]
    assert compute("POST", f"/servers/{item}/action", json={"lock": None}).status_code == 202
    assert [len(compute.servers(f"?locked={flag}")) for flag in ("true", "false")] == [1, 3]
    for key in ("locked_by", "key_name", "host"):
        assert len(admin.servers(f"?all_tenants=1&sort_key={key}")) == 5
    # a limit that is lowered is seen by the next build
    assert admin("PUT", path, json={"quota_set": {"cores": 5, "instances": 10}}).status_code == 200
    late = compute.booted("auto")
    assert admin("PUT", path, json={"quota_set": {"cores": 1, "force": True}}).status_code == 200
    compute.build()
    assert compute.server(late)["fault"]["code"] == 413
    assert admin("DELETE", path).status_code == 202
    assert compute.booted("auto")
