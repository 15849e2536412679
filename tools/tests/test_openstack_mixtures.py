"""A cloud in which the reference stands in for one service: what is left out, what is there instead, and where."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from openstack_cloud import configs, databases, releases, services, settings, setup
from openstack_cloud.cloud import Cloud
from openstack_cloud.errors import UsageError
from openstack_cloud.settings import Settings

MYSQL, TRANSPORT = "mysql+pymysql://account:pw@127.0.0.1:3306", "rabbit://user:pw@127.0.0.1:5672/host"
REAL = {
    "network": {"keystone", "placement", "glance", "nova"},
    "compute": {"keystone", "glance", "neutron"},
}


KINDS = [(reference, network) for reference in services.MIXTURES for network in settings.NETWORKS]
WORKERS = {"ovn": {"neutron-ovn-maintenance", "ovn-plugger"}, "agents": {"l2-agent"}}  # by Neutron's back end

GUESTS = {"libvirtd", "guests", "metadata-api", "ovn-metadata-agent", "outside"}


@pytest.fixture(params=KINDS, ids="-".join)
def mixture(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    reference, network = request.param
    settings = Settings(tmp_path / "cloud", "2025.2", reference=reference, network=network)
    settings.save()
    return settings


def render(mixture: Settings) -> dict[str, str]:
    return configs.render(mixture, configs.common(mixture, MYSQL, TRANSPORT, memcached=True))


def test_the_reference_takes_the_place_of_one_service(mixture: Settings) -> None:
    assert set(services.web(mixture)) == REAL[mixture.reference]
    assert services.apis(mixture) == [*services.web(mixture), "reference"]
    names = [program.name for program, _ in services.programs(mixture)]
    assert names == [*services.apis(mixture), *services.workers(mixture)]
    theirs = "nova" if mixture.reference == "compute" else "neutron"
    assert [name for name in names if name.startswith(theirs)] == []
    besides = WORKERS[mixture.network] if mixture.reference == "compute" else set()
    assert {name for kind in WORKERS.values() for name in kind} & set(names) == besides


def test_parts_that_a_mixture_leaves_out_exist() -> None:
    programs = {*services.TABLES["web"], *services.TABLES["worker"]}
    for name, mixture in services.MIXTURES.items():
        assert set(mixture["without"]) < programs
        assert mixture["path"].startswith(f"/{name}")
    for backend in services.BACKENDS.values():
        assert set(backend["without"]) < programs
    assert set(services.BACKENDS) == set(settings.NETWORKS) == set(WORKERS)


def test_nothing_waits_for_a_service_that_is_not_there(mixture: Settings) -> None:
    for program, needs in services.programs(mixture):
        assert set(needs) <= set(services.apis(mixture)), program.name


def test_the_reference_reads_its_services_and_its_user_from_a_file(mixture: Settings) -> None:
    texts = render(mixture)
    assert all("$" not in text for text in texts.values())
    settings = tomllib.loads(texts["reference.toml"])
    assert (settings["services"], settings["auth"], settings["port"]) == (
        mixture.reference,
        "keystone",
        mixture.ports["reference"],
    )
    assert settings["identity-url"] == mixture.url("keystone") + "/v3"
    assert (settings["service-user"], settings["service-password"]) == ("reference", mixture.secret("reference"))
    (program,) = (program for program, _ in services.programs(mixture) if program.name == "reference")
    assert program.command[1:] == ["serve", "--config", f"{mixture.etc}/reference.toml"]
    assert program.marker == program.command[-1]


def test_only_the_files_and_databases_of_services_that_are_there(mixture: Settings) -> None:
    files = set(render(mixture))
    databases_ = {name.removeprefix(f"{mixture.prefix}_") for name in databases.names(mixture)}
    if mixture.reference == "compute":
        assert databases_ == {"keystone", "glance", "neutron"}
        assert not {"nova.conf", "nova-databases.conf", "placement.conf", "uwsgi-nova.ini"} & files
    else:
        assert databases_ == {"keystone", "placement", "glance", "nova_api", "nova", "nova_cell0"}
        assert not {"neutron.conf", "uwsgi-neutron.ini"} & files


def test_only_the_steps_of_services_that_are_there(mixture: Settings) -> None:
    steps = {step.__name__.removeprefix("prepare_") for step in setup.Setup(Cloud(mixture, print)).preparations()}
    assert steps == REAL[mixture.reference] - {"keystone"}


def test_a_whole_cloud_has_no_reference(tmp_path: Path) -> None:
    whole = Settings(tmp_path, "2025.2")
    assert services.apis(whole) == ["keystone", "placement", "neutron", "glance", "nova"]
    assert services.workers(whole).keys() == services.TABLES["worker"].keys() - WORKERS["agents"] - GUESTS
    assert len(databases.names(whole)) == 7


def test_clouds_of_one_release_share_no_port_and_no_place() -> None:
    environ = {"HOME": "/home/ada"}
    kinds = [("", "ovn"), ("", "agents"), ("network", "ovn"), ("compute", "ovn"), ("compute", "agents")]
    clouds = [
        Settings(settings.default_state("2025.2", environ, *kind), "2025.2", reference=kind[0], network=kind[1])
        for kind in kinds
    ]
    ports = [port for cloud in clouds for port in cloud.ports.values()]
    assert len(set(ports)) == len(ports)
    assert len({cloud.state for cloud in clouds}) == len({cloud.prefix for cloud in clouds}) == len(kinds)
    assert Settings(Path("/s"), "2025.2", 16000, reference="network").ports["keystone"] == 16000


def test_other_clouds_use_what_the_whole_one_installed(tmp_path: Path) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path)}
    whole = Settings(settings.default_state("2025.2", environ), "2025.2")
    mixture = Settings(tmp_path / "mixture", "2025.2", reference="network")
    assert settings.borrowed(mixture, environ) == ""
    whole.save()
    whole.done(f"OpenStack {releases.release('2025.2').name}").touch()
    second = Settings(tmp_path / "second", "2025.2")
    assert settings.borrowed(mixture, environ) == settings.borrowed(second, environ) == str(whole.state)
    assert settings.borrowed(whole, environ) == settings.borrowed(second, {}) == ""
    assert replace(mixture, installed=str(whole.state)).venv == whole.venv
    mixture.save()
    mixture.done("OpenStack 2025.2").touch()
    assert settings.borrowed(mixture, environ) == "", "it has one of its own"


def test_nothing_is_installed_where_it_is_borrowed(mixture: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.machine, "install_release", lambda *_: pytest.fail("something was installed"))
    setup.Setup(Cloud(replace(mixture, installed="/elsewhere"), print)).install_release()


def test_the_reference_gets_its_own_environment_up_to_date(mixture: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(setup.machine, "run", lambda settings, log, command, environ: ran.append(command))
    setup.Setup(Cloud(mixture, print)).install_reference()
    setup.Setup(Cloud(replace(mixture, reference=""), print)).install_reference()
    assert [command[1:] for command in ran] == [[str(settings.ROOT / "tools" / "setup"), "keystone"]]


@pytest.mark.parametrize(("existing", "requested"), [("network", "compute"), ("", "network")])
def test_one_directory_holds_one_kind_of_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: str, requested: str
) -> None:
    monkeypatch.setattr(settings, "PLAIN_PATH", settings.re.compile(".*"))
    Settings(tmp_path / "cloud", "2025.2", reference=existing).save()
    with pytest.raises(UsageError, match="name another directory with --state"):
        settings.choose(tmp_path / "cloud", None, None, requested)
    assert settings.choose(tmp_path / "cloud", None, None).reference == existing
