#!/usr/bin/env bash
# falcon 4.4.0: a conditional request with a date in one of the two older formats is answered 400.
#
# Expected: RFC 9110, 5.6.7: "A recipient that parses a timestamp value in an HTTP field MUST accept all three HTTP-date
#   formats"; 13.1.3: a recipient "MUST ignore" an If-Modified-Since that is no valid date. In no case is it an error.
# Seen: If-Modified-Since in RFC 850's and in asctime's format: 400 Invalid header value, where req.if_modified_since is
#   read; the same for Date and If-Unmodified-Since.
# Why: falcon.Request.if_modified_since calls get_header_as_datetime without obs_date=True, and http_date_to_dt then
#   knows one format; with it, it knows all of them.
# Hurts: old clients and devices whose library writes asctime dates, and proxies that pass on a Last-Modified as they
#   got it: every revalidation fails.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-compile --disable-pip-version-check falcon==4.4.0
"$dir/venv/bin/python" - <<'EOF'
import sys
import falcon
from falcon import testing

class Page:
    def on_get(self, request, response):
        response.text = str(request.if_modified_since)

app = falcon.App()
app.add_route("/", Page())
client = testing.TestClient(app)
seen = []
for date in ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"):
    answer = client.simulate_get("/", headers={"If-Modified-Since": date})
    seen.append(answer.status_code)
    print(f"If-Modified-Since: {date:31} -> {answer.status}: {answer.text}")
if seen != [200, 400, 400]:
    sys.exit("changed")
EOF
