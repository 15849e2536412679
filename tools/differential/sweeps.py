"""Every single change of a valid request, once: what random stories may pass by.

One value is next to a valid one, all else of the request is right. They come in an order of chance, so that a short run
has some of each.
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any

from fuzzing.values import Ref

from differential import bodies
from differential.near import neighbours
from differential.scenes import BODIES, COLLECTIONS, FULL, Story, request
from differential.stories import OWNER
from reference.network.rest import lists
from reference.network.rest.resource import Resource
from reference.network.rest.validators import schema_of

Changes = list[Story]
_WORDS = ("", "x", "true", "y", "2", "1.5", "a,b")  # values of any filter


def networking(number: int) -> Iterator[Story]:
    """The stories of Networking, in the order of a seed."""
    return _shuffled([story for name in BODIES for story in _of_collection(name, COLLECTIONS[name])], number)


def schemas(number: int) -> Iterator[Story]:
    """The requests to Compute and Identity, in the order of a seed; each at a version of chance."""
    chance = random.Random(number)  # noqa: S311 - an order, no secret
    changes = [
        (bodies.at(method, path, _changed(natural, name, value), chance.choice(history.starts)),)
        for method, path, history, natural in bodies.DIFFERENT
        for name, schema in bodies.properties(natural, history.schemas).items()
        for value in neighbours(bodies.place(natural, name), schema)
    ]
    changes += [
        (bodies.as_admin("identity", method, ("v3", *path), body=_changed(natural, name, value)),)
        for method, path, properties, natural in bodies.IDENTITY
        for name, schema in properties.items()
        for value in neighbours(name, schema)
    ]
    return _shuffled(changes, number)


def _shuffled(stories: Changes, number: int) -> Iterator[Story]:
    stories = list({repr(story): story for story in stories}.values())
    random.Random(number).shuffle(stories)  # noqa: S311 - an order, no secret
    return iter(stories)


def _of_collection(name: str, resource: Resource) -> Changes:
    """Each attribute of the collection changed, in a POST and in a PUT, and each of its filters."""
    requests = []
    for attribute in (*resource.attributes, *OWNER):
        for value in neighbours(attribute.name, schema_of(attribute.check)):
            change = {attribute.name: value}
            requests.append(request("POST", name, body={resource.singular: {**BODIES[name], **change}}))
            requests.append(request("PUT", name, _last(name), body={resource.singular: change}))
    for parameter in (*lists.filterable(resource), "unknown"):
        requests += [request("GET", name, query=((parameter, word),)) for word in _WORDS]
    return [(*FULL, step) for step in requests]


def _last(name: str) -> Ref:
    """The object of the collection that FULL has made."""
    return Ref(name, {"networks": 1, "subnets": 2, "subnetpools": 2}.get(name, 0))


def _changed(natural: Mapping[str, Any], name: str, value: Any) -> Mapping[str, Any]:
    [(envelope, values)] = natural.items()
    return {envelope: {**(values if isinstance(values, dict) else {}), name: value}}
