"""The whole of Neutron in this process, on SQLite in memory, by its own test base: no daemon, no broker, no token.

Runs in the virtual environment of the real services, as a program. It reads a JSON object a line:
`{"call": {"method", "target", "headers", "body"}}` is answered with `{"status", "headers", "body"}`, bodies as text;
`{"do": "keep", "name": "n"}` keeps the database as it is, "restore" brings that state back; both answer `{}`.
Ids grow from one to the next, so that pages in the order of ids are in the order of creation.
"""

import gc
import itertools
import json
import os
import sys
import unittest
import uuid

NUMBERS = itertools.count(1)
uuid.uuid4 = lambda: uuid.UUID(int=next(NUMBERS) << 96)  # before any module uses it as a default

from neutron.conf.plugins.ml2.drivers import driver_type  # noqa: E402
from neutron.objects import rbac_db, subnetpool  # noqa: E402
from neutron.tests.functional.pecan_wsgi import test_functional  # noqa: E402
from oslo_config import cfg  # noqa: E402
from oslo_db.sqlalchemy import engines  # noqa: E402

ADMIN = [("X-Project-Id", "f" * 32), ("X-Roles", "admin"), ("X-User-Id", "u"), ("Content-Type", "application/json")]
# the rules of new security groups that Neutron's own migrations leave in a database; its test base runs none of them
EGRESS = {"direction": "egress", "used_in_default_sg": True, "used_in_non_default_sg": True}
INGRESS = {
    "direction": "ingress",
    "used_in_default_sg": True,
    "used_in_non_default_sg": False,
    "remote_group_id": "PARENT",
}
PLUGINS = ["router", "flavors", "auto_allocate", "tag", "timestamp", "revisions"]
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)  # before tests and logs take standard output for themselves
os.dup2(2, 1)


engines._thread_yield = lambda *_arguments: None  # there are no other threads, and on a busy machine a yield costs time


class Service(test_functional.PecanFunctionalTest):
    """Neutron with its ML2, router and auto_allocate plug-ins, as a reference has them: VXLAN networks, OVS ports."""

    def setup_coreplugin(self, *_arguments, **_options):
        return super().setup_coreplugin("ml2", load_plugins=False)

    def set_config_overrides(self):
        driver_type.register_ml2_drivers_vxlan_opts()
        set_option = cfg.CONF.set_override
        set_option("auth_strategy", "noauth")
        set_option("service_plugins", PLUGINS)
        set_option("project_network_types", ["vxlan"], group="ml2")
        set_option("mechanism_drivers", ["openvswitch"], group="ml2")
        set_option("extension_drivers", ["tag_ports_during_bulk_creation"], group="ml2")
        set_option("vni_ranges", ["1:4000"], group="ml2_type_vxlan")

    def test_serve(self):
        """Answer until standard input ends."""
        self.kept = {}
        # the registry that the test base makes lacks what was subscribed at import
        rbac_db.RbacNeutronMetaclass.subscribe_to_rbac_events(subnetpool.SubnetPool)
        gc.freeze()  # loaded modules stay, so the garbage collector skips them from now on
        for rule in (EGRESS, INGRESS):
            for ethertype in ("IPv4", "IPv6"):
                body = json.dumps({"default_security_group_rule": {**rule, "ethertype": ethertype}})
                path = "/v2.0/default-security-group-rules"
                answer = self.answer({"method": "POST", "target": path, "headers": ADMIN, "body": body})
                assert answer["status"] == 201, answer
        for line in sys.stdin:
            message = json.loads(line)
            answer = self.answer(message["call"]) if "call" in message else self.state(**message)
            ANSWERS.write(json.dumps(answer) + "\n")

    def answer(self, call):
        body = {} if call["body"] is None else {"body": call["body"].encode("latin-1")}
        response = self.app.request(
            call["target"], method=call["method"], headers=dict(call["headers"]), expect_errors=True, **body
        )
        headers = {name.lower(): text for name, text in response.headers.items()}
        return {"status": response.status_int, "headers": headers, "body": response.body.decode("latin-1")}

    def state(self, do, name):
        """Keep the database's state under a name, or bring it back."""
        if do == "keep":
            self.kept[name] = sqlite(self.engine).serialize()
        else:
            sqlite(self.engine).deserialize(self.kept[name])
        return {}


def sqlite(engine):
    """The one connection of an engine in memory."""
    with engine.connect() as connection:
        return connection.connection.driver_connection


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "Service.test_serve"])
