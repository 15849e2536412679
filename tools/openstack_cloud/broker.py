"""The message broker of a cloud: the machine's RabbitMQ, one that GMAN_RABBIT_URL names, or one of its own."""

from pathlib import Path
from urllib.parse import urlsplit

from .errors import UsageError
from .machine import listening, program, run, succeeds
from .processes import Program
from .settings import OWN, Settings

MACHINE_PORT = 5672
HOME = Path("/usr/lib/rabbitmq/bin")  # the programs themselves, not Debian's wrappers, which change the user


def find(setting: str) -> str:
    """The value of `Settings.rabbit` for that GMAN_RABBIT_URL on this machine."""
    url = urlsplit(setting)
    if setting not in ("", OWN) and not (url.scheme == "amqp" and url.hostname and url.username):
        raise UsageError(f"GMAN_RABBIT_URL: write amqp://USER:PASSWORD@HOST:PORT/VHOST, or {OWN}")
    if setting or not listening(MACHINE_PORT):
        return setting or OWN
    if not (control := program("rabbitmqctl")) or not succeeds(control, "-q", "list_vhosts"):
        raise UsageError(
            f"the broker on port {MACHINE_PORT} lets rabbitmqctl make no virtual host: run this as root, "
            f"or set GMAN_RABBIT_URL to amqp://USER:PASSWORD@HOST:PORT/VHOST or to {OWN}"
        )
    return ""


def data(settings: Settings) -> Path:
    return settings.state / "data" / "rabbitmq"


def environment(settings: Settings) -> dict[str, str]:
    """The variables by which RabbitMQ's programs use our own node; empty for the machine's."""
    if settings.rabbit != OWN:
        return {}
    place = data(settings)
    return {
        "HOME": str(place),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(settings.ports["epmd"]),
        "RABBITMQ_NODENAME": f"{settings.prefix}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(settings.ports["rabbitmq"]),
        "RABBITMQ_DIST_PORT": str(settings.ports["rabbitmq-peers"]),
        "RABBITMQ_MNESIA_BASE": str(place / "mnesia"),
        "RABBITMQ_LOG_BASE": str(place),
        "RABBITMQ_LOGS": "-",
        "ERL_CRASH_DUMP": str(place / "erl_crash.dump"),
        "RABBITMQ_PID_FILE": str(place / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }


def initialise(settings: Settings) -> None:
    """Make the directory of our own broker."""
    data(settings).mkdir(exist_ok=True)
    (data(settings) / "enabled_plugins").write_text("[].\n")
    (data(settings) / "rabbitmq.conf").write_text("vm_memory_high_watermark.absolute = 1GB\n")


def servers(settings: Settings) -> tuple[Program, Program]:
    """A broker of our own: Erlang's port mapper in the foreground, and RabbitMQ."""
    environ = environment(settings)
    port = environ["ERL_EPMD_PORT"]
    mapper = [program("epmd") or "", "-address", "127.0.0.1", "-port", port]
    rabbit = [str(HOME / "rabbitmq-server")]
    return Program("epmd", mapper, f"-port {port}"), Program("rabbitmq", rabbit, rabbit[0], environ)


def services_url(settings: Settings) -> str:
    """The URL by which the services connect, in oslo.messaging's form."""
    if settings.rabbit not in ("", OWN):
        return "rabbit" + settings.rabbit.removeprefix("amqp").replace("$", "%24")  # "$" refers to other options
    port = settings.ports["rabbitmq"] if settings.rabbit == OWN else MACHINE_PORT
    return f"rabbit://{settings.prefix}:{settings.secret('rabbitmq')}@127.0.0.1:{port}/{settings.prefix}"


def create(settings: Settings) -> None:
    """An empty virtual host and the user that may use it; a URL that was given names both already."""
    drop(settings)
    if settings.rabbit in ("", OWN):
        name = settings.prefix
        control(settings, "add_vhost", name)
        control(settings, "add_user", name, text=settings.secret("rabbitmq"))
        control(settings, "set_permissions", "-p", name, name, ".*", ".*", ".*")


def drop(settings: Settings) -> None:
    """Remove what `create` makes."""
    for kind in ("vhost", "user") if settings.rabbit in ("", OWN) else ():
        if settings.prefix in control(settings, f"list_{kind}s").split():
            control(settings, f"delete_{kind}", settings.prefix)


def control(settings: Settings, *arguments: str, text: str = "") -> str:
    command = str(HOME / "rabbitmqctl") if settings.rabbit == OWN else program("rabbitmqctl") or ""
    return run(settings, "rabbitmqctl", [command, "-q", *arguments], environment(settings), text)
