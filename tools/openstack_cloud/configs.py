"""Renders the services' configuration files from `templates/` into STATE/etc, readable by their owner only."""

from pathlib import Path
from string import Template

from . import libvirt, metadata_api, ovn, services
from .settings import (
    AGENTS,
    MACHINES,
    NAMESPACES,
    NO_GUESTS,
    OVN,
    PORTS,
    REFERENCE,
    VLAN,
    Settings,
    write_private,
)

TEMPLATES = Path(__file__).parent / "templates"
DRIVERS = {
    NO_GUESTS: "fake.FakeDriverWithoutFakeNodes",
    NAMESPACES: "fake.GuestDriver",
    MACHINES: "libvirt.LibvirtDriver",
}  # of Nova's, by what guests are
OVERLAYS = {OVN: "geneve", AGENTS: "vxlan"}  # the overlay of each back end
# uWSGI serves Nova's metadata on a socket that `metadata_api` opens for it
METADATA = {
    "listen": f"fd://{metadata_api.DESCRIPTOR}",
    "module": "nova.wsgi.metadata:application",
    "processes": "1",
    "threads": "4",
    "arguments": "",
}
# The files of each service; it calls the others as a user of its own name, but Keystone calls nobody.
FILES = {
    "keystone": ["keystone.conf"],
    "placement": ["placement.conf"],
    "glance": ["glance-api.conf"],
    "neutron": ["neutron.conf"],
    "nova": ["nova.conf", "nova-databases.conf"],
    REFERENCE: ["reference.toml"],
}


def fill(name: str, facts: dict[str, str]) -> str:
    return Template((TEMPLATES / name).read_text()).substitute(facts)


def common(settings: Settings, mysql: str, transport: str, memcached: bool) -> dict[str, str]:
    """What any template may name.

    `mysql` is the database server's URL without a database, `transport` the broker's.
    """
    return {
        "state": str(settings.state),
        "venv": str(settings.venv),
        "prefix": settings.prefix,
        "mysql": mysql,
        "transport": transport,
        "memcached": f"127.0.0.1:{settings.ports['memcached']}" if memcached else "",
        "metadata_secret": settings.secret("metadata"),
        "ovn_namespace": str(ovn.namespace(settings)),
        "libvirt": libvirt.uri(settings),
        "driver": DRIVERS[settings.guests],
        "tenants": VLAN if settings.tenants == VLAN else OVERLAYS.get(settings.backend, ""),
        "reference": settings.reference,
        "reference_port": str(settings.ports[REFERENCE]),
        **{f"{name}_url": settings.url(name) for name in PORTS},
        **{f"ovn_{name}": ovn.remote(settings, name) for name in ovn.SCHEMAS},
    }


def render(settings: Settings, facts: dict[str, str]) -> dict[str, str]:
    """The text of every configuration file, by file name."""
    texts: dict[str, str] = {}
    for user in services.apis(settings):
        own = facts | {"user": user, "password": settings.secret(user)}
        shared = {part: fill(f"{part}.conf", own) for part in ("credentials", "tokens")}
        shared["backend"] = fill(f"neutron-{settings.backend}.conf", own) if settings.backend else ""
        shared["hypervisor"] = fill("nova-libvirt.conf", own) if settings.guests == MACHINES else ""
        texts |= {file: fill(file, own | shared) for file in FILES[user]}
    for name, web in services.web(settings).items():
        own = {key: str(web.get(key, 1)) for key in ("processes", "threads")}
        own |= {"listen": f"127.0.0.1:{settings.ports[name]}", "module": web["module"]}
        own |= {"arguments": web.get("arguments", "").format(etc=settings.etc)}
        texts[f"uwsgi-{name}.ini"] = fill("uwsgi.ini", facts | own)
    if settings.guests != NO_GUESTS:
        texts["uwsgi-metadata-api.ini"] = fill("uwsgi.ini", facts | METADATA)
        texts["ovn-metadata-agent.conf"] = fill("ovn-metadata-agent.conf", facts)
    return texts


def write(settings: Settings, facts: dict[str, str]) -> None:
    """Write the files, and make the directories they name."""
    for place in ("glance/images", "glance/staging", "glance/tasks", "neutron", "nova/instances"):
        (settings.state / "data" / place).mkdir(parents=True, exist_ok=True)
    (settings.state / "run" / "lock").mkdir(exist_ok=True)
    for file, text in render(settings, facts).items():
        write_private(settings.etc / file, text)
