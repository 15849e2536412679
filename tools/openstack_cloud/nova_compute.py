"""nova-compute with one more hypervisor: Nova's fake one, which also records which guests have to run, and has
consoles.

Runs with the Python of the cloud's environment: `python -m openstack_cloud.nova_compute --config-file FILE`.
"""

from nova.cmd import compute  # first of all: it settles how threads run

# isort: split
from dataclasses import replace
from pathlib import Path
from typing import Any

import nova.conf
from nova.api.metadata.base import InstanceMetadata
from nova.virt import fake

from . import guest_records
from .guest_records import Record

LATEST = "openstack/latest/"


class GuestDriver(fake.FakeDriverWithoutFakeNodes):  # type: ignore[misc]
    """The fake driver, with a record of each server for the runner of guests."""

    @property
    def state(self) -> Path:
        return Path(nova.conf.CONF.state_path)

    def spawn(self, context: Any, instance: Any, *rest: Any, network_info: Any = None, **options: Any) -> None:
        super().spawn(context, instance, *rest, network_info=network_info, **options)
        ports = tuple((vif["id"], vif["address"]) for vif in network_info or ())
        record = Record(instance.uuid, instance.hostname, ports)
        guest_records.write(self.state, record, drive(instance, network_info) if instance.user_data else None)

    def destroy(self, context: Any, instance: Any, *rest: Any, **options: Any) -> None:
        guest_records.remove(self.state, instance.uuid)
        super().destroy(context, instance, *rest, **options)

    def power_off(self, instance: Any, *rest: Any, **options: Any) -> None:
        super().power_off(instance, *rest, **options)
        self.change(instance, on=False)

    def power_on(self, context: Any, instance: Any, *rest: Any, **options: Any) -> None:
        """Start the guest; Nova also calls this for a reboot, in which a guest that runs is started again."""
        super().power_on(context, instance, *rest, **options)
        self.change(instance, on=True)

    def attach_interface(self, context: Any, instance: Any, image_meta: Any, vif: Any) -> None:
        """Plug a port into a server; its guest is started again to find it."""
        super().attach_interface(context, instance, image_meta, vif)
        self.change(instance, added=((vif["id"], vif["address"]),))

    def detach_interface(self, context: Any, instance: Any, vif: Any) -> None:
        super().detach_interface(context, instance, vif)
        self.change(instance, removed=vif["id"])

    def get_console_output(self, context: Any, instance: Any) -> bytes:
        return guest_records.console(self.state, instance.uuid)

    def change(
        self, instance: Any, on: bool | None = None, added: tuple[tuple[str, str], ...] = (), removed: str = ""
    ) -> None:
        """Update a server's record; a server without one does not get one."""
        if record := guest_records.read(self.state, instance.uuid):
            ports = (*(port for port in record.ports if port[0] != removed), *added)
            boots = record.boots + (on is True)
            guest_records.write(
                self.state, replace(record, ports=ports, on=record.on if on is None else on, boots=boots)
            )


def drive(instance: Any, network_info: Any) -> dict[str, bytes]:
    """The files of a config drive's newest version, as Nova makes them."""
    files = InstanceMetadata(instance, network_info=network_info).metadata_for_config_drive()
    return {path: content for path, content in files if path.startswith(LATEST)}


if __name__ == "__main__":
    fake.GuestDriver = GuestDriver  # Nova loads only drivers of its own
    compute.main()
