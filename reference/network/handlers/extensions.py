"""The extensions of this Networking, and its version documents (N-EXT)."""

from collections.abc import Sequence

from reference.config import Settings
from reference.network.rest.errors import error
from reference.network.rest.resource import Resource
from reference.wsgi.routes import Answer, Call, Operation, Route

# alias -> (name, date of its definition), of the extensions that are implemented
EXTENSIONS = {
    "auto-allocated-topology": ("Auto Allocated Topology Services", "2016-01-01T00:00:00-00:00"),
    "binding": ("Port Binding", "2014-02-03T10:00:00-00:00"),
    "default-subnetpools": ("Default Subnetpools", "2016-02-18T18:00:00-00:00"),
    "empty-string-filtering": ("Empty String Filtering Extension", "2018-05-01T10:00:00-00:00"),
    "ext-gw-mode": ("Neutron L3 Configurable external gateway mode", "2013-03-28T10:00:00-00:00"),
    "external-net": ("Neutron external network", "2013-01-14T10:00:00-00:00"),
    "filter-validation": ("Filter parameters validation", "2018-03-21T10:00:00-00:00"),
    "fip-port-details": ("Floating IP Port Details Extension", "2018-04-09T10:00:00-00:00"),
    "net-mtu": ("Network MTU", "2015-03-25T10:00:00-00:00"),
    "net-mtu-writable": ("Network MTU (writable)", "2017-07-12T00:00:00-00:00"),
    "pagination": ("Pagination support", "2016-06-12T00:00:00-00:00"),
    "project-id": ("project_id field enabled", "2016-09-09T09:09:09-09:09"),
    "quotas": ("Quota management support", "2012-07-29T10:00:00-00:00"),
    "quota_details": ("Quota details management support", "2017-02-10T10:00:00-00:00"),
    "rbac-policies": ("RBAC Policies", "2015-06-17T12:15:12-00:00"),
    "rbac-subnetpool": ("Add subnetpool type to RBAC", "2020-02-03T00:00:00-00:00"),
    "router": ("Neutron L3 Router", "2012-07-20T10:00:00-00:00"),
    "security-group": ("security-group", "2012-10-05T10:00:00-00:00"),
    "sorting": ("Sorting support", "2016-06-12T00:00:00-00:00"),
    "standard-attr-description": ("standard-attr-description", "2016-02-10T10:00:00-00:00"),
    "standard-attr-revisions": ("Resource revision numbers", "2016-04-11T10:00:00-00:00"),
    "standard-attr-tag": ("Tag support for resources with standard attribute", "2017-01-01T00:00:00-00:00"),
    "tag-creation": ("Tag creation extension", "2024-07-23T10:00:00-00:00"),
    "tag-ports-during-bulk-creation": ("Tag Ports During Bulk Creation", "2019-12-29T19:00:00-00:00"),
    "subnet-external-network": ("Subnet belongs to an external network", "2024-02-05T18:00:00-00:00"),
    "subnetpool-prefix-ops": ("Subnet Pool Prefix Operations", "2019-02-08T10:00:00-00:00"),
    "subnet_allocation": ("Subnet Allocation", "2015-03-30T10:00:00-00:00"),
}


class Discovery:
    """Version documents and extensions."""

    def __init__(self, settings: Settings, resources: Sequence[Resource]) -> None:
        self.url, self.shown = settings.url("network"), resources

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/", self.versions),
            Route("GET", "/v2.0/", self.resources),
            Route("GET", "/v2.0/extensions", self.extensions),
            Route("GET", "/v2.0/extensions/{alias}", self.extension, Operation(errors=(404,))),
            # no agents, and no other service providers, exist here
            Route("GET", "/v2.0/agents", lambda _call: Answer({"agents": []})),
            Route("GET", "/v2.0/service-providers", lambda _call: Answer({"service_providers": []})),
        ]

    def versions(self, _call: Call) -> Answer:
        links = [{"rel": "self", "href": f"{self.url}/v2.0/"}]
        return Answer({"versions": [{"id": "v2.0", "status": "CURRENT", "links": links}]})

    def resources(self, _call: Call) -> Answer:
        return Answer(
            {
                "resources": [
                    {
                        "name": resource.singular,
                        "collection": resource.plural,
                        "links": [{"rel": "self", "href": f"{self.url}{resource.path}"}],
                    }
                    for resource in self.shown
                ]
            }
        )

    def extensions(self, _call: Call) -> Answer:
        return Answer({"extensions": [_described(alias) for alias in sorted(EXTENSIONS)]})

    def extension(self, call: Call) -> Answer:
        if call.params["alias"] not in EXTENSIONS:
            raise error("HTTPNotFound")
        return Answer({"extension": _described(call.params["alias"])})


def _described(alias: str) -> dict[str, object]:
    name, updated = EXTENSIONS[alias]
    return {"alias": alias, "name": name, "description": f"{name}.", "updated": updated, "links": []}
