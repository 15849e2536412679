"""The keys of gabbi files beyond plain gabbi, and the checks of every response.

The collector uses these handlers; so can `gabbi-run -r conformance.gabbi.handlers`.
"""

import copy
import re
from functools import lru_cache
from typing import Any, ClassVar

from gabbi.exception import GabbiDataLoadError
from gabbi.handlers import base, core, jsonhandler
from jsonpath_ng.ext.parser import ExtendedJsonPathParser

from conformance.deadlines import Deadlines
from conformance.gabbi.every_response import Response, violations_of
from conformance.schema import complaint
from conformance.target.transport import JSON
from conformance.untrusted import UntrustedError, parse_json

# Parsing a path takes as long as a request, and making a parser as long as three.
compiled = lru_cache(maxsize=4096)(ExtendedJsonPathParser().parse)


def matches(data: Any, path: str) -> list[Any]:
    """The values that a JSONPath finds in `data`."""
    return [match.value for match in compiled(path).find(data)]


def _body(test: Any) -> Any:
    """The JSON of the answer. Raises AssertionError where there is none."""
    if test.response_data is None:
        raise AssertionError("the answer holds no JSON")
    return test.response_data


class Json(jsonhandler.JSONHandler):  # type: ignore[misc]
    """gabbi's own JSON handler, with a cache of compiled paths. By default a test sends JSON and accepts it."""

    def _register(self) -> None:
        super()._register()
        self.test_base["request_headers"] = {"accept": JSON, "content-type": JSON}

    @staticmethod
    def loads(data: str) -> Any:
        """The value of a response's body. Raises GabbiDataLoadError, which fails the test, where it is no JSON."""
        try:
            return parse_json(data)
        except UntrustedError as error:
            raise GabbiDataLoadError(str(error)) from None

    @staticmethod
    def extract_json_path_value(data: Any, path: str) -> Any:
        values = matches(data, path)
        if not values:
            raise ValueError(f"JSONPath {path!r} finds nothing in {data!r}")
        return values if len(values) > 1 else values[0]


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
        values = matches(_body(test), path)
        if values:
            raise AssertionError(f"{path} should find nothing, and finds {values}")


class Count(base.ResponseHandler):  # type: ignore[misc]
    """`response_json_count: {path: n}`: the path finds n values. The list that they are counted in must exist."""

    test_key_suffix = "json_count"
    test_key_value: ClassVar[dict[str, Any]] = {}

    def action(self, test: Any, item: str, value: Any = None) -> None:
        path = test.replace_template(item)
        expected = int(test.replace_template(value))
        container, bracket, _ = path.rpartition("[")
        if bracket and not expected and not matches(_body(test), container):
            raise AssertionError(f"{container}, to count in, is not there")
        values = matches(_body(test), path)
        if len(values) != expected:
            raise AssertionError(f"{path} should find {expected}, and finds {len(values)}: {values}")


class Least(base.ResponseHandler):  # type: ignore[misc]
    """`response_json_least: {path: n}`: the path finds a number, and it is n or more."""

    test_key_suffix = "json_least"
    test_key_value: ClassVar[dict[str, Any]] = {}

    def action(self, test: Any, item: str, value: Any = None) -> None:
        path = test.replace_template(item)
        least = int(test.replace_template(value))
        number = Json.extract_json_path_value(_body(test), path)
        if not isinstance(number, int) or number < least:
            raise AssertionError(f"{path} should be {least} or more, and is {number!r}")


class EachValue(base.ResponseHandler):  # type: ignore[misc]
    """`response_json_each: {path: /regex/}`: the path finds values, and the regex matches in each of them."""

    test_key_suffix = "json_each"
    test_key_value: ClassVar[dict[str, str]] = {}

    def action(self, test: Any, item: str, value: Any = None) -> None:
        path = test.replace_template(item)
        pattern = re.compile(value.removeprefix("/").removesuffix("/"))
        values = matches(_body(test), path)
        others = [result for result in values if not pattern.search(str(result))]
        if others or not values:
            raise AssertionError(f"each {path} should match {value}, and there is {others or 'none'}")


class Schema(base.ResponseHandler):  # type: ignore[misc]
    """`response_schema: NAME`: the body is as schemas/NAME.json says."""

    test_key_suffix = "schema"
    test_key_value = ""

    def __call__(self, test: Any) -> None:
        name = test.test_data[self._key]
        violation = complaint(name, _body(test)) if name else ""
        if violation:
            raise AssertionError(f"the body does not fit the schema {name}: {violation}")


class SameAs(base.ResponseHandler):  # type: ignore[misc]
    """`response_same_as: {test: NAME, ignore: [path, ...]}`: the body equals that of an earlier test of the file."""

    test_key_suffix = "same_as"
    test_key_value: ClassVar[dict[str, Any]] = {}

    def __call__(self, test: Any) -> None:
        arguments = test.test_data[self._key]
        if not arguments:
            return
        ignored = arguments.get("ignore", [])
        earlier = _remove_paths(_body(test.history[arguments["test"]]), ignored)
        present = _remove_paths(_body(test), ignored)
        if earlier != present:
            raise AssertionError(f"the body differs from that of {arguments['test']!r}: {present} is not {earlier}")


def _remove_paths(data: Any, paths: list[str]) -> Any:
    """A copy without what the paths find."""
    data = copy.deepcopy(data)
    for path in paths:
        compiled(path).filter(lambda _: True, data)
    return data


class PollUntil(base.ResponseHandler):  # type: ignore[misc]
    """`response_poll_until: {path: [value, ...]}`: polling ends when the path finds one of the values.

    The runner polls until `reached`; whether the value is right is for the test's other keys.
    """

    test_key_suffix = "poll_until"
    test_key_value: ClassVar[dict[str, list[Any]]] = {}

    def action(self, test: Any, item: str, value: Any = None) -> None:
        if not reached(test):
            raise AssertionError(f"{item} is none of {value}")


def reached(test: Any) -> bool:
    """Whether the answer shows a state that ends the polling of this test."""
    states = test.test_data.get("response_poll_until") or {}
    data = test.response_data
    return data is not None and any(value in values for path, values in states.items() for value in matches(data, path))


class EveryResponse(base.ResponseHandler):  # type: ignore[misc]
    """Adds the response to the test's list `answers`, to be checked later; without one, violations fail the test."""

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
        responses: list[Response] | None = getattr(test, "answers", None)
        if responses is not None:
            responses.append(response)
        elif violations := violations_of(response):
            raise AssertionError("; ".join(violation.text for violation in violations))


def gabbi_response_handlers() -> list[type]:
    """The handler classes, in the order in which they are called; `Json` replaces gabbi's own JSON handler."""
    own = [EveryResponse, Covers, Json, Absent, Count, Least, EachValue, Schema, SameAs, PollUntil]
    return [*own, core.ForbiddenHeadersResponseHandler, core.HeadersResponseHandler, core.StringResponseHandler]
