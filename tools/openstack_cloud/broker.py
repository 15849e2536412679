"""The message broker of a cloud: the machine's RabbitMQ, the one GMAN_RABBIT_URL names, or one of its own."""

import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from .errors import UsageError
from .machine import listening, program, run
from .processes import Program
from .settings import OWN, Settings

MACHINE_PORT = 5672
HOME = Path("/usr/lib/rabbitmq/bin")
ASK_SECONDS = 30


def find(wanted: str) -> str:
    """What GMAN_RABBIT_URL comes to on this machine: a URL, "own", or "" for the machine's broker."""
    url = urlsplit(wanted)
    if wanted not in ("", OWN) and not (url.scheme == "amqp" and url.hostname and url.username):
        raise UsageError(f"GMAN_RABBIT_URL: give amqp://USER:PASSWORD@HOST:PORT/VHOST, or {OWN}")
    if wanted or not listening(MACHINE_PORT):
        return wanted or OWN
    command = [program("rabbitmqctl") or "false", "-q", "list_vhosts"]
    if subprocess.run(command, capture_output=True, check=False, timeout=ASK_SECONDS).returncode:
        raise UsageError(
            f"RabbitMQ on port {MACHINE_PORT} does not let us make a virtual host: run this as root, or set "
            f"GMAN_RABBIT_URL to amqp://USER:PASSWORD@HOST:PORT/VHOST or {OWN}"
        )
    return ""


def environment(settings: Settings) -> dict[str, str]:
    """What makes RabbitMQ's programs speak of our own node; empty for the machine's."""
    if settings.rabbit != OWN:
        return {}
    data = settings.state / "data" / "rabbitmq"
    return {
        "HOME": str(data),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(settings.ports["epmd"]),
        "RABBITMQ_NODENAME": f"{settings.prefix}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(settings.ports["rabbitmq"]),
        "RABBITMQ_DIST_PORT": str(settings.ports["rabbitmq-peers"]),
        "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(data / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(data / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(data / "rabbitmq"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }


def servers(settings: Settings) -> tuple[Program, Program]:
    """A broker of our own: Erlang's port mapper in the foreground, and RabbitMQ, run as whoever runs this."""
    environ = environment(settings)
    port = environ["ERL_EPMD_PORT"]
    epmd = Program("epmd", [program("epmd") or "epmd", "-address", "127.0.0.1", "-port", port], f"-port {port}")
    return epmd, Program("rabbitmq", [str(HOME / "rabbitmq-server")], "rabbitmq-server", environ)


def initialise(settings: Settings) -> None:
    data = settings.state / "data" / "rabbitmq"
    data.mkdir(exist_ok=True)
    (data / "enabled_plugins").write_text("[].\n")
    (data / "rabbitmq.conf").write_text("vm_memory_high_watermark.absolute = 1GB\n")


def services_url(settings: Settings) -> str:
    """What the services connect to, in oslo.messaging's form."""
    if settings.rabbit not in ("", OWN):
        return "rabbit" + settings.rabbit.removeprefix("amqp")
    port = settings.ports["rabbitmq"] if settings.rabbit == OWN else MACHINE_PORT
    return f"rabbit://{settings.prefix}:{settings.secret('rabbitmq')}@127.0.0.1:{port}/{settings.prefix}"


def create(settings: Settings) -> None:
    """A virtual host, empty, and the one user that may use it; nothing where the URL of one was given."""
    if settings.rabbit in ("", OWN):
        drop(settings)
        control(settings, "add_vhost", settings.prefix)
        control(settings, "add_user", settings.prefix, text=settings.secret("rabbitmq"))
        control(settings, "set_permissions", "-p", settings.prefix, settings.prefix, ".*", ".*", ".*")


def drop(settings: Settings) -> None:
    """Remove what `create` made."""
    for kind in ("vhost", "user") if settings.rabbit in ("", OWN) else ():
        if settings.prefix in control(settings, f"list_{kind}s").split():
            control(settings, f"delete_{kind}", settings.prefix)


def control(settings: Settings, *arguments: str, text: str = "") -> str:
    command = str(HOME / "rabbitmqctl") if settings.rabbit == OWN else program("rabbitmqctl") or "rabbitmqctl"
    return run(settings, "rabbitmqctl", [command, "-q", *arguments], environment(settings), text)
