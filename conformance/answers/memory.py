"""What a process knows of a cloud's objects from its own calls: the values that requests set, and which are gone."""

import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from conformance.answers.facts import MAC, UNKNOWN, Facts, World
from conformance.answers.kinds import BY_NAME, INTERFACE, PORT, SERVER, TOPOLOGY, Kind
from conformance.answers.sightings import SIGN_IN, Reading, Sighting
from conformance.target.answered import AnsweredCall
from conformance.target.user_agent import REQUEST_ID

OWNERS = ("project_id", "tenant_id", "owner")  # how a body names the project that something is to belong to
SUBJECT = "x-subject-token"  # the header of the answer that has the new token
CALLERS_OWN = ("None", "null")  # in URLs, in the place of a topology's project: the caller's own
NOT_FOUND, FAILED = 404, 500
NETWORK_ID = re.compile(r"[0-9a-f-]{32,36}")  # the "id" in the answer to a dry run does not match


@dataclass(frozen=True)
class Who:
    """The user and the project that a token is for; empty where that is not known."""

    user: str = ""
    project: str = ""


class Memory:
    """The facts of all objects, and who is behind each token."""

    def __init__(self) -> None:
        self.world = World()
        self._callers: dict[str, Who] = {}
        self._owned: dict[tuple[str, str], dict[str, Facts]] = defaultdict(dict)

    def who(self, call: AnsweredCall) -> Who:
        return self._callers.get(call.token, Who())

    def facts_of(self, reading: Reading, kind: Kind, id_: str) -> Facts:
        """The facts of an object that the call is about, or that its answer shows."""
        return self.world.remember(kind.name, self.project_of(reading) if kind is TOPOLOGY else id_)

    def project_of(self, reading: Reading) -> str:
        """The project that the URL of a topology names."""
        id_ = reading.place.id
        return self.who(reading.call).project if id_ in CALLERS_OWN else id_

    def owned(self, kind: str, project: str) -> list[tuple[str, Facts]]:
        """Id and facts of the objects of that kind that were made for the project, and are not known to be gone."""
        owned = self._owned[kind, project]
        for id_ in [id_ for id_, facts in owned.items() if facts.gone < inf]:
            del owned[id_]
        return list(owned.items())

    def left_in(self, project: str, since: float) -> dict[str, list[str]]:
        """What was made in the project since that moment (monotonic seconds) and is not known to be gone: the path of a
        kind -> ids; for topologies the id is the project's.
        """
        remaining, began = defaultdict(list), time.time() - (time.monotonic() - since)
        for name, id_, facts in self.world:
            if id_ and facts.owner == project and facts.gone == inf and self._came(name, facts, since, began):
                remaining[BY_NAME[name].path].append(id_)
        return dict(remaining)

    def _came(self, name: str, facts: Facts, since: float, began: float) -> bool:
        """Whether an object was created from then on; `began` is the moment `since`, in seconds since the epoch."""
        if name != TOPOLOGY.name:
            return facts.born is not UNKNOWN and facts.born >= began
        networks = [id_ for id_, ended in facts.parts.items() if ended >= since and NETWORK_ID.fullmatch(id_)]
        return any(self.world.look_up("network", id_).gone == inf for id_ in networks)

    def note(self, reading: Reading) -> None:
        """Take note of what the call changed, or may have changed."""
        call, place = reading.call, reading.place
        if place.kind is PORT:
            self._addressed(reading)
        if reading.makes:
            for body, sighting in zip(reading.sent, reading.sightings, strict=False):
                self._created(reading, sighting, body)
            return
        facts = self.facts_of(reading, place.kind, place.id) if place.id else None
        if facts is None:
            return
        if not reading.writes:
            if call.status == NOT_FOUND and facts.deleted < call.invoked and not place.rest:
                facts.gone = min(facts.gone, call.ended)
        elif place.rest or not call.status or call.status >= FAILED:
            facts.forget_sent()
        elif call.ok and call.method == "DELETE":
            self._deleted(call, place.kind, facts, place.id)
        elif call.ok and reading.sent:
            facts.write(_values(place.kind, reading.sent[0]), call.invoked, call.ended)

    def _addressed(self, reading: Reading) -> None:
        """Remember the addresses of each MAC address of a port, but for those that a request changes."""
        for sighting in reading.sightings:
            mac, addresses = sighting.item.get("mac_address"), sighting.item.get("fixed_ips")
            if isinstance(mac, str) and isinstance(addresses, list):
                port = self.world.remember(MAC, mac.lower())
                if reading.call.method == "PUT" and "fixed_ips" in reading.sets:
                    port.parts.clear()
                    port.since["fixed_ips"] = reading.call.ended
                elif "fixed_ips" not in port.since:
                    port.parts.update({str(ip.get("ip_address")): 0.0 for ip in addresses if isinstance(ip, dict)})

    def _created(self, reading: Reading, sighting: Sighting, body: Mapping[str, Any]) -> None:
        """Remember an object that a POST with that body has created."""
        call, kind = reading.call, sighting.kind
        if kind.name == SIGN_IN:
            self._signed_in(call, sighting)
        who, facts = self.who(call), self.world.remember(kind.name, sighting.id)
        facts.owner = next((str(body[name]) for name in OWNERS if body.get(name)), who.project)
        facts.user, facts.request_id = who.user, call.header(REQUEST_ID)
        facts.born = time.time() - (time.monotonic() - call.invoked)
        facts.created = call.ended
        self._owned[kind.name, facts.owner][sighting.id] = facts
        facts.write({**_defaults(kind, body), **_values(kind, body)}, call.invoked, call.ended)
        if kind.name == "subnet":
            self.world.remember("network", str(body.get("network_id"))).parts[sighting.id] = call.ended

    def _signed_in(self, call: AnsweredCall, sighting: Sighting) -> None:
        parts = [sighting.item.get(name) for name in ("user", "project")]
        ids = [str(part.get("id", "")) if isinstance(part, dict) else "" for part in parts]
        if token := call.header(SUBJECT):
            self._callers[token] = Who(*ids)

    def _deleted(self, call: AnsweredCall, kind: Kind, facts: Facts, id_: str) -> None:
        """Take note of an accepted DELETE. Servers and interfaces take time to go, and an interface's port may return.

        With a topology, all networks go that earlier answers named as the project's.
        """
        if kind is TOPOLOGY:
            for network, since in facts.parts.items():
                if since <= call.invoked:
                    taken = self.world.remember("network", network)
                    taken.gone = min(taken.gone, call.ended)
        elif kind is SERVER:
            facts.deleted = min(facts.deleted, call.ended)
        elif kind.key and kind is not INTERFACE:
            facts.gone = min(facts.gone, call.ended)
        else:
            facts.forget_sent()  # for example, after a DELETE of limits the cloud's defaults hold again
        if kind.name == "subnet":
            self.world.look_up("network", facts.first.get("network_id")).parts.pop(id_, None)


def _values(kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a body that are remembered: those of fields that a rule is about."""
    return {name: value for name, value in body.items() if name in kind.remembered}


def _defaults(kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
    """The values of fields that the body of a POST leaves out, as far as they are known."""
    missing = {field.sent_as: field.default for field in kind.fields.values() if field.sent_as not in body}
    defaults = {name: default(body) if callable(default) else default for name, default in missing.items()}
    return {name: value for name, value in defaults.items() if value is not UNKNOWN}
