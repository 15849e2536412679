"""The fields of the objects of Image and Identity: what determines the value of each."""

from typing import Any

from conformance.answers import comparisons as same
from conformance.answers.facts import UNKNOWN
from conformance.answers.rules import Fields, identity, known, linked, links, opaque, ours, owner, sent, since


def _signed_in(shown: Any, expected: Any) -> bool:
    """The user or project that a token is for is the one that was named."""
    return all(shown[name] == expected[name] for name in ("id", "name") if name in expected)


IMAGE: Fields = {
    "id": identity(),
    "owner": owner(),
    "name": sent("name"),
    "visibility": sent("visibility", same=same.texts),
    "container_format": sent("container_format"),
    "disk_format": sent("disk_format"),
    "min_disk": sent("min_disk", 0),
    "min_ram": sent("min_ram", 0),
    "protected": sent("protected", False),
    "os_hidden": sent("os_hidden", False),
    "tags": sent("tags", [], same.unordered),
    "created_at": ours(lambda scene: scene.facts.born, same.about_then, constant=True),
    "updated_at": since("created_at"),
    "file": linked("/v2/images/{id}/file"),
    "self": linked("/v2/images/{id}"),
    "schema": linked("/v2/schemas/image"),
    "status": opaque(),
    "size": opaque(),
    "checksum": opaque(),
}

PROJECT: Fields = {
    "id": identity(),
    "name": sent("name"),
    "domain_id": sent("domain_id", constant=True),
    "description": sent("description", ""),
    "enabled": sent("enabled", True),
    "tags": sent("tags", [], same.unordered),
    "is_domain": sent("is_domain", False, constant=True),
    "parent_id": known(lambda scene: scene.facts.sent.get("domain_id", UNKNOWN), constant=True),
    "links": links("projects"),
}

USER: Fields = {
    "id": identity(),
    "name": sent("name"),
    "domain_id": sent("domain_id", constant=True),
    "enabled": sent("enabled", True),
    "description": sent("description"),
    "email": sent("email"),
    "default_project_id": sent("default_project_id"),
    "links": links("users"),
}

TOKEN: Fields = {  # a token has no id that is remembered: only the answer to a sign-in is judged
    "user": sent("user", same=_signed_in, lasting=False),
    "project": sent("project", same=_signed_in, lasting=False),
    "methods": sent("methods", same=same.unordered, lasting=False),
    "issued_at": ours(lambda scene: scene.facts.born if scene.sets else UNKNOWN, same.about_then),
    "expires_at": known(lambda scene: scene.item.get("issued_at", UNKNOWN), same.not_before),
    "roles": opaque(),
    "catalog": opaque(),
    "audit_ids": opaque(),
    "is_domain": known(lambda _scene: False),
}
