"""Which database server and broker a cloud uses, with which accounts, and what it removes from them in the end."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openstack_cloud import broker, databases
from openstack_cloud.errors import UsageError
from openstack_cloud.settings import Settings

AMQP = "amqp://user:pa$$word@broker:5673/host"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Settings]:
    def settings(**servers: str) -> Settings:
        state = Settings(tmp_path / "cloud", "2025.2", 15000, **servers)
        state.save()
        return state

    return settings


@pytest.mark.parametrize("listens", [True, False])
def test_the_machines_database_is_used_when_there_is_one(monkeypatch: pytest.MonkeyPatch, listens: bool) -> None:
    monkeypatch.setattr(databases, "listening", lambda port: listens)
    assert databases.find("") == ("" if listens else "own")
    assert databases.find("own") == "own"
    assert databases.find("mysql://a:b@c:3307") == "mysql://a:b@c:3307"


@pytest.mark.parametrize(("listens", "allowed", "expected"), [(False, False, "own"), (True, True, "")])
def test_the_machines_broker_is_used_when_it_allows_it(
    monkeypatch: pytest.MonkeyPatch, listens: bool, allowed: bool, expected: str
) -> None:
    monkeypatch.setattr(broker, "listening", lambda port: listens)
    monkeypatch.setattr(broker, "program", lambda name: name)
    monkeypatch.setattr(broker, "succeeds", lambda *command: allowed)
    assert broker.find("") == expected


@pytest.mark.parametrize("control", [None, "rabbitmqctl"])
def test_a_broker_that_allows_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, control: str | None) -> None:
    monkeypatch.setattr(broker, "listening", lambda port: True)
    monkeypatch.setattr(broker, "program", lambda name: control)
    monkeypatch.setattr(broker, "succeeds", lambda *command: False)
    with pytest.raises(UsageError, match="GMAN_RABBIT_URL"):
        broker.find("")


@pytest.mark.parametrize("url", ["mysql", "postgresql://a:b@c", "mysql://", "owned"])
def test_a_database_url_must_be_one(url: str) -> None:
    with pytest.raises(UsageError, match="GMAN_MYSQL_URL: write mysql://"):
        databases.find(url)


@pytest.mark.parametrize("url", ["rabbit://a:b@c/d", "amqp://broker", "amqp://", "true"])
def test_a_broker_url_must_be_one(url: str) -> None:
    with pytest.raises(UsageError, match="GMAN_RABBIT_URL: write amqp://"):
        broker.find(url)


def test_services_connect_as_the_clouds_own_account(make: Callable[..., Settings]) -> None:
    for mysql, rabbit, place, bus in (
        ("", "", "127.0.0.1:3306", "127.0.0.1:5672"),
        ("own", "own", "127.0.0.1:15006", "127.0.0.1:15007"),
        ("mysql://root:pw@db:3307", "", "db:3307", "127.0.0.1:5672"),
    ):
        cloud = make(mysql=mysql, rabbit=rabbit)
        account = f"{cloud.prefix}:{cloud.secret('mariadb')}"
        assert databases.services_url(cloud) == f"mysql+pymysql://{account}@{place}"
        account = f"{cloud.prefix}:{cloud.secret('rabbitmq')}"
        assert broker.services_url(cloud) == f"rabbit://{account}@{bus}/{cloud.prefix}"


def test_a_broker_url_is_used_as_given(make: Callable[..., Settings]) -> None:
    assert broker.services_url(make(rabbit=AMQP)) == "rabbit://user:pa%24%24word@broker:5673/host"


def test_nothing_is_made_or_removed_on_a_broker_that_was_given(
    make: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "run", lambda *call: pytest.fail("the broker was touched"))
    broker.create(make(rabbit=AMQP))
    broker.drop(make(rabbit=AMQP))


@pytest.mark.parametrize(("mysql", "hosts"), [("", 2), ("own", 2), ("mysql://root@db", 1)])
def test_only_what_bears_the_clouds_prefix_is_touched(
    make: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, mysql: str, hosts: int
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(databases, "execute", lambda settings, *statements: ran.extend(statements))
    cloud = make(mysql=mysql)
    databases.create(cloud)
    assert all(cloud.prefix in statement for statement in ran)
    assert len([statement for statement in ran if statement.startswith("CREATE USER")]) == hosts
    created = {statement.split()[2] for statement in ran if statement.startswith("CREATE")}
    ran.clear()
    databases.drop(cloud)
    assert {statement.split()[-1] for statement in ran} == created
