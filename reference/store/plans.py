"""Executes statements that modules keep as constants by the database driver itself, past SQLAlchemy.

SQLAlchemy keeps the text of what it has compiled, but for each execution and its result makes a dozen objects, which
takes several times as long as SQLite's own work. A plan is what stays the same from one execution to the next: the
text, the order of the parameters, and how values are converted on their way there and back. A statement has plans from
its second execution on, so that a statement made for a single request costs nothing more.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler

MOST_ITEMS = 128  # of a list in a parameter with a plan: each length has its own, and longer ones are rare
MOST_PLANS = 64  # plans of one statement: clients choose which values a request sets, and each choice has its plan
_PLANNED = (sa.Select, sa.Insert, sa.Update, sa.Delete)
Values = Mapping[str, Any]
Convert = Callable[[Any], Any]


@lru_cache(maxsize=128)
def insert(table: sa.Table) -> sa.Insert:
    """The INSERT into that table, always the same object, so that it has plans."""
    return table.insert()


@lru_cache(maxsize=128)
def locking(statement: sa.Select[Any]) -> sa.Select[Any]:
    """The statement with its rows locked until the transaction ends; always the same object, so that it has plans."""
    return statement.with_for_update()


class Plans:
    """The plans of every statement for one dialect; they are forgotten when their statement is."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._by_statement: WeakKeyDictionary[sa.Executable, _Planned] = WeakKeyDictionary()

    def find(self, statement: sa.Executable, parameters: Values) -> "Plan | None":
        """The plan for the statement with such parameters; None where SQLAlchemy has to execute it."""
        if not isinstance(statement, _PLANNED):
            return None
        planned = self._by_statement.get(statement)
        if planned is None:
            self._by_statement[statement] = _Planned()
            return None
        if planned.lists is None:
            planned.lists = _lists(statement, self.dialect, parameters)
        shape = (*parameters, *(len(parameters[name]) for name in planned.lists))
        if shape not in planned.plans and len(planned.plans) < MOST_PLANS:
            planned.plans[shape] = _plan(statement, self.dialect, parameters, planned.lists)
        return planned.plans.get(shape)


class _Planned:
    """The names of a statement's parameters that are lists, and its plans by the shape of all parameters."""

    def __init__(self) -> None:
        self.lists: list[str] | None = None
        self.plans: dict[tuple[Any, ...], Plan | None] = {}


class Transaction(Connection):
    """A connection that executes statements by their plans, if they have any."""

    def __init__(self, engine: Engine, plans: Plans) -> None:
        super().__init__(engine)
        self._plans = plans

    def execute(self, statement: Any, parameters: Any = None, **more: Any) -> Any:
        """The result as SQLAlchemy has it; where there are no rows, at least its `rowcount`."""
        several = parameters if isinstance(parameters, list | tuple) else (parameters or {},)
        # listeners hear only of executions by SQLAlchemy itself: where the engine has one, no plan is used
        plan = self._plans.find(statement, several[0]) if several and not more and not self._has_events else None
        if plan is None:
            return super().execute(statement, parameters, **more)
        values = [plan.bound(one) for one in several]
        cursor = self.connection.cursor()
        try:
            if len(values) == 1:
                cursor.execute(plan.text, values[0])
            else:
                cursor.executemany(plan.text, values)
            return plan.result(cursor)
        except self.dialect.loaded_dbapi.Error as error:
            self._handle_dbapi_exception(error, plan.text, cast(Any, values), cursor, None)
        finally:
            cursor.close()


class Done:
    """The result of a statement that returns no rows; `rowcount` are those that it has changed."""

    def __init__(self, rowcount: int) -> None:
        self.rowcount = rowcount


class Plan:
    """A text, and how values get into it and rows out of it."""

    def __init__(
        self,
        text: str,
        names: Sequence[str],
        *,
        positional: bool,
        constants: Values,
        generated: Mapping[str, Convert],
        converted: Mapping[str, Convert],
        lists: Mapping[str, Sequence[str]],
        columns: "Columns",
    ) -> None:
        self.text = text
        self._names, self._positional = names, positional
        self._constants, self._generated, self._converted = constants, generated, tuple(converted.items())
        self._lists = tuple(lists.items())
        self._columns = columns

    def bound(self, parameters: Values) -> Any:
        """The parameters as the driver takes them."""
        values = {**self._constants, **parameters}
        for name, generate in self._generated.items():
            values[name] = generate(None)
        for name, items in self._lists:
            values.update(zip(items, values[name], strict=True))
        for name, convert in self._converted:
            values[name] = convert(values[name])
        if self._positional:
            return tuple([values[name] for name in self._names])
        return {name: values[name] for name in self._names}

    def result(self, cursor: Any) -> Any:
        """What the cursor has after the execution."""
        if cursor.description is None:
            return Done(cursor.rowcount)
        return IteratorResult(self._columns.of(cursor.description), iter(cursor.fetchall()))


class Columns:
    """What SQLAlchemy has to know of a statement's rows, from its first execution on.

    Some types, such as a float of PostgreSQL, are read by the driver's description of a cursor.
    """

    def __init__(self, compiled: SQLCompiler, dialect: Dialect) -> None:
        self._names = [column.keyname for column in compiled._result_columns]
        self._types = [column.type.dialect_impl(dialect) for column in compiled._result_columns]
        self._dialect = dialect
        self._metadata: SimpleResultMetaData | None = None

    def of(self, description: Sequence[Sequence[Any]]) -> SimpleResultMetaData:
        """The columns, of the description (PEP 249) of a cursor that has executed the statement."""
        if self._metadata is None:
            processors = [
                column.result_processor(self._dialect, described[1])
                for column, described in zip(self._types, description, strict=True)
            ]
            self._metadata = SimpleResultMetaData(self._names, _processors=processors)
        return self._metadata


def _lists(statement: Any, dialect: Dialect, parameters: Values) -> list[str]:
    """The names of the statement's parameters that are lists of values."""
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(parameters))
    return sorted({compiled.bind_names[parameter] for parameter in compiled.post_compile_params} & set(parameters))


def _plan(statement: Any, dialect: Dialect, parameters: Values, lists: Sequence[str]) -> Plan | None:
    """The plan; None where the statement needs more than a text and values."""
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(parameters))
    generated: dict[str, Any] = {column.key: column.default for column in compiled.insert_prefetch}
    if (
        compiled.effective_returning
        or compiled.update_prefetch
        or compiled.literal_execute_params
        or compiled.escaped_bind_names
        or any(not (default.is_scalar or default.is_callable) for default in generated.values())
        or any(len(parameters[name]) > MOST_ITEMS for name in lists)
        or any(parameter.callable for parameter in compiled.bind_names)
    ):
        return None
    expanded = compiled.construct_expanded_state(dict(parameters), escape_names=False)
    if expanded.processors:
        return None
    items = expanded.parameter_expansion
    constants = [name for parameter, name in compiled.bind_names.items() if not parameter.required]
    constants += [item for name in set(items) - set(lists) for item in items[name]]
    return Plan(
        expanded.statement,
        list((expanded.positiontup if compiled.positional else expanded.parameters) or ()),
        positional=compiled.positional,
        constants={name: expanded.parameters[name] for name in constants if name in expanded.parameters},
        generated={name: _generator(default) for name, default in generated.items()},
        converted=cast(Mapping[str, Convert], compiled._bind_processors),
        lists={name: items[name] for name in lists},
        columns=Columns(compiled, dialect),
    )


def _generator(default: Any) -> Convert:
    """A function that returns a column's default; it ignores its argument."""
    return default.arg if default.is_callable else lambda _context: default.arg
