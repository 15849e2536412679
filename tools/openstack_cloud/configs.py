"""Renders the services' configuration files from `templates/` into STATE/etc, readable by the owner only."""

from pathlib import Path
from string import Template

from .services import WEB
from .settings import Settings, write_private

TEMPLATES = Path(__file__).parent / "templates"
HOST = "compute1"

# Each file: the parts it is made of, each a template and what that part sets.
# `authtoken` lets a service check its callers' tokens; `client` lets it call another as itself.
FILES: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "keystone.conf": (("keystone", {}),),
    "placement.conf": (("placement", {}), ("authtoken", {"user": "placement"})),
    "glance-api.conf": (("glance-api", {}), ("authtoken", {"user": "glance"})),
    "neutron.conf": (
        ("neutron", {}),
        ("authtoken", {"user": "neutron"}),
        ("client", {"section": "nova", "user": "nova"}),
        ("client", {"section": "placement", "user": "placement"}),
    ),
}
NOVA = (
    ("nova", {}),
    ("authtoken", {"user": "nova"}),
    ("client", {"section": "neutron", "user": "neutron"}),
    ("client", {"section": "placement", "user": "placement"}),
    ("client", {"section": "glance", "user": "glance"}),
    ("client", {"section": "service_user", "user": "nova"}),
    ("send-service-token", {}),
)
FILES["nova.conf"] = (*NOVA, ("nova-databases", {}))
FILES["nova-compute.conf"] = NOVA  # a compute node must not see databases


def template(name: str) -> Template:
    return Template((TEMPLATES / name).read_text())


def common(settings: Settings, mysql: str, transport: str, memcached: bool) -> dict[str, str]:
    """What every template may name. `mysql`: URL of the database server for the services, without a database."""
    return {
        "state": str(settings.state),
        "venv": str(settings.state / "venv"),
        "host": HOST,
        "prefix": settings.prefix,
        "mysql": mysql,
        "transport": transport,
        "has_memcached": str(memcached).lower(),
        "memcached": f"127.0.0.1:{settings.ports['memcached']}" if memcached else "",
        **{f"{name}_url": settings.url(name) for name in WEB},
    }


def render(settings: Settings, facts: dict[str, str]) -> dict[str, str]:
    """The text of every configuration file, by file name."""
    texts = {}
    for file, parts in FILES.items():
        texts[file] = "".join(render_part(settings, facts, part, more) for part, more in parts)
    for name, web in WEB.items():
        here = {"port": settings.ports[name], "module": web.module, "processes": web.processes}
        arguments = web.arguments.format(etc=settings.state / "etc")
        texts[f"uwsgi-{name}.ini"] = template("uwsgi.ini").substitute(facts, **here, arguments=arguments)
    return texts


def render_part(settings: Settings, facts: dict[str, str], part: str, more: dict[str, str]) -> str:
    password = settings.secret(more["user"]) if "user" in more else ""
    return template(f"{part}.conf").substitute(facts, **more, password=password)


def write(settings: Settings, facts: dict[str, str]) -> None:
    for place in ("glance/images", "glance/staging", "glance/tasks", "neutron", "nova/instances"):
        (settings.state / "data" / place).mkdir(parents=True, exist_ok=True)
    (settings.state / "run" / "lock").mkdir(exist_ok=True)
    for file, text in render(settings, facts).items():
        write_private(settings.state / "etc" / file, text)
