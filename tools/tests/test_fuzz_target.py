"""The reference that `tools/fuzz` asks: whatever the requests made of it, it is empty again afterwards."""

from pathlib import Path

import pytest
from fuzzing import target as targets

OF_ROUTERS = ("network:router_gateway", "network:floatingip")


@pytest.mark.parametrize("owner", OF_ROUTERS)
def test_a_server_goes_though_it_was_given_the_port_of_a_router(
    owner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "GONE", 20.0)
    with targets.running(tmp_path) as target:
        servers = targets.fill(target)["servers"]
        listed = target.call("GET", f"/network/v2.0/ports?device_owner={owner}").json()["ports"]
        moved = [
            target.call("PUT", f"/network/v2.0/ports/{port['id']}", json={"port": {"device_id": servers[0]}})
            for port in listed
        ]
        assert [answer.status_code for answer in moved] == [200]
        assert targets.empty(target) == []
        assert targets.unwhole(target) == []
