"""What the metadata service answers to whom, and the outside to anybody."""

import asyncio
import json
import socket

import pytest

from reference.guests import metadata, outside
from reference.guests.records import Guest
from reference.guests.topology import plan
from reference.tests.guest_state import SERVER, state


@pytest.fixture
def guest() -> Guest:
    return plan(state()).guests[SERVER]


def test_documents_of_a_server(guest: Guest) -> None:
    status, body = metadata.answer(guest, "/openstack/latest/meta_data.json")
    content = json.loads(body)
    assert (status, content["uuid"], content["name"], content["meta"]) == (200, SERVER, "first", {"role": "web"})
    networks = json.loads(metadata.answer(guest, "/openstack/latest/network_data.json")[1])
    assert [link["mtu"] for link in networks["links"]] == [1450]
    assert [network["type"] for network in networks["networks"]] == ["ipv4_dhcp", "ipv6_dhcp"]


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/openstack", 200, b"2018-08-27\nlatest"),
        ("/openstack/latest/", 200, b"meta_data.json\nnetwork_data.json\nuser_data"),
        ("/openstack/latest/user_data", 200, b"#!/bin/sh\n"),
        ("/openstack/2018-08-27/user_data?x=1", 200, b"#!/bin/sh\n"),
        ("/latest/user-data", 200, b"#!/bin/sh\n"),
        ("/latest/meta-data/local-ipv4", 200, b"10.0.0.5"),
        ("/latest/meta-data/", 200, b"instance-id\nlocal-ipv4\nhostname"),
        ("/", 200, b"latest"),
        ("/openstack/1999-01-01/user_data", 404, b"not found\n"),
        ("/openstack/latest/vendor_data.json", 404, b"not found\n"),
        ("/latest/meta-data/ami-id", 404, b"not found\n"),
        ("/latest/meta-data/hostname/more", 404, b"not found\n"),
        ("/openstack/latest/user_data/..", 404, b"not found\n"),
    ],
)
def test_paths_of_the_metadata_service(guest: Guest, path: str, status: int, body: bytes) -> None:
    assert metadata.answer(guest, path) == (status, body)


def test_an_unknown_address_gets_404() -> None:
    assert metadata.answer(None, "/openstack/latest/meta_data.json")[0] == 404


@pytest.mark.parametrize("data", ["", "no base64!"])
def test_without_user_data_there_is_no_such_file(data: str) -> None:
    output = state()
    output["servers"][0]["OS-EXT-SRV-ATTR:user_data"] = data
    guest = plan(output).guests[SERVER]
    assert metadata.answer(guest, "/openstack/latest/user_data")[0] == 404
    assert metadata.answer(guest, "/latest/user-data")[0] == 404


@pytest.mark.parametrize(
    ("caller", "address"),
    [("172.24.0.9", "172.24.0.9"), ("::ffff:172.24.0.9", "172.24.0.9"), ("fe80::1%eth0", "fe80::1")],
)
def test_the_outside_answers_the_callers_address(caller: str, address: str) -> None:
    status, body = asyncio.run(outside.Greeter(socket.socket).answer(caller, "/word"))
    assert (status, json.loads(body)) == (200, {"address": address, "nonce": "word"})


@pytest.mark.parametrize("path", ["/a/b/c", "/word/99999999", "/../etc", "/wo rd"])
def test_the_outside_knows_no_other_page(path: str) -> None:
    assert asyncio.run(outside.Greeter(socket.socket).answer("172.24.0.9", path))[0] == 404


@pytest.mark.parametrize(("page", "reached"), [(b"gman-guest word", True), (b"somebody else", False)])
def test_the_outside_calls_back_who_called(page: bytes, *, reached: bool) -> None:
    async def call() -> bytes:
        server = await asyncio.start_server(lambda _reader, writer: _say(writer, page), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return (await outside.Greeter(socket.socket).answer("127.0.0.1", f"/word/{port}"))[1]

    assert json.loads(asyncio.run(call())) == {"address": "127.0.0.1", "nonce": "word", "reached": reached}


def _say(writer: asyncio.StreamWriter, page: bytes) -> None:
    writer.write(page)
    writer.close()


def test_the_outside_calls_no_port_of_the_system() -> None:
    _status, body = asyncio.run(outside.Greeter(socket.socket).answer("127.0.0.1", "/word/22"))
    assert json.loads(body)["reached"] is False
