"""Identity v3 for admins: domains, projects, users and roles (K-006), from one table of kinds."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.config import Settings
from reference.identity import passwords, schemas, tokens
from reference.identity.api import parse
from reference.identity.schemas import Form
from reference.identity.tables import domains, projects, roles, users
from reference.store import Store
from reference.wsgi.errors import Problem
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route, Schema

_COLUMNS = ("name", "domain_id", "enabled")  # columns that a list can be filtered by


@dataclass(frozen=True)
class Kind:
    """A collection of Identity: its names, its table, the properties of a row not to show."""

    singular: str
    plural: str
    table: sa.Table
    hidden: tuple[str, ...] = ()

    @cached_property
    def creation(self) -> Form:
        return Form(schemas.creation(self.singular))

    @cached_property
    def change(self) -> Form:
        return Form(schemas.change(self.singular))

    def show(self, row: sa.Row[Any], settings: Settings) -> dict[str, Any]:
        """The row as clients see it."""
        view = {name: value for name, value in row._mapping.items() if name not in self.hidden}
        view["links"] = {"self": f"{settings.url('identity')}/v3/{self.plural}/{row.id}"}
        if self.singular == "project":
            view |= {"parent_id": row.domain_id, "is_domain": False}
        return view


# kind -> columns of tokens: the ids in them whose tokens end where an object is disabled, or its password changes
_TOKENS: dict[str, dict[str, Callable[[str], Any]]] = {
    "user": {"user_id": lambda item: [item]},
    "project": {"project_id": lambda item: [item]},
    "domain": {
        "user_id": lambda item: sa.select(users.c.id).where(users.c.domain_id == item),
        "project_id": lambda item: sa.select(projects.c.id).where(projects.c.domain_id == item),
    },
}


KINDS = (
    Kind("domain", "domains", domains),
    Kind("project", "projects", projects),
    Kind("user", "users", users, hidden=("password",)),
    Kind("role", "roles", roles),
)


class Admin:
    """Handlers for admins; a user may also read its own project and itself."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def routes(self) -> list[Route]:
        return [
            Route(method, f"/v3/{kind.plural}{path}", partial(handler, kind), operation)
            for kind in KINDS
            for method, path, handler, operation in (
                ("GET", "", self.list_items, Operation(errors=(403,), query=_filters(kind))),
                ("POST", "", self.create, Operation(201, (403, 409), body=kind.creation.schema)),
                ("GET", "/{item}", self.show, Operation(errors=(403,))),
                ("PATCH", "/{item}", self.update, Operation(errors=(403, 409), body=kind.change.schema)),
                ("DELETE", "/{item}", self.delete, Operation(204, (403,), answer=None)),
            )
        ]

    def list_items(self, kind: Kind, call: Call) -> Answer:
        require_admin(call)
        statement = sa.select(kind.table).order_by(kind.table.c.name)
        for name in _COLUMNS:
            values = call.query(name)
            if values and name in kind.table.c:
                expected = values[-1].lower() not in ("false", "0") if name == "enabled" else values[-1]
                statement = statement.where(kind.table.c[name] == expected)
        with self.store.read() as tx:
            rows = tx.execute(statement).all()
        if kind.singular == "project":
            tags = {tag for value in call.query("tags") for tag in value.split(",")}
            rows = [row for row in rows if tags <= set(row.tags)]
        items = [kind.show(row, self.settings) for row in rows]
        link = f"{self.settings.url('identity')}/v3/{kind.plural}"
        return Answer({kind.plural: items, "links": {"self": link, "next": None, "previous": None}})

    def show(self, kind: Kind, call: Call) -> Answer:
        item = call.params["item"]
        if item not in (call.caller.project_id, call.caller.user_id):
            require_admin(call)
        with self.store.read() as tx:
            return Answer({kind.singular: kind.show(_get(tx, kind, item), self.settings)})

    def create(self, kind: Kind, call: Call) -> Answer:
        require_admin(call)
        values = self._values(kind, kind.creation, call)
        if "domain_id" in kind.table.c:
            values.setdefault("domain_id", "default")
        item = uuid.uuid4().hex

        def create(tx: Connection) -> dict[str, Any]:
            tx.execute(kind.table.insert().values(id=item, **values))
            return kind.show(_get(tx, kind, item), self.settings)

        return Answer({kind.singular: self._unique(kind, create)}, 201)

    def update(self, kind: Kind, call: Call) -> Answer:
        require_admin(call)
        item, values = call.params["item"], self._values(kind, kind.change, call)

        def update(tx: Connection) -> dict[str, Any]:
            _get(tx, kind, item)
            if values:
                tx.execute(kind.table.update().where(kind.table.c.id == item).values(**values))
            if "password" in values or values.get("enabled") is False:
                for column, holders in _TOKENS.get(kind.singular, {}).items():
                    tokens.revoke_all(tx, column, holders(item))
            return kind.show(_get(tx, kind, item), self.settings)

        return Answer({kind.singular: self._unique(kind, update)})

    def delete(self, kind: Kind, call: Call) -> Answer:
        require_admin(call)
        item = call.params["item"]

        def delete(tx: Connection) -> None:
            row = _get(tx, kind, item)
            if kind.singular == "domain" and row.enabled:
                raise Problem(403, "Forbidden", "Cannot delete a domain that is enabled: disable it first.")
            tx.execute(kind.table.delete().where(kind.table.c.id == item))

        self.store.write(delete)
        return Answer(status=204)

    def _values(self, kind: Kind, form: Form, call: Call) -> dict[str, Any]:
        """The columns of the kind that the body sets, a password as its digest. Raises Problem (400)."""
        body = form.check(parse(call))[kind.singular]
        values = {name: body[name] for name in schemas.KINDS[kind.singular] if name in body and name in kind.table.c}
        if values.get("domain_id", "") is None:
            del values["domain_id"]
        if "description" in values:
            values["description"] = values["description"] or ""
        if values.get("password") is not None:
            values["password"] = passwords.digest(values["password"])
        return values

    def _unique(self, kind: Kind, work: Callable[[Connection], dict[str, Any]]) -> dict[str, Any]:
        """The result of writing `work`. Raises Problem: 409 where a key is taken or unknown."""
        try:
            return self.store.write(work)
        except sa.exc.IntegrityError:
            message = f"Conflict occurred attempting to store {kind.singular}: a duplicate, or an unknown domain."
            raise Problem(409, "Conflict", message) from None


def _filters(kind: Kind) -> dict[str, Schema]:
    """The query parameters of the kind's list."""
    names = [name for name in _COLUMNS if name in kind.table.c]
    return dict.fromkeys([*names, *(["tags"] if "tags" in kind.table.c else [])], STRING)


def require_admin(call: Call) -> None:
    if not call.caller.is_admin:
        raise Problem(403, "Forbidden", "You are not authorized to perform the requested action.")


def _get(tx: Connection, kind: Kind, item: str) -> sa.Row[Any]:
    """The row of that id. Raises Problem (404)."""
    row = tx.execute(sa.select(kind.table).where(kind.table.c.id == item)).first()
    if row is None:
        raise Problem(404, "Not Found", f"Could not find {kind.singular}: {item}.")
    return row
