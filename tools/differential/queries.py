"""Lists of Networking's collections: filters, which are those of the reference's tables, sorting and pages."""

from typing import Any

from fuzzing.plans import Pairs
from fuzzing.values import Draw, Ref, chance, pick

from differential.near import near
from differential.scenes import MEMBER
from reference.network.rest import lists
from reference.network.rest.resource import Resource
from reference.network.rest.validators import schema_of


def query_of(draw: Draw, resource: Resource) -> Pairs:
    """A query of one parameter, seldom of none or two."""
    count = pick(draw, (0, 1, 1, 1, 2))
    return tuple(pair for _ in range(count) for pair in pick(draw, (_filter, _filter, _page))(draw, resource))


def _filter(draw: Draw, resource: Resource) -> Pairs:
    """A filter, or a parameter that is none."""
    name = pick(
        draw, (*lists.filterable(resource), *(attribute.name for attribute in resource.attributes), "unknown", "id")
    )
    attribute = resource.by_name.get(name)
    drawn = near(draw, name, schema_of(attribute.check) if attribute else {"type": "string"})
    values = drawn if isinstance(drawn, list) else [drawn]
    fixed = pick(draw, ("", "x", "1", "true", "ACTIVE", Ref("networks", 1), Ref("subnets", 2), MEMBER, "n", "a,b"))
    scalar = [item for item in values if isinstance(item, str | int | Ref)] if chance(draw, 2) else [fixed]
    return tuple((name, _word(item)) for item in scalar[:2])


def _word(item: Any) -> Any:
    return item if isinstance(item, str | Ref) else str(item)


def _page(draw: Draw, resource: Resource) -> Pairs:
    keys = (*resource.by_name, "id", "project_id", "tenant_id", "unknown")
    sort = pick(draw, keys)
    return tuple(
        pick(
            draw,
            (
                (("limit", "1"),),
                (("limit", "0"),),
                (("limit", "-1"),),
                (("limit", "x"),),
                (("limit", ""),),
                (("limit", "1000"),),
                (("limit", "1"), ("page_reverse", "True")),
                (("marker", "x"),),
                (("marker", Ref("networks", 1)), ("limit", "2")),
                (("marker", ""),),
                (("sort_key", sort),),
                (("sort_key", sort), ("sort_dir", "asc")),
                (("sort_key", sort), ("sort_dir", "x")),
                (("sort_dir", "asc"),),
                (("sort_key", "name"), ("sort_key", "id"), ("sort_dir", "asc"), ("sort_dir", "desc")),
                (("fields", "id"),),
                (("fields", "x"),),
                (("fields", ""),),
                (("fields", sort),),
                (("page_reverse", "x"),),
            ),
        )
    )
