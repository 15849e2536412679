"""Every single change of a valid request, once, as random stories may miss some.

In each request one value is next to a valid one, and the rest is right. There are also each filter and each order of a
list of several objects, each limit, and each rule. Their order is random, so that a short run has some of each kind;
but changes of one attribute alone, such as its bounds, tend to come before those that many attributes share.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fuzzing.values import Ref, Schema

from differential import bodies
from differential.near import bounds, neighbours
from differential.queries import FITTING, orders
from differential.scenes import BODIES, COLLECTIONS, FULL, MANY, MEMBER, Story, request
from differential.stories import OWNER
from differential.usage import RULES
from reference.network.rest import lists
from reference.network.rest.resource import Resource
from reference.network.rest.validators import schema_of

Changes = list[Story]
EARLIER = 8  # the weight by which stories about one attribute alone come earlier
_WORDS = ("", "x", "true", "y", "2", "1.5", "a,b")  # values of any filter


def networking(number: int) -> Iterator[Story]:
    """The stories of Networking, in the order of a seed."""
    kinds = COLLECTIONS.items()
    own = [story for name, kind in kinds for story in (*_changes(name, kind, bounds), *_lists(name, kind))]
    shared = [story for name, kind in kinds for story in (*_changes(name, kind, neighbours), *_words(name, kind))]
    return _shuffled([*own, *_limits(), *_rules()], shared, number)


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
    return _shuffled([], changes, number)


def _shuffled(own: Changes, shared: Sequence[Story], number: int) -> Iterator[Story]:
    """Each of the stories once, in a random order in which those of `own` tend to be first."""
    chance = random.Random(number)  # noqa: S311 - an order, no secret
    weighted = {repr(story): (1, story) for story in shared} | {repr(story): (EARLIER, story) for story in own}
    in_order = sorted(weighted.values(), key=lambda weight_and_story: chance.random() / weight_and_story[0])
    return (story for _weight, story in in_order)


def _changes(name: str, resource: Resource, values_of: Callable[[str, Schema], Sequence[Any]]) -> Changes:
    """Each attribute of the collection changed to each of those values, in a POST and in a PUT."""
    requests = []
    for attribute in (*resource.attributes, *OWNER):
        for value in values_of(attribute.name, schema_of(attribute.check)):
            change = {attribute.name: value}
            requests.append(request("POST", name, body={resource.singular: {**BODIES[name], **change}}))
            requests.append(request("PUT", name, _last(name), body={resource.singular: change}))
    return [(*FULL, step) for step in requests]


def _words(name: str, resource: Resource) -> Changes:
    """Each filter of the collection, with words that fit few of them."""
    filters = (*lists.filterable(resource), "unknown")
    return [(*FULL, request("GET", name, query=((parameter, word),))) for parameter in filters for word in _WORDS]


def _lists(name: str, resource: Resource) -> Changes:
    """Lists of several objects: by each filter with values that fit some of them, and in each order, in pages."""
    queries = [
        ((parameter, word),) for parameter in lists.filterable(resource) for word in FITTING.get(parameter, ("x",))
    ]
    queries += [
        (("sort_key", key), ("sort_dir", direction), *page)
        for key in orders(resource)
        for direction in ("asc", "desc")
        for page in ((), (("limit", "2"), ("marker", Ref(name, 1))))
    ]
    return [(*MANY, request("GET", name, query=query)) for query in queries]


def _limits() -> Changes:
    """Each limit near the project's number of objects, then one more object."""
    return [
        (
            *FULL,
            request("PUT", "quotas", MEMBER, caller="admin", body={"quota": {resource.singular: limit}}),
            request("POST", name, body={resource.singular: BODIES[name]}),
        )
        for name, resource in COLLECTIONS.items()
        for limit in (0, 1, 2, 3, 8, 9)
    ]


def _rules() -> Changes:
    """Each rule of those that are next to each other."""
    body = BODIES["security-group-rules"]
    return [
        (*FULL, request("POST", "security-group-rules", body={"security_group_rule": {**body, **rule}}))
        for rule in RULES
    ]


def _last(name: str) -> Ref:
    """The object of the collection that FULL has made."""
    return Ref(name, {"networks": 1, "subnets": 2, "subnetpools": 2}.get(name, 0))


def _changed(natural: Mapping[str, Any], name: str, value: Any) -> Mapping[str, Any]:
    [(envelope, values)] = natural.items()
    return {envelope: {**(values if isinstance(values, dict) else {}), name: value}}
