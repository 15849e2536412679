#!/usr/bin/env bash
# oslo.db 18.1.1: paging through rows sorted by a column that has NULLs loses rows, or never ends.
#
# Expected: every row once. The docstring of oslo_db.sqlalchemy.utils.paginate_query: "we must return values that follow
#   the passed marker in the order"; the suffixes -nullsfirst and -nullslast "can be added to defined the ordering of
#   null values"; the id is among the sort keys, as it asks for.
# Seen, for five rows named a, NULL, b, NULL, c, two a page: sorted by (name, id) rows 1 and 3 never come;
#   with asc-nullslast the pages after a NULL start over from the names, so a loop over pages does not end.
# Why: where the marker's value is None, paginate_query leaves that key out of the condition: what is left, "id > 4",
#   is neither "NULL and id > 4" nor "any name that sorts after NULL". Its comment calls that safe.
# Hurts: users of each API that pages this way and sorts by what may be NULL (display_name, description, launched_at,
#   a flavor's or a volume's optional column): "list all" silently is not all.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.db==18.1.1 SQLAlchemy==2.1.9
"$dir/venv/bin/python" - <<'EOF'
import sys
import sqlalchemy as sa
from oslo_db.sqlalchemy.utils import paginate_query
from sqlalchemy.orm import DeclarativeBase, Session

class Base(DeclarativeBase):
    pass

class Server(Base):
    __tablename__ = "servers"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(9))

engine = sa.create_engine("sqlite://")
Base.metadata.create_all(engine)
session = Session(engine)
session.add_all(Server(id=id, name=name) for id, name in enumerate(["a", None, "b", None, "c"], 1))

def pages(direction):
    seen, marker = [], None
    for _ in range(5):
        query = session.query(Server)
        page = paginate_query(query, Server, 2, ["name", "id"], marker, sort_dirs=[direction, "asc"]).all()
        if not page:
            return seen, "ended"
        seen += [server.id for server in page]
        marker = page[-1]
    return seen, "was stopped after five pages"

results = {direction: pages(direction) for direction in ("asc", "desc", "asc-nullsfirst", "asc-nullslast")}
for direction, (seen, end) in results.items():
    print(f"{direction:15} ids {seen}, {end}; never seen: {sorted({1, 2, 3, 4, 5} - set(seen))}")
if set(results["asc-nullsfirst"][0]) == {1, 2, 3, 4, 5} or results["asc-nullslast"][1] == "ended":
    sys.exit("changed")
EOF
