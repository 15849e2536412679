"""Plugs the ports that Neutron bound to this compute node, as a hypervisor would: Nova's fake driver plugs nothing.

A port is up, and ACTIVE in Neutron, once the node's controller has claimed it; it claims ports that an interface of the
switch names. So each port gets an interface on br-int for as long as OVN's southbound database wants it here. Runs with
the Python of the cloud's environment: `python -m openstack_cloud.ovn_plugger --config-file FILE`, where FILE is
Neutron's and names the host and the databases.
"""

import configparser
import sys

import ovs.db.idl
import ovs.poller

from . import plugging

SCHEMA = "/usr/share/ovn/ovn-sb.ovsschema"
SERVER_PORT = ""  # the type of a port that is neither a router's nor a service's


def bound_ports(idl: ovs.db.idl.Idl, host: str) -> set[str]:
    """The ids of the ports that are bound to a host."""
    rows = idl.tables["Port_Binding"].rows.values()
    return {row.logical_port for row in rows if row.type == SERVER_PORT and host in plugging.chassis(row.options)}


def follow(southbound: str, switch: str, host: str) -> None:
    """Plug and unplug ports as the southbound database says, for ever; interfaces of an earlier run are taken over."""
    schema = ovs.db.idl.SchemaHelper(SCHEMA)
    schema.register_columns("Port_Binding", ["logical_port", "type", "options"])
    idl, sequence_number, plugged = ovs.db.idl.Idl(southbound, schema), None, plugging.plugged(switch)
    while True:
        idl.run()
        if idl.has_ever_connected() and idl.change_seqno != sequence_number:
            sequence_number, bound = idl.change_seqno, bound_ports(idl, host)
            if line := list(plugging.changes(plugged, bound)):
                plugging.vsctl(switch, "--no-wait", *line)
                plugged = bound
        poller = ovs.poller.Poller()
        idl.wait(poller)
        poller.block()


def main() -> None:
    facts = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    facts.read(sys.argv[-1])
    follow(facts["ovn"]["ovn_sb_connection"], facts["ovs"]["ovsdb_connection"], facts["DEFAULT"]["host"])


if __name__ == "__main__":
    main()
