"""The extensions that older clients ask for: parts of the API that are in every version now (C-SVC-004)."""

from reference.compute.context import Service
from reference.compute.errors import fault
from reference.wsgi.routes import Answer, Call, Operation, Route

# alias -> name
_EXTENSIONS = {
    "OS-DCF": "DiskConfig",
    "OS-EXT-AZ": "ExtendedAvailabilityZone",
    "OS-EXT-IPS": "ExtendedIps",
    "OS-EXT-IPS-MAC": "ExtendedIpsMac",
    "OS-EXT-SRV-ATTR": "ExtendedServerAttributes",
    "OS-EXT-STS": "ExtendedStatus",
    "OS-FLV-DISABLED": "FlavorDisabled",
    "OS-FLV-EXT-DATA": "FlavorExtraData",
    "OS-SRV-USG": "ServerUsage",
    "os-attach-interfaces": "AttachInterfaces",
    "os-availability-zone": "AvailabilityZone",
    "os-config-drive": "ConfigDrive",
    "os-flavor-manage": "FlavorManage",
    "os-instance-actions": "InstanceActions",
    "os-keypairs": "Keypairs",
    "os-lock-server": "LockServer",
    "os-multiple-create": "MultipleCreate",
    "os-quota-sets": "Quotas",
    "os-services": "Services",
    "os-used-limits": "UsedLimits",
}
UPDATED = "2014-12-03T00:00:00Z"


class Extensions:
    """The handlers of /extensions."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/v2.1/extensions", self.index),
            Route("GET", "/v2.1/extensions/{alias}", self.show, Operation(errors=(404,))),
        ]

    def index(self, _call: Call) -> Answer:
        return Answer({"extensions": [_view(alias) for alias in _EXTENSIONS]})

    def show(self, call: Call) -> Answer:
        alias = call.params["alias"]
        if alias not in _EXTENSIONS:
            raise fault(404, "The resource could not be found.")
        return Answer({"extension": _view(alias)})


def _view(alias: str) -> dict[str, object]:
    name = _EXTENSIONS[alias]
    properties = {"name": name, "alias": alias, "description": f"{name}, part of every version."}
    return {**properties, "namespace": "", "updated": UPDATED, "links": []}
