"""What the request schemas of Nova and Keystone say of a request: 200 where it fits, 400 where it does not.

Runs in the virtual environment of the real services, as a program. It reads a JSON object a line,
`{"call": {"method", "target", "headers", "body"}}`, and answers with `{"status", "body"}`; Nova's targets begin with
/compute/v2.1, Keystone's with /identity/v3. Nova's own table of routes says which schema a request has; Keystone's are
named here.
"""

import json
import os
import re
import sys
import traceback
from urllib.parse import parse_qs, urlsplit

ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)  # before logs take standard output for themselves
os.dup2(2, 1)

from keystone import exception as keystone_errors  # noqa: E402
from keystone.api.validation import validators as keystone_validators  # noqa: E402
from keystone.application_credential import schema as credentials  # noqa: E402
from keystone.assignment import schema as roles  # noqa: E402
from keystone.auth import schema as tokens  # noqa: E402
from keystone.identity import schema as users  # noqa: E402
from keystone.resource import schema as projects  # noqa: E402
from nova import exception as nova_errors  # noqa: E402
from nova.api.openstack import api_version_request  # noqa: E402
from nova.api.openstack.compute import routes  # noqa: E402
from nova.api.validation import validators as nova_validators  # noqa: E402

REFUSED = (nova_errors.ValidationError, keystone_errors.ValidationError, keystone_errors.SchemaValidationError)
KEYSTONE = {
    ("POST", r"/projects"): projects.project_create_request_body,
    ("PATCH", r"/projects/[^/]+"): projects.project_update_request_body,
    ("PUT", r"/projects/[^/]+/tags"): projects.tags_update_request_body,
    ("POST", r"/domains"): projects.domain_create_request_body,
    ("PATCH", r"/domains/[^/]+"): projects.domain_update_request_body,
    ("POST", r"/users"): users.user_create_request,
    ("PATCH", r"/users/[^/]+"): users.user_update_request,
    ("POST", r"/users/[^/]+/password"): users.password_change,
    ("POST", r"/roles"): roles.role_create_request_body,
    ("PATCH", r"/roles/[^/]+"): roles.role_update_request_body,
    ("POST", r"/users/[^/]+/application_credentials"): credentials.application_credential_create_request_body,
    ("GET", r"/projects"): projects.project_index_request_query,
    ("GET", r"/domains"): projects.domain_index_request_query,
    ("GET", r"/users"): users.user_index_request_query,
    ("GET", r"/roles"): roles.roles_index_request_query,
    ("GET", r"/role_assignments"): roles.role_assignments_index_request_query,
}


class Versioned:
    """The part of a request that Nova's schemas need: its version."""

    def __init__(self, headers):
        text = headers.get("OpenStack-API-Version", "compute 2.1").split()[-1]
        self.api_version_request = api_version_request.APIVersionRequest(text)


def compute(call, path, query, body):
    """Raise a ValidationError where Nova's schemas refuse the request."""
    request = Versioned(dict(call["headers"]))
    for template, methods in routes.ROUTE_LIST:
        if call["method"] in methods and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            controller, action = methods[call["method"]]
            method = controller_method(*controller.args, action, body)
            if call["method"] != "GET":
                validate(method, "request_body_schemas", request, body, is_body=True)
            validate(method, "request_query_schemas", request, query, is_body=False)
            return
    raise LookupError(path)


def controller_method(controller, others, name, body):
    """The method of a controller's class, or of one of the classes that serve actions, by the action in the body."""
    if name != "action":
        return getattr(controller, name)
    action = next(iter(body)) if isinstance(body, dict) and len(body) == 1 else None
    owner = next((owner for owner in (controller, *others) if action in owner.wsgi_actions), None)
    if owner is None:
        raise nova_errors.ValidationError(detail=f"{body} is no action")
    return getattr(owner, owner.wsgi_actions[action])


def validate(method, kind, request, value, *, is_body):
    schemas = getattr(method, kind, None)
    schema = schemas(request) if schemas else None
    if schema is not None:
        nova_validators._SchemaValidator(schema, is_body=is_body).validate(value)


def identity(call, path, query, body):
    """Raise a ValidationError where Keystone's schema refuses the request."""
    if path == "/auth/tokens":
        identity_of_token(body)
        return
    schema = next(
        schema for (method, form), schema in KEYSTONE.items() if method == call["method"] and re.fullmatch(form, path)
    )
    is_body = call["method"] != "GET"
    target = body if is_body else {name: values[0] if len(values) == 1 else values for name, values in query.items()}
    keystone_validators._SchemaValidator(schema, is_body=is_body).validate(target)


def identity_of_token(body):
    """Raise a ValidationError where Keystone's schema, and what it checks beside it, refuse an authentication."""
    if not isinstance(body, dict) or not isinstance(body.get("auth"), dict):
        raise keystone_errors.ValidationError(attribute="auth", target="request body")
    tokens.validate_issue_token_auth(body["auth"])


def answer(call):
    target = urlsplit(call["target"])
    service, _, rest = target.path.lstrip("/").partition("/")
    path = "/" + rest.partition("/")[2]
    query = parse_qs(target.query, keep_blank_values=True)
    body = None if call["body"] is None else json.loads(call["body"])
    try:
        (compute if service == "compute" else identity)(call, path, query, body)
    except REFUSED:
        return {"status": 400, "body": "{}"}
    except Exception:  # noqa: BLE001 - a crash of the real service is an answer, too
        traceback.print_exc()
        return {"status": 500, "body": "{}"}
    return {"status": 200, "body": "{}"}


for line in sys.stdin:
    ANSWERS.write(json.dumps(answer(json.loads(line)["call"])) + "\n")
