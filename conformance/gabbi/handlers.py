"""What gabbi files may say beyond plain gabbi, and what is looked at in every answer.

The collector uses these handlers; so can `gabbi-run -r conformance.gabbi.handlers`.
"""

import copy
import re
from functools import lru_cache
from typing import Any, ClassVar

from gabbi.handlers import base, core, jsonhandler
from jsonpath_ng.ext.parser import ExtendedJsonPathParser

from conformance.deadlines import Deadlines
from conformance.gabbi.every_response import Response, violations_of
from conformance.schema import complaint
from conformance.target.transport import JSON

# To parse a path costs as much as a request, and to make a parser as much as three.
compiled = lru_cache(maxsize=4096)(ExtendedJsonPathParser().parse)


def matches(data: Any, path: str) -> list[Any]:
    """The values that a JSONPath finds in `data`."""
    return [match.value for match in compiled(path).find(data)]


def _body(test: Any) -> Any:
    if test.response_data is None:
        raise AssertionError("the answer holds no JSON")
    return test.response_data


class Json(jsonhandler.JSONHandler):  # type: ignore[misc]
    """gabbi's own JSON handler, with compiled paths kept. A test that says nothing else sends JSON and accepts it."""

    def _register(self) -> None:
        super()._register()
        self.test_base["request_headers"] = {"accept": JSON, "content-type": JSON}

    @staticmethod
    def extract_json_path_value(data: Any, path: str) -> Any:
        found = matches(data, path)
        if not found:
            raise ValueError(f"JSONPath {path!r} finds nothing in {data!r}")
        return found if len(found) > 1 else found[0]


class Covers(base.ResponseHandler):  # type: ignore[misc]
    """`response_covers: [ID, ...]`: the requirements that the test observes. Nothing is checked: the suite reads it."""

    test_key_suffix = "covers"
    test_key_value: ClassVar[list[str]] = []


class Absent(base.ResponseHandler):  # type: ignore[misc]
    """`response_json_absent: [path, ...]`: none of the paths finds anything."""

    test_key_suffix = "json_absent"
    test_key_value: ClassVar[list[str]] = []

    def action(self, test: Any, item: str, value: Any = None) -> None:
        path = test.replace_template(item)
        found = matches(_body(test), path)
        if found:
            raise AssertionError(f"{path} should find nothing, and finds {found}")


class Count(base.ResponseHandler):  # type: ignore[misc]
    """`response_json_count: {path: n}`: the path finds n values. What they are counted in must be there."""

    test_key_suffix = "json_count"
    test_key_value: ClassVar[dict[str, Any]] = {}

    def action(self, test: Any, item: str, value: Any = None) -> None:
        path = test.replace_template(item)
        wanted = int(test.replace_template(value))
        container, bracket, _ = path.rpartition("[")
        if bracket and not wanted and not matches(_body(test), container):
            raise AssertionError(f"{container}, to count in, is not there")
        found = matches(_body(test), path)
        if len(found) != wanted:
            raise AssertionError(f"{path} should find {wanted}, and finds {len(found)}: {found}")


class Least(base.ResponseHandler):  # type: ignore[misc]
    """`response_json_least: {path: n}`: the path finds a number, and it is n or more."""

    test_key_suffix = "json_least"
    test_key_value: ClassVar[dict[str, Any]] = {}

    def action(self, test: Any, item: str, value: Any = None) -> None:
        path = test.replace_template(item)
        least = int(test.replace_template(value))
        found = Json.extract_json_path_value(_body(test), path)
        if not isinstance(found, int) or found < least:
            raise AssertionError(f"{path} should be {least} or more, and is {found!r}")


class Each(base.ResponseHandler):  # type: ignore[misc]
    """`response_json_each: {path: /regex/}`: the path finds something, and the regex something in each of it."""

    test_key_suffix = "json_each"
    test_key_value: ClassVar[dict[str, str]] = {}

    def action(self, test: Any, item: str, value: Any = None) -> None:
        path = test.replace_template(item)
        wanted = re.compile(value.removeprefix("/").removesuffix("/"))
        found = matches(_body(test), path)
        wrong = [each for each in found if not wanted.search(str(each))]
        if wrong or not found:
            raise AssertionError(f"each {path} should match {value}, and there is {wrong or 'none'}")


class Schema(base.ResponseHandler):  # type: ignore[misc]
    """`response_schema: NAME`: the body is as schemas/NAME.json says."""

    test_key_suffix = "schema"
    test_key_value = ""

    def __call__(self, test: Any) -> None:
        name = test.test_data[self._key]
        wrong = complaint(name, _body(test)) if name else ""
        if wrong:
            raise AssertionError(f"the body is no {name}: {wrong}")


class SameAs(base.ResponseHandler):  # type: ignore[misc]
    """`response_same_as: {test: NAME, ignore: [path, ...]}`: the body equals that of an earlier test of the file."""

    test_key_suffix = "same_as"
    test_key_value: ClassVar[dict[str, Any]] = {}

    def __call__(self, test: Any) -> None:
        wanted = test.test_data[self._key]
        if not wanted:
            return
        ignored = wanted.get("ignore", [])
        earlier = _without(_body(test.history[wanted["test"]]), ignored)
        now = _without(_body(test), ignored)
        if earlier != now:
            raise AssertionError(f"the body differs from that of {wanted['test']!r}: {now} is not {earlier}")


def _without(data: Any, paths: list[str]) -> Any:
    data = copy.deepcopy(data)
    for path in paths:
        compiled(path).filter(lambda _: True, data)
    return data


class PollUntil(base.ResponseHandler):  # type: ignore[misc]
    """`response_poll_until: {path: [value, ...]}`: a poll is over when the path finds one of the values.

    The collector asks `reached`; the value found is for the test's other keys to judge.
    """

    test_key_suffix = "poll_until"
    test_key_value: ClassVar[dict[str, list[Any]]] = {}

    def action(self, test: Any, item: str, value: Any = None) -> None:
        if not reached(test):
            raise AssertionError(f"{item} is none of {value}")


def reached(test: Any) -> bool:
    """Whether the answer shows a state that a poll of this test ends with."""
    wanted = test.test_data.get("response_poll_until") or {}
    data = test.response_data
    return data is not None and any(found in values for path, values in wanted.items() for found in matches(data, path))


class Always(base.ResponseHandler):  # type: ignore[misc]
    """Checks what every response must have: a test with a list `answers` gets it, else a violation fails the test."""

    test_key_suffix = "always"

    def _register(self) -> None:
        self.response_handler = self
        self.content_handler = None
        self.test_base = {"timeout": Deadlines().request}

    def __call__(self, test: Any) -> None:
        response = Response(
            url=test.url,
            request_headers=test.test_data["request_headers"],
            status=int(test.response["status"]),
            headers=test.response,
            body=test.output,
        )
        kept: list[Response] | None = getattr(test, "answers", None)
        if kept is not None:
            kept.append(response)
        elif violations := violations_of(response):
            raise AssertionError("; ".join(violation.text for violation in violations))


def gabbi_response_handlers() -> list[type]:
    """The handler classes, in the order they are asked in; gabbi's JSON handler is replaced by ours."""
    own = [Always, Covers, Json, Absent, Count, Least, Each, Schema, SameAs, PollUntil]
    return [*own, core.ForbiddenHeadersResponseHandler, core.HeadersResponseHandler, core.StringResponseHandler]
