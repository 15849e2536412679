"""The configuration files hold what the services need, and no file holds more than its readers may know."""

import configparser
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from openstack_cloud import broker, configs, databases, services
from openstack_cloud.settings import NETWORKS, Settings

MYSQL, TRANSPORT = "mysql+pymysql://account:pw@127.0.0.1:3306", "rabbit://user:pw@127.0.0.1:5672/host"


@pytest.fixture(params=NETWORKS)
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "cloud", "2025.2", 15000, network=request.param)
    settings.save()
    return settings


@pytest.fixture
def texts(cloud: Settings) -> dict[str, str]:
    return configs.render(cloud, configs.common(cloud, MYSQL, TRANSPORT, memcached=True))


def parse(text: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None)  # refuses a section or an option that comes twice
    parsed.read_string(text)
    return parsed


def test_every_file_is_complete(texts: dict[str, str]) -> None:
    for file, text in texts.items():
        assert "$" not in text, file
        assert parse(text).sections(), file


@pytest.mark.parametrize(
    ("network", "tenants", "kind"),
    [("ovn", "overlay", "geneve"), ("agents", "overlay", "vxlan"), ("ovn", "vlan", "vlan")],
)
def test_tenants_have_the_networks_that_were_chosen(cloud: Settings, network: str, tenants: str, kind: str) -> None:
    chosen = replace(cloud, network=network, tenants=tenants)
    text = configs.render(chosen, configs.common(chosen, MYSQL, TRANSPORT, memcached=True))["neutron.conf"]
    assert parse(text)["ml2"]["tenant_network_types"] == kind


def test_only_those_who_may_see_databases_do(texts: dict[str, str]) -> None:
    assert {file for file, text in texts.items() if MYSQL in text} == {
        "keystone.conf",
        "placement.conf",
        "glance-api.conf",
        "neutron.conf",
        "nova-databases.conf",
    }
    assert services.TABLES["worker"]["nova-compute"]["configs"] == ["nova.conf"]


def test_each_service_calls_the_others_as_itself(cloud: Settings, texts: dict[str, str]) -> None:
    for file, user, sections in (
        ("neutron.conf", "neutron", ("keystone_authtoken", "nova", "placement")),
        ("nova.conf", "nova", ("keystone_authtoken", "neutron", "placement", "glance", "service_user")),
    ):
        parsed = parse(texts[file])
        for section in sections:
            assert parsed[section]["username"] == user
            assert parsed[section]["password"] == cloud.secret(user)
            assert parsed[section]["auth_url"] == "http://127.0.0.1:15000"


def test_without_memcached_nobody_is_sent_to_it(cloud: Settings) -> None:
    texts = configs.render(cloud, configs.common(cloud, MYSQL, TRANSPORT, memcached=False))
    assert parse(texts["nova.conf"])["keystone_authtoken"]["memcached_servers"] == ""


def test_builds_do_not_wait_for_wires_and_races_have_room(texts: dict[str, str]) -> None:
    nova, neutron = parse(texts["nova.conf"])["DEFAULT"], parse(texts["neutron.conf"])["DEFAULT"]
    assert nova["vif_plugging_is_fatal"] == "false"
    assert nova["host"] == neutron["host"]
    assert int(parse(texts["uwsgi-neutron.ini"])["uwsgi"]["processes"]) >= 3


def test_neutron_stands_on_what_was_chosen(cloud: Settings, texts: dict[str, str]) -> None:
    neutron = parse(texts["neutron.conf"])
    plugins, driver, overlay = {
        "ovn": ("ovn-router,auto_allocate", "ovn", "geneve"),
        "agents": ("router,auto_allocate", "openvswitch", "vxlan"),
    }[cloud.network]
    assert neutron["DEFAULT"]["service_plugins"] == plugins
    assert (neutron["ml2"]["mechanism_drivers"], neutron["ml2"]["tenant_network_types"]) == (driver, overlay)
    assert neutron.has_section("ovn") == (driver == "ovn") == neutron.has_section("ovs")
    assert neutron.has_section(f"ml2_type_{overlay}")


def test_files_are_their_owners_alone(cloud: Settings) -> None:
    configs.write(cloud, configs.common(cloud, MYSQL, TRANSPORT, memcached=True))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in cloud.etc.iterdir()}
    assert modes == {0o600}
    assert {path.name for path in cloud.etc.iterdir()} >= {"keystone.conf", "neutron.conf", "nova.conf"}


def test_programs_name_files_that_are_rendered(cloud: Settings, texts: dict[str, str]) -> None:
    apis = set(services.apis(cloud))
    for program, needs in services.programs(cloud):
        words = [*program.command, *program.environ.values()]
        named = {word for line in words for word in line.split(";") if word.startswith(f"{cloud.etc}/")}
        assert {Path(word).name for word in named} <= set(texts), program.name
        assert any(program.marker in word for word in program.command), program.name
        assert set(needs) <= apis, program.name


def test_no_password_is_on_a_command_line(cloud: Settings) -> None:
    own = Settings(cloud.state, cloud.release, cloud.port_base, mysql="own", rabbit="own")
    configs.render(own, configs.common(own, databases.services_url(own), broker.services_url(own), memcached=True))
    programs = [program for program, _ in services.programs(own)]
    programs += [databases.server(own), *broker.servers(own), services.memcached(own, "/usr/bin/memcached")]
    secrets = json.loads((cloud.state / "secrets.json").read_text()).values()
    for program in programs:
        line = " ".join(program.command)
        assert [secret for secret in secrets if secret in line] == [], program.name
