"""Faults in what POST /servers refuses beside networks: its form, its flavor, image, groups, ports and addresses."""

from __future__ import annotations

from typing import Any

from reference.compute import admission, allocation, flavors, groups, image_client
from reference.compute.handlers import create
from reference.compute.network_client import Networks
from reference.compute.schemas import history
from reference.compute.schemas.history import Schema
from reference.faults.boot_requests import server_schema
from reference.faults.catalogue import defect
from reference.faults.seam import around, nothing, replace
from reference.wsgi.errors import Problem


def _forgiving(holder: Any, name: str, words: str, instead: Any) -> None:
    """Let a refusal with those words be `instead` of what was asked."""

    def forgive(right: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return right(*arguments, **named)
        except Problem as refused:
            if words not in refused.message:
                raise
            return instead

    around(holder, name, forgive)


@defect("C-ERR-023")
def unknown_flavors_are_404() -> None:
    """A server of a flavor that does not exist is refused with 404."""
    around(flavors, "find", lambda right, tx, flavor, *, status: right(tx, flavor, status=404))


@defect("C-ERR-024")
def images_are_not_looked_up() -> None:
    """A server of an image that does not exist is accepted."""
    _forgiving(image_client, "bootable", "find requested image", {})


@defect("C-ERR-024")
def an_image_may_be_missing() -> None:
    """A server of no image is accepted."""
    _forgiving(create, "boot_image", "imageRef", "00000000-0000-4000-8000-000000000000")
    images_are_not_looked_up()


@defect("C-ERR-025")
def images_need_no_data() -> None:
    """A server of an image that is not active is accepted."""
    _forgiving(image_client, "bootable", "not active", {})


@defect("C-ERR-026")
def the_first_of_two_groups_is_meant() -> None:
    """Of two security groups of one name the request gets the first."""
    _forgiving(groups, "resolve", "Multiple", [])


@defect("C-ERR-028", row="DEF-C-014")
def devices_are_not_known() -> None:
    """A server with block_device_mapping_v2, which clients send, is refused."""
    server_schema(lambda server, _version: server["properties"].pop("block_device_mapping_v2"))


@defect("C-ERR-028")
def unknown_words_are_skipped() -> None:
    """Properties of a server that nobody knows are accepted."""
    server_schema(lambda server, _version: server.update(additionalProperties=True))


class _Anything:
    def __contains__(self, _what: object) -> bool:
        return True


@defect("C-ERR-029")
def every_type_is_json() -> None:
    """A body of any media type is read as JSON."""
    replace(history, "JSON_TYPES", _Anything())


def _name(edit: Any) -> None:
    def work(server: Schema, _version: Any) -> None:
        edit(server["properties"]["name"])

    server_schema(work)


@defect("C-ERR-030")
def names_may_begin_with_a_space() -> None:
    """A name may have spaces at its ends."""
    _name(lambda name: name.pop("format"))


@defect("C-ERR-030")
def names_are_a_little_short() -> None:
    """A name has 254 characters at the most."""
    _name(lambda name: name.update(maxLength=254))


@defect("C-ERR-015")
def ports_need_no_address() -> None:
    """A port without an address is accepted."""
    _forgiving(admission, "require_usable_port", "FixedIP", None)


@defect("C-ERR-016")
def addresses_are_not_looked_up() -> None:
    """A fixed_ip that a port has already is accepted."""
    replace(Networks, "address_holders", lambda _self, _network, _address: [])


@defect("C-ERR-017")
def a_wrong_address_is_forgotten() -> None:
    """A server whose fixed_ip is outside its network gets another one."""
    around(allocation, "port_values", _anywhere)


def _anywhere(right: Any, *arguments: Any) -> Any:
    return {name: value for name, value in right(*arguments).items() if name != "fixed_ips"}


@defect("C-BUILD-010")
def the_only_network_needs_a_subnet() -> None:
    """That the only network has no subnet is refused when the request is looked at."""

    def room(right: Any, networks: Networks, project: str, wanted: Any, *more: Any) -> Any:
        there = networks.available(project, only_up=False) if wanted == admission.AUTO else []
        if any(not network["subnets"] for network in there):
            raise Problem(400, "badRequest", "the network requires a subnet")
        return right(networks, project, wanted, *more)

    around(admission, "room", room)


@defect("C-ERR-034")
def members_say_where() -> None:
    """A member may say which host a server is to be on."""
    replace(create, "require_admin", nothing)


@defect("C-ERR-031", "K-007")
def readers_boot_too() -> None:
    """A reader may make servers."""
    replace(create, "require_member", nothing)
