"""Identity v3: who has which role in which project, which roles imply others, and a user's projects (K-006, K-007)."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from reference.config import Settings
from reference.identity import tokens
from reference.identity.admin import KINDS, require_admin
from reference.identity.tables import assignments, projects, roles
from reference.store import Store
from reference.wsgi.errors import Problem
from reference.wsgi.routes import STRING, Answer, Call, Operation, Route

# path parameter of a grant -> its column
_GRANT = {"user": assignments.c.user_id, "item": assignments.c.project_id, "role": assignments.c.role_id}
_FILTERS = {
    "user.id": assignments.c.user_id,
    "scope.project.id": assignments.c.project_id,
    "role.id": assignments.c.role_id,
}
_ADMIN = Operation(errors=(403,))
_DONE = Operation(204, (403,), answer=None)
_ASSIGNED = Operation(errors=(403,), query=dict.fromkeys(_FILTERS, STRING))


class RoleAssignments:
    """Handlers for admins; a user may also list its own projects."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings

    def routes(self) -> list[Route]:
        grants = "/v3/projects/{item}/users/{user}/roles"
        return [
            Route("GET", grants, self._granted, _ADMIN),
            Route("PUT", grants + "/{role}", self._grant, _DONE),
            Route("HEAD", grants + "/{role}", self._has, _DONE),
            Route("DELETE", grants + "/{role}", self._revoke, _DONE),
            Route("GET", "/v3/role_assignments", self._assignments, _ASSIGNED),
            Route("GET", "/v3/role_inferences", self._inferences, _ADMIN),
            Route("GET", "/v3/users/{item}/projects", self._projects, _ADMIN),
        ]

    def _grant(self, call: Call) -> Answer:
        require_admin(call)

        def grant(tx: Connection) -> None:
            grant_role(tx, call.params["user"], call.params["item"], call.params["role"])

        try:
            self.store.write(grant)
        except sa.exc.IntegrityError:
            raise Problem(404, "Not Found", "Could not find that user, project or role.") from None
        return Answer(status=204)

    def _revoke(self, call: Call) -> Answer:
        self._find_grant(call)

        def revoke(tx: Connection) -> None:
            tx.execute(assignments.delete().where(_same_grant(call)))
            tokens.revoke_in(tx, call.params["user"], call.params["item"])

        self.store.write(revoke)
        return Answer(status=204)

    def _has(self, call: Call) -> Answer:
        self._find_grant(call)
        return Answer(status=204)

    def _find_grant(self, call: Call) -> None:
        """Raises Problem: 403 for anyone but admins, 404 where the user does not have that role."""
        require_admin(call)
        with self.store.read() as tx:
            if tx.execute(sa.select(assignments).where(_same_grant(call))).first() is None:
                raise Problem(404, "Not Found", "Could not find that role assignment.")

    def _granted(self, call: Call) -> Answer:
        require_admin(call)
        statement = sa.select(roles).join(assignments, assignments.c.role_id == roles.c.id)
        statement = statement.where(
            assignments.c.user_id == call.params["user"], assignments.c.project_id == call.params["item"]
        )
        with self.store.read() as tx:
            names = [{"id": row.id, "name": row.name} for row in tx.execute(statement)]
        return Answer({"roles": names, "links": {}})

    def _assignments(self, call: Call) -> Answer:
        require_admin(call)
        statement = sa.select(assignments)
        for parameter, column in _FILTERS.items():
            values = call.query(parameter)
            if values:
                statement = statement.where(column == values[-1])
        with self.store.read() as tx:
            views = [
                {
                    "user": {"id": row.user_id},
                    "scope": {"project": {"id": row.project_id}},
                    "role": {"id": row.role_id},
                    "links": {},
                }
                for row in tx.execute(statement)
            ]
        return Answer({"role_assignments": views, "links": {}})

    def _inferences(self, call: Call) -> Answer:
        """Which roles imply which (K-007)."""
        require_admin(call)
        with self.store.read() as tx:
            by_name = {row.name: {"id": row.id, "name": row.name} for row in tx.execute(sa.select(roles))}
        inferences = [
            {"prior_role": by_name[prior], "implies": [by_name[name] for name in implied if name in by_name]}
            for prior, implied in tokens.IMPLIED.items()
            if prior in by_name
        ]
        return Answer({"role_inferences": inferences, "links": {}})

    def _projects(self, call: Call) -> Answer:
        """The projects in which a user has a role, for itself and for admins."""
        user = call.params["item"]
        if user != call.caller.user_id:
            require_admin(call)
        project_ids = sa.select(assignments.c.project_id).where(assignments.c.user_id == user)
        kind = next(kind for kind in KINDS if kind.table is projects)
        with self.store.read() as tx:
            rows = tx.execute(sa.select(projects).where(projects.c.id.in_(project_ids)).order_by(projects.c.name))
            return Answer({"projects": [kind.show(row, self.settings) for row in rows], "links": {}})


def grant_role(tx: Connection, user_id: str, project_id: str, role_id: str) -> None:
    """Give the user the role in the project, unless it has it already."""
    values = {"user_id": user_id, "project_id": project_id, "role_id": role_id}
    condition = sa.and_(*(assignments.c[name] == value for name, value in values.items()))
    if tx.execute(sa.select(assignments).where(condition)).first() is None:
        tx.execute(assignments.insert().values(**values))


def _same_grant(call: Call) -> sa.ColumnElement[bool]:
    return sa.and_(*(column == call.params[name] for name, column in _GRANT.items()))
