"""All APIs describe themselves, and what they say is what is served."""

import re
from collections.abc import Iterator
from typing import Any

import falcon.inspect
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from reference.app import services
from reference.network import RESOURCES
from reference.network.rest.validators import schema_of
from reference.tests.clouds import Cloud

APIS = ("identity", "image", "network", "compute")


@pytest.fixture(params=APIS)
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def document(cloud: Cloud, api: str) -> dict[str, Any]:
    """What the API says of itself, to someone without a token."""
    answer = cloud.session.get(f"{cloud.session.base}/{api}/openapi.json", timeout=60)
    assert answer.status_code == 200, answer.text
    described: dict[str, Any] = answer.json()
    return described


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_it_is_openapi(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1.")


def test_every_route_is_described_and_nothing_else(cloud: Cloud, api: str, document: dict[str, Any]) -> None:
    app = services(cloud.store, cloud.settings).apps[api]
    assert isinstance(app, falcon.App)
    served = {
        (route.path, method.method)
        for route in falcon.inspect.inspect_routes(app)
        for method in route.methods
        if not method.internal
    }
    assert {(path, method) for path, method, _operation in operations(document)} == served


def test_every_path_parameter_is_described(document: dict[str, Any]) -> None:
    for path, _method, operation in operations(document):
        named = {item["name"] for item in operation["parameters"] if item["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path)), path


def test_calls_that_need_a_token_are_described_so(cloud: Cloud, api: str, document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        answer = cloud.session.request(method, f"{cloud.session.base}/{api}{path}", timeout=60)
        assert (answer.status_code == 401) == bool(operation["security"]), path
        signs_in = path == "/v3/auth/tokens" and method == "POST"  # its 401 refuses a password, not a token
        assert ("401" in operation["responses"]) == (bool(operation["security"]) or signs_in), path


@pytest.mark.parametrize(
    "attribute", [item for resource in RESOURCES for item in resource.attributes], ids=lambda item: item.name
)
def test_every_attribute_has_a_schema(attribute: Any) -> None:
    assert schema_of(attribute.check)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.plural)
def test_a_new_attribute_shows_in_bodies_and_filters(cloud: Cloud, resource: Any) -> None:
    document = cloud.session.get(f"{cloud.session.base}/network/openapi.json", timeout=60).json()
    path = document["paths"][f"/v2.0/{resource.plural.replace('_', '-')}"]
    body = path["post"]["requestBody"]["content"]["application/json"]["schema"]
    one = body["anyOf"][0] if resource.bulk else body
    properties = one["properties"][resource.singular]["properties"]
    assert set(properties) == {item.name for item in resource.attributes if item.post} | {"project_id", "tenant_id"}
    filters = {item["name"] for item in path["get"]["parameters"] if item["in"] == "query"}
    assert {"id", "tenant_id", "project_id", "limit", "fields", *resource.filters} <= filters


def test_microversions_that_change_a_call_are_described(cloud: Cloud) -> None:
    document = cloud.session.get(f"{cloud.session.base}/compute/openapi.json", timeout=60).json()
    create = document["paths"]["/v2.1/servers"]["post"]
    (header,) = [item for item in create["parameters"] if item["in"] == "header"]
    assert {"compute 2.1", "compute 2.37", "compute 2.100", "compute latest"} <= set(header["schema"]["enum"])
    assert (
        "hostname"
        in create["requestBody"]["content"]["application/json"]["schema"]["properties"]["server"]["properties"]
    )
