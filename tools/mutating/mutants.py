"""Small changes of a module's source, one at a time, each a possible fault."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

Change = Callable[[], None]

AROUND = 40  # characters on both sides of a change that are shown
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@dataclass(frozen=True)
class Mutant:
    """A changed module: `source` is all of it, `before` and `after` show the change and a little on both sides."""

    file: Path
    line: int
    before: str
    after: str
    source: str


def places(file: Path) -> int:
    """The number of mutants of a module."""
    return sum(1 for _site in _sites(ast.parse(file.read_text())))


def mutant(file: Path, place: int) -> Mutant:
    """The module's mutant with that number, from 0 on."""
    tree = ast.parse(file.read_text())
    statement, change = next(islice(_sites(tree), place, None))
    before, line = ast.unparse(statement), statement.lineno
    change()
    return Mutant(file, line, *_excerpts(before, ast.unparse(statement)), ast.unparse(tree))


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """The part of each of two texts in which they differ, with AROUND characters on both sides."""
    alike_at_start = _alike(before, after)
    alike_at_end = _alike(before[alike_at_start:][::-1], after[alike_at_start:][::-1])

    def excerpt(text: str) -> str:
        start, end = max(0, alike_at_start - AROUND), len(text) - max(0, alike_at_end - AROUND)
        return " ".join(f"{'...' if start else ''}{text[start:end]}{'...' if end < len(text) else ''}".split())

    return excerpt(before), excerpt(after)


def _alike(text: str, other: str) -> int:
    """The number of characters at the beginning that both have."""
    return sum(1 for _same in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))


def _sites(tree: ast.Module) -> Iterator[tuple[ast.stmt, Change]]:
    """Each possible change, with the statement that it changes."""
    annotation_ids = {id(node) for parent in ast.walk(tree) for node in _annotations(parent)}
    for statement in (node for node in ast.walk(tree) if isinstance(node, ast.stmt)):
        for change in _of_statement(statement):
            yield statement, change
        for node in _within(statement):
            if id(node) not in annotation_ids:
                for change in _of_expression(node):
                    yield statement, change


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("annotation", "returns"):
        if (annotation := getattr(node, name, None)) is not None:
            yield from ast.walk(annotation)


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """The expressions of a statement, not those of statements in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield child
            yield from _within(child)


def _of_statement(statement: ast.stmt) -> Iterator[Change]:
    """A condition always or never holds; a call or an error does not happen."""
    if isinstance(statement, ast.If):
        yield from (partial(setattr, statement, "test", ast.Constant(holds)) for holds in (True, False))
    if isinstance(statement, ast.Raise) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        yield partial(_becomes_nothing, statement)


def _becomes_nothing(statement: ast.stmt) -> None:
    statement.__class__ = ast.Expr  # the tree refers to this very node
    statement.__dict__.update(value=ast.Constant(...))


def _of_expression(node: ast.AST) -> Iterator[Change]:
    """Another comparison, another answer, one item less."""
    match node:
        case ast.Compare(ops=[op]):
            yield partial(setattr, node, "ops", [OPPOSITE[type(op)]()])
        case ast.BoolOp(op=op):
            yield partial(setattr, node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield partial(setattr, node, "operand", ast.UnaryOp(ast.Not(), operand))
        case ast.IfExp():
            yield from (partial(setattr, node, "test", ast.Constant(holds)) for holds in (True, False))
        case ast.Constant(value=bool(value)):
            yield partial(setattr, node, "value", not value)
        case ast.comprehension(ifs=[_, *_]):
            yield partial(setattr, node, "ifs", [])
        case ast.Dict(keys=keys):
            yield from (partial(_lose, node.keys, node.values, place=place) for place in range(len(keys)))
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            if len(items) > 1 and all(isinstance(item, ast.Constant) for item in items):
                yield from (partial(_lose, items, place=place) for place in range(len(items)))


def _lose(*lists: list[Any], place: int) -> None:
    for items in lists:
        del items[place]
