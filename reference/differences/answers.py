"""How answers of Networking and Compute look where no source prescribes it."""

import dataclasses
import itertools
import mmap
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import falcon

from reference import serve
from reference.compute import errors as compute_errors
from reference.compute.context import Service
from reference.differences.catalogue import difference
from reference.faults.seams import replace, shown, wrap
from reference.network.handlers import collection, extensions, pool_prefixes, quotas, tags
from reference.network.resources import networks, ports, rbac, routers, subnetpools, subnets
from reference.network.rest import errors, lists
from reference.wsgi import service
from reference.wsgi.errors import Problem
from reference.wsgi.routes import Route

# messages that clients look for (N-NET-027, N-SUB-012, N-ERR-014)
READ_BY_CLIENTS = (
    "There are one or more ports still in use on the network",
    "overlaps with another subnet",
    "disallowed by policy",
)
EXTENSIONS = "extensions"
UNLISTED = ("filter-validation", "quota_details", "rbac-subnetpool")
ABSENT = ("quota_details", "rbac-policies", "rbac-subnetpool", "standard-attr-tag", "subnetpool-prefix-ops")
INSIDE = "http://inside.invalid:1"
PAGE = 30  # items that a list has at most
EVERY = 25  # of this many requests to a worker, one is refused, with a time to retry
# attributes of extensions that this Networking does not have
OF_NETWORKS = {
    "availability_zone_hints": [],
    "availability_zones": ["nova"],
    "dns_domain": "",
    "ipv4_address_scope": None,
    "ipv6_address_scope": None,
    "l2_adjacency": True,
    "port_security_enabled": True,
    "qos_policy_id": None,
    "revision_number": 7,
    "vlan_transparent": None,
}
OF_SUBNETS = {"dns_publish_fixed_ip": False, "revision_number": 0, "router:external": False, "service_types": []}
OF_PORTS: dict[str, Any] = {
    "data_plane_status": None,
    "dns_assignment": [],
    "dns_name": "",
    "extra_dhcp_opts": [],
    "ip_allocation": "immediate",
    "port_security_enabled": True,
    "qos_network_policy_id": None,
    "resource_request": None,
    "revision_number": 3,
    "trunk_details": None,
}
OF_ROUTERS = {
    "availability_zones": ["nova"],
    "conntrack_helpers": [],
    "enable_ndp_proxy": None,
    "flavor_id": None,
    "revision_number": 4,
    "routes": [],
    "service_type_id": None,
}


@difference("any Neutron with more extensions", EXTENSIONS)
def more_attributes() -> None:
    """Networks, subnets, ports and routers show attributes of further extensions."""
    for resource, more in (
        (networks.RESOURCE, OF_NETWORKS),
        (subnets.RESOURCE, OF_SUBNETS),
        (ports.RESOURCE, OF_PORTS),
        (routers.RESOURCE, OF_ROUTERS),
    ):
        shown(resource)(lambda item, more=more: item.update({**more, **item}))()  # type: ignore[misc]


@difference("other implementations of Networking, and older ones", EXTENSIONS)
def fewer_extensions() -> None:
    """Networking neither has nor lists tags, RBAC policies, prefix operations and details of quotas."""
    for alias in ABSENT:
        del extensions.EXTENSIONS[alias]
    for holder, fits in (
        (tags.Tags, lambda _self, _route: False),
        (pool_prefixes.PoolPrefixes, lambda _self, _route: False),
        (quotas.Quotas, lambda _self, route: not route.path.endswith("/details")),
        (collection.Collection, lambda self, _route: self.resource is not rbac.RESOURCE),
    ):

        def routes(right: Any, self: Any, fits: Any = fits) -> list[Route]:
            return [route for route in right(self) if fits(self, route)]

        wrap(holder, "routes", routes)
    for resource in (networks.RESOURCE, subnets.RESOURCE, ports.RESOURCE, routers.RESOURCE, subnetpools.RESOURCE):
        shown(resource)(lambda item: item.pop("tags", None))()


@difference("Neutron with OVN", EXTENSIONS)
def unlisted_extensions() -> None:
    """Networking has, but does not list, shared subnet pools, validated filters and details of quotas."""
    for alias in UNLISTED:
        del extensions.EXTENSIONS[alias]


@difference("Networking without ML2, such as NSX")
def ports_start_active() -> None:
    """A port is ACTIVE when it is made, whether anything uses it or not."""
    replace(ports, "status_for", lambda _owner: "ACTIVE")


@difference("translated clouds, and other implementations")
def other_words() -> None:
    """Refusals of Networking and Compute are worded differently, except for words that clients look for."""

    def dialect(right: Any, problem: Problem) -> object:
        clue = next((words for words in READ_BY_CLIENTS if words in problem.message), "")
        return right(dataclasses.replace(problem, message=f"Cela ne va pas. {clue}"))

    for holder in (errors, compute_errors):
        wrap(holder, "dialect", dialect)


@difference("databases that promise no order")
def other_order() -> None:
    """Lists of Networking that ask for no order come in another one."""

    def order(right: Any, resource: Any, call: Any, backwards: bool) -> Any:
        return right(resource, call, backwards if call.query("sort_key") else not backwards)

    wrap(lists, "sort_order", order)


@difference("operators who bound lists (pagination_max_limit)")
def short_pages() -> None:
    """No list of Networking has more items than the operator allows; the rest is behind a link, and each links back."""
    wrap(lists, "page_limit", lambda right, call: min(right(call) or PAGE, PAGE))

    def page(right: Any, tx: Any, resource: Any, *more: Any) -> dict[str, Any]:
        body: dict[str, Any] = right(tx, resource, *more)
        call, url, items, links = *more[:2], body[resource.plural], body[f"{resource.plural}_links"]
        first = items[0].get("id") if items else None  # without the field id there is no marker to link back by
        if first and not lists.is_backwards(call) and not any(link["rel"] == "previous" for link in links):
            links.append({"rel": "previous", "href": lists.page_link(call, url, first, reverse=True)})
        return body if links else {resource.plural: items}

    wrap(lists, "page", page)


@difference("services that are reached by another name than their own (compute_link_prefix, a TLS proxy)")
def inner_links() -> None:
    """Networking and Compute link to their inner addresses, which nobody outside can reach."""
    replace(Service, "url", INSIDE)
    wrap(lists, "page_link", lambda right, call, url, *more, **named: INSIDE + _path(right(call, url, *more, **named)))


def _path(url: str) -> str:
    """The URL's path and query."""
    return url[url.index("/", len("https://")) :]


@difference("any service, on a day that is not its best")
def errors_of_a_moment() -> None:
    """The first lists of extensions and of default networks and pools answer 500; the next ones are right."""
    unlucky = [EXTENSIONS, networks.RESOURCE.plural, subnetpools.RESOURCE.plural]
    answered = mmap.mmap(-1, len(unlucky))  # shared with the processes that are forked from this one

    def fail_once(name: str) -> None:
        place = unlucky.index(name)
        if not answered[place]:
            answered[place] = 1
            raise Problem(500, "HTTPInternalServerError", "Request Failed: internal server error.")

    def listed(right: Any, self: collection.Collection, call: Any) -> Any:
        if self.resource.plural in unlucky and call.query("is_default"):
            fail_once(self.resource.plural)
        return right(self, call)

    def extended(right: Any, self: extensions.Discovery, call: Any) -> Any:
        fail_once(EXTENSIONS)
        return right(self, call)

    wrap(collection.Collection, "index", listed)
    wrap(extensions.Discovery, "extensions", extended)


@difference("services behind a proxy")
def behind_a_proxy() -> None:
    """Answers come without keep-alive, with headers of the proxy's, and in chunks."""
    replace(serve, "KEEPALIVE", 0)

    def adorned(
        right: Any, self: Any, req: falcon.Request, resp: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        right(self, req, resp, resource, succeeded)
        resp.set_header("Strict-Transport-Security", "max-age=31536000")
        resp.set_header("Via", "1.1 proxy")
        resp.append_header("Vary", "Accept-Encoding")
        if resp.media is not None:
            body = resp.render_body() or b""
            resp.stream = iter([body[: len(body) // 2], body[len(body) // 2 :]])
            resp.media = None
            resp.content_type = resp.content_type or falcon.MEDIA_JSON

    wrap(service.RequestId, "process_response", adorned)


@difference("rate limits of a load balancer, a firewall or an API gateway")
def limited_rate() -> None:
    """A gateway refuses one request of many until later, in its own words, and no service hears of it."""
    numbers, seconds = itertools.count(1), itertools.cycle("0001")

    def limited(app: WSGIApplication) -> WSGIApplication:
        def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if next(numbers) % EVERY:
                return app(environ, start_response)
            environ["wsgi.input"].read()  # the gateway reads all of a request before it decides
            start_response("429 Too Many Requests", [("Content-Type", "text/plain"), ("Retry-After", next(seconds))])
            return [b"slow down\n"]

        return front

    # only requests from outside: those between the services pass no gateway
    def application(right: Any, apps: dict[str, WSGIApplication], *more: Any) -> WSGIApplication:
        in_front: WSGIApplication = right({name: limited(app) for name, app in apps.items()}, *more)
        return in_front

    wrap(serve, "application", application)
