"""Execution by a plan equals SQLAlchemy's own execution, on each database."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from reference.store import Store
from reference.store.plans import MOST_ITEMS, MOST_PLANS, Done, insert, locking
from reference.tests.databases import database

__all__ = ["database"]
METADATA = sa.MetaData()
TABLE = sa.Table(
    "tst_things",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("up", sa.Boolean, nullable=False, default=True),
    sa.Column("size", sa.Integer, nullable=True),
    sa.Column("since", sa.Double, nullable=True),  # a float of PostgreSQL is read by the driver's description
    sa.Column("tags", sa.JSON, nullable=False, default=list),
)
BY_ID = sa.select(TABLE).where(TABLE.c.id == sa.bindparam("item"))
AMONG = sa.select(TABLE.c.id, TABLE.c.size).where(TABLE.c.id.in_(sa.bindparam("items", expanding=True)))
LATEST = sa.select(sa.func.max(TABLE.c.since)).where(TABLE.c.id.in_(sa.bindparam("items", expanding=True)))
SMALL = sa.select(TABLE.c.id).where(TABLE.c.size.in_([1, 2]), TABLE.c.up == sa.true()).order_by(TABLE.c.id)
OTHER = TABLE.alias()
TWICE = (
    sa.select(TABLE.c.id, OTHER.c.id).join(OTHER, OTHER.c.id == TABLE.c.id).where(TABLE.c.id == sa.bindparam("item"))
)
CHANGED = TABLE.update().where(TABLE.c.id == sa.bindparam("changed")).values(size=TABLE.c.size + 1)
REMOVED = TABLE.delete().where(TABLE.c.id.in_(sa.bindparam("items", expanding=True)))
THINGS = [
    {"id": "a", "up": True, "size": 1, "since": 1.25, "tags": ["é", 'a "word"']},
    {"id": "b", "up": False, "size": 2, "since": 3.0, "tags": []},
    {"id": "c", "up": True, "size": None, "since": None, "tags": [None, {"%s": ":x"}]},
]


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = Store(database)
    opened.create_schema(METADATA)
    opened.write(lambda tx: [tx.execute(insert(TABLE), row) for row in THINGS])  # by a plan from the second on
    yield opened
    opened.close()


def planned(store: Store, statement: Any, parameters: Any = None) -> Any:
    """The rows by a plan, after SQLAlchemy has executed the statement once; both have to be the same."""
    with store.read() as tx:
        first = tx.execute(statement, parameters).all()
        result = tx.execute(statement, parameters)
        assert not isinstance(result, sa.CursorResult)
        rows = result.all()
    assert rows == first
    assert [row._mapping.keys() for row in rows] == [row._mapping.keys() for row in first]
    return rows


def test_rows_are_those_of_sqlalchemy(store: Store) -> None:
    for thing in THINGS:
        [row] = planned(store, BY_ID, {"item": thing["id"]})
        assert dict(row._mapping) == thing
        assert row.up is thing["up"]
    assert not planned(store, BY_ID, {"item": "nowhere"})
    assert planned(store, SMALL) == [("a",)]
    assert planned(store, TWICE, {"item": "a"})[0]._fields == ("id", "id_1")
    assert planned(store, locking(BY_ID), {"item": "b"})
    assert planned(store, LATEST, {"items": ["a", "b"]}) == [(3.0,)]
    assert planned(store, LATEST, {"items": ["nowhere", "c"]}) == [(None,)]


def test_lists_of_any_length_are_parameters(store: Store) -> None:
    for items in ([], ["a"], ["a", "nowhere", "c"], ["b"]):
        assert {row.id for row in planned(store, AMONG, {"items": items})} == {*items} - {"nowhere"}
    with store.read() as tx:
        rows = tx.execute(AMONG, {"items": ["a"] * (MOST_ITEMS + 1)}).all()
    assert rows == [("a", 1)]


def test_changes_tell_how_many_rows_they_changed(store: Store) -> None:
    def change(tx: Any) -> list[Any]:
        return [tx.execute(CHANGED, {"changed": item}) for item in ("a", "a", "nowhere")]

    results = store.write(change)
    assert [result.rowcount for result in results] == [1, 1, 0]
    assert isinstance(results[-1], Done)
    assert planned(store, BY_ID, {"item": "a"})[0].size == 3
    removed = store.write(lambda tx: [tx.execute(REMOVED, {"items": items}) for items in (["a"], ["b", "c"])])
    assert [result.rowcount for result in removed] == [1, 2]


def test_missing_columns_get_their_defaults(store: Store) -> None:
    rows = [{"id": f"{place}", "size": place} for place in range(4)]
    store.write(lambda tx: [tx.execute(insert(TABLE), batch) for batch in (rows[:1], rows[1:2], rows[2:])])
    for row in rows:
        [planned_row] = planned(store, BY_ID, {"item": row["id"]})
        assert dict(planned_row._mapping) == {"since": None, **row, "up": True, "tags": []}


def test_a_duplicate_key_is_the_same_error(store: Store) -> None:
    with pytest.raises(sa.exc.IntegrityError) as refused:
        store.write(lambda tx: tx.execute(insert(TABLE), THINGS[0]))
    assert 'a \\"word' not in str(refused.value)  # no error's text has values
    assert planned(store, BY_ID, {"item": "a"})


def test_a_statement_has_only_so_many_plans(store: Store) -> None:
    with store.read() as tx:
        for length in range(2 * MOST_PLANS):
            tx.execute(AMONG, {"items": ["a"] * length}).all()
        [planned_among] = [planned for statement, planned in store.plans._by_statement.items() if statement is AMONG]
    assert len(planned_among.plans) == MOST_PLANS


def test_statements_of_one_request_leave_nothing_behind(store: Store) -> None:
    before = len(store.plans._by_statement)
    with store.read() as tx:
        for size in range(100):
            tx.execute(sa.select(TABLE).where(TABLE.c.size == size)).all()
    assert len(store.plans._by_statement) <= before + 1
