"""From one answered call to the objects that it shows, makes or changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.answers.kinds import RULE, Kind, Place, place_of
from conformance.target.answered import AnsweredCall
from conformance.untrusted import UntrustedError, parse_json

Item = Mapping[str, Any]
READING = ("GET", "HEAD", "OPTIONS")
SIGN_IN = "token"


@dataclass(frozen=True)
class Sighting:
    """An object in an answer. `requested_id` is the id in the URL, empty for a list; `parent` the object it is in."""

    kind: Kind
    id: str
    item: Item
    requested_id: str = ""
    parent: str = ""


@dataclass(frozen=True)
class Reading:
    """One answered call to a place of the APIs, its bodies read: `sent` are the objects in the request, `shown` is
    the JSON of the answer.
    """

    call: AnsweredCall
    place: Place
    sent: list[Item]
    shown: Any
    sightings: list[Sighting]

    @property
    def writes(self) -> bool:
        return self.call.method not in READING

    @property
    def makes(self) -> bool:
        """Whether it is a POST of objects."""
        return self.call.method == "POST" and not (self.place.id or self.place.rest)

    @property
    def sets(self) -> frozenset[str]:
        """The names of the fields that the call sets: those in its body and, for a POST, those that get a default."""
        if not self.writes or self.place.rest:
            return frozenset()
        return self.place.kind.remembered if self.makes else frozenset(self.sent[0] if self.sent else ())


def read(call: AnsweredCall) -> Reading | None:
    """The objects that the call sent, and that its answer shows; None for a URL that is not about objects."""
    place = place_of(call.url)
    if place is None:
        return None
    sent = list(_objects(place.kind, _json(call.sent)))
    shown = _json(call.body) if call.ok and not place.rest else None
    return Reading(call, place, sent, shown, list(_sightings(place, shown)))


def _json(body: bytes) -> Any:
    try:
        return parse_json(body) if body else None
    except UntrustedError:
        return None


def _objects(kind: Kind, body: Any) -> Iterator[Item]:
    """The objects in a body: one in its envelope or without one, or several."""
    if not isinstance(body, dict):
        return
    if kind.name == SIGN_IN and isinstance(body.get("auth"), dict):
        yield _credentials(body["auth"])
    elif isinstance(body.get(kind.name), dict):
        yield body[kind.name]
    elif isinstance(body.get(kind.plural), list):
        yield from (item for item in body[kind.plural] if isinstance(item, dict))
    elif kind.name == "image" and "images" not in body:
        yield body


def _credentials(auth: Item) -> Item:
    """Who signs in, and for which project: as a token then shows it, without any secret."""
    identity, scope = auth.get("identity"), auth.get("scope")
    methods = identity.get("methods") if isinstance(identity, dict) else None
    password = identity.get("password") if isinstance(identity, dict) else None
    user = password.get("user") if isinstance(password, dict) else None
    project = scope.get("project") if isinstance(scope, dict) else None
    named = {"user": user, "project": project}
    shown = {
        name: {key: value[key] for key in ("id", "name") if key in value}
        for name, value in named.items()
        if isinstance(value, dict)
    }
    return {**shown, **({"methods": methods} if isinstance(methods, list) else {})}


def _sightings(place: Place, body: Any) -> Iterator[Sighting]:
    for item in _objects(place.kind, body):
        id_ = item.get(place.kind.key) if place.kind.key else place.id
        if not isinstance(id_, str) or not (id_ or place.kind.name == SIGN_IN):
            continue  # the object has no id
        yield Sighting(place.kind, id_, item, place.id, place.parent)
        rules = item.get(RULE.plural) if place.kind.name == "security_group" else None
        for rule in rules if isinstance(rules, list) else ():
            if isinstance(rule, dict) and isinstance(rule.get("id"), str):
                yield Sighting(RULE, rule["id"], rule, parent=id_)
