"""Stands in for the Open vSwitch agent of the compute node: reports itself alive and every bound port up.

With it Neutron's server, nothing of it replaced, binds ports as on a real cloud; no networking is touched.
Runs with the Python of the cloud's environment: `python -m openstack_cloud.l2_agent --config-file FILE`.
"""

try:  # the kind of threads must be chosen before anything of Neutron is loaded
    from oslo_service import backend

    backend.init_backend(backend.BackendType.THREADING)
except (ImportError, ValueError):  # before 2025.2 they are green ones
    import eventlet

    eventlet.monkey_patch()

import queue
import sys
import threading

import oslo_messaging
from neutron.agent import rpc
from neutron.common import config
from neutron.conf.agent import common as agent_options
from neutron_lib import constants, context
from neutron_lib.agent import topics
from oslo_config import cfg
from oslo_log import log

LOG = log.getLogger("l2_agent")
REPORT_SECONDS = 4.0
UNBOUND = (None, "unbound", "binding_failed")


class Listener:
    """Listens to the server's messages to all agents, and queues the ports of this host that need wiring."""

    target = oslo_messaging.Target(version="1.4")

    def __init__(self, host: str, bound: queue.Queue[str]) -> None:
        self.host, self.bound = host, bound

    def port_update(self, context: object, port: dict[str, str] | None = None, **rest: object) -> None:
        port = port or {}
        bound_here = port.get("binding:host_id") == self.host and port.get("binding:vif_type") not in UNBOUND
        if bound_here and port.get("status") != constants.PORT_STATUS_ACTIVE:
            self.bound.put(port["id"])


def agent_state(host: str) -> dict[str, object]:
    """What the agent of a node with one bridge to `public` and vxlan tunnels reports."""
    return {
        "binary": "neutron-openvswitch-agent",
        "agent_type": constants.AGENT_TYPE_OVS,
        "topic": constants.L2_AGENT_TOPIC,
        "host": host,
        "configurations": {
            "bridge_mappings": {"public": "br-ex"},
            "integration_bridge": "br-int",
            "datapath_type": "system",
            "tunnel_types": [constants.TYPE_VXLAN],
            "tunneling_ip": "127.0.0.1",
            "l2_population": False,
            "ovs_hybrid_plug": False,
            "ovs_capabilities": {"datapath_types": ["system"], "iface_types": ["internal", "vxlan"]},
        },
    }


def bring_up(bound: queue.Queue[str], host: str) -> None:
    plugin = rpc.PluginApi(topics.PLUGIN)
    admin = context.get_admin_context_without_session()
    while True:
        port = bound.get()
        try:
            plugin.update_device_up(admin, port, f"ovs-agent-{host}", host)
        except Exception:  # the next port must still be served
            LOG.exception("port %s could not be reported up", port)


def report(host: str) -> None:
    """Report the agent alive, until the process is ended.

    It does not wait for answers: the answer to a report sent before the server listens would take half a minute.
    """
    reports = rpc.PluginReportStateAPI(topics.REPORTS)
    admin = context.get_admin_context_without_session()
    state = agent_state(host)
    pause = threading.Event()
    while True:
        try:
            reports.report_state(admin, state)
        except Exception:  # the broker may be restarting
            LOG.exception("the agent could not report")
        pause.wait(REPORT_SECONDS)


def main() -> None:
    agent_options.register_agent_state_opts_helper(cfg.CONF)
    config.register_common_config_options()
    config.init(sys.argv[1:])
    config.setup_logging()
    host = cfg.CONF.host
    bound: queue.Queue[str] = queue.Queue()
    rpc.create_consumers([Listener(host, bound)], topics.AGENT, [[topics.PORT, topics.UPDATE]])
    threading.Thread(target=bring_up, args=(bound, host), daemon=True).start()
    report(host)


if __name__ == "__main__":
    main()
