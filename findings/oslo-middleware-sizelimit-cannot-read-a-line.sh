#!/usr/bin/env bash
# Software: oslo.middleware 8.2.0, RequestBodySizeLimiter ("sizelimit"), with WebOb 1.8.11.
# Expected: PEP 3333: the input stream has read(), readline(), readlines() and iteration, and a middleware is a server to the
#   application behind it. A body within the limit reaches the application as it would without the filter.
# Seen: in a request without Content-Length, with Transfer-Encoding: chunked, an application that calls readline() ends in
#   AttributeError, behind the filter alone; with Content-Length it does not. A body above the limit is answered with 413 and
#   "Larger than max_request_body_size (%s).", without the number.
# Why: LimitingReader, put in place of the stream where the length is unknown, has read() and __iter__() alone; the text of the
#   error is formatted for the log, and not for the response.
# Hurts: services behind the filter, which is in the paste pipeline of most, whose code or library reads lines: 500 for a chunked
#   request.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check oslo.middleware==8.2.0 WebOb==1.8.11 || exit 77
"$dir/venv/bin/python" -W ignore - <<'PYTHON'
import io
import sys

import webob
from oslo_middleware import sizelimit


def lines(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    stream = environ["wsgi.input"]
    return [stream.readline(), *stream.readlines()]


def answer(application, body, **headers):
    request = webob.Request.blank("/", method="POST")
    request.environ.pop("CONTENT_LENGTH", None)
    request.environ.update({"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True} | headers)
    try:
        return request.get_response(application).text.strip().splitlines()[-1]
    except AttributeError as error:
        return str(error)


limited = sizelimit.RequestBodySizeLimiter(lines)
chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
seen = [
    answer(lines, b"a\nb\n", **chunked),
    answer(limited, b"a\nb\n", CONTENT_LENGTH="4"),
    answer(limited, b"a\nb\n", **chunked),
    answer(limited, b"a" * 200000, CONTENT_LENGTH="200000"),
]
print(*seen, sep="\n")
if seen != [
    "b",
    "b",
    "'LimitingReader' object has no attribute 'readline'",
    "Request is too large. Larger than max_request_body_size (%s).",
]:
    sys.exit("changed")
PYTHON
