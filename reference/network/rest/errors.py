"""Networking's errors as one table of type, status and message, and their body (N-ERR-001, N-ERR-002)."""

from collections.abc import Iterable

from reference.wsgi.errors import Problem

_NETWORK_IN_USE = (
    "Unable to complete operation on network {id}. There are one or more ports still in use on the network, "
    "id for these ports is: {ports}."
)
# type -> (HTTP status, message); `error` fills in the values in braces
ERRORS: dict[str, tuple[int, str]] = {
    "AdminRequired": (403, "User does not have admin privileges: {reason}."),
    "AllocationOnAutoAddressSubnet": (
        400,
        "IPv6 address {ip} can not be directly assigned to a port on subnet {id}: it has automatic addresses.",
    ),
    "AutoAllocationFailure": (409, "Deployment error: {reason}."),
    "BadRequest": (400, "Bad {resource} request: {text}."),
    "AddressScopeNotFound": (404, "Address scope {id} could not be found."),
    "DefaultExternalNetworkExists": (409, "A default external network already exists: {id}."),
    "DNSNameServersExhausted": (400, "The number of DNS nameservers exceeds the limit {most}."),
    "DeviceIDNotOwnedByTenant": (
        409,
        "The following device_id {id} is not owned by your tenant or matches another's router.",
    ),
    "DuplicateRbacPolicy": (409, "An RBAC policy already exists with those values."),
    "DuplicateSecurityGroupRuleInPost": (409, "Duplicate Security Group Rule in POST."),
    "EmptySubnetPoolPrefixList": (400, "Empty subnet pool prefix list."),
    "ExternalNetworkInUse": (
        409,
        "External network {id} cannot be updated to be made non-external, since it has existing gateway ports.",
    ),
    "ExternalIpAddressExhausted": (400, "Unable to find any IPv4 address on external network {id}."),
    "ExternalGatewayForFloatingIPNotFound": (
        404,
        "External network {id} is not reachable from subnet {subnet}: port {port} cannot have a floating IP.",
    ),
    "FloatingIPPortAlreadyAssociated": (
        409,
        "Cannot associate a floating IP with port {port} using fixed IP {address}: it already has floating IP {id}.",
    ),
    "FloatingIPNotFound": (404, "Floating IP {id} could not be found"),
    "GatewayIpInUse": (409, "Current gateway ip {ip} already in use by port {id}. Unable to update."),
    "GatewayConflictWithAllocationPools": (409, "Gateway ip {ip} conflicts with allocation pool {pool}."),
    "HTTPBadRequest": (400, "{text}"),
    "HTTPNotFound": (404, "The resource could not be found."),
    "HostRoutesExhausted": (400, "The number of host routes exceeds the limit {most}."),
    "IllegalSubnetPoolPrefixBounds": (400, "Illegal prefix bounds: {text}."),
    "IllegalSubnetPoolPrefixUpdate": (400, "Illegal update to prefixes: {text}."),
    "InvalidActionForType": (400, "Invalid action '{action}' for object type '{object_type}'. Valid actions: {valid}"),
    "InvalidAllocationPool": (400, "The allocation pool {pool} is not valid."),
    "InvalidCIDR": (400, "Invalid CIDR {prefix} given as IP prefix."),
    "InvalidInput": (400, "Invalid input for operation: {text}."),
    "InvalidIpForNetwork": (
        400,
        "IP address {ip} is not a valid IP for any of the subnets on the specified network.",
    ),
    "InvalidIpForSubnet": (400, "IP address {ip} is not a valid IP for the specified subnet."),
    "InvalidSharedSetting": (
        409,
        "Unable to reconfigure sharing settings for network {name}. Multiple projects are using it.",
    ),
    "IpAddressAlreadyAllocated": (409, "IP address {ip} already allocated in subnet {id}"),
    "IpAddressGenerationFailure": (409, "No more IP addresses available on network {id}."),
    "MacAddressInUse": (
        409,
        "Unable to complete operation for network {id}. The mac address {mac} is in use.",
    ),
    "MaxPrefixSubnetAllocationError": (
        400,
        "Unable to allocate subnet with prefix length {length}, maximum allowed prefix is {bound}.",
    ),
    "MinPrefixSubnetAllocationError": (
        400,
        "Unable to allocate subnet with prefix length {length}, minimum allowed prefix is {bound}.",
    ),
    "NetworkInUse": (409, _NETWORK_IN_USE),
    "NetworkMTUSubnetConflict": (409, "MTU of {mtu} is not valid, subnet requires a minimum of {least}"),
    "NetworkNotFound": (404, "Network {id} could not be found."),
    "NetworkSubnetPoolAffinityError": (
        400,
        "Subnets hosted on the same network must be allocated from the same subnet pool.",
    ),
    "NotAuthorized": (403, "Not authorized."),
    "OverlappingAllocationPools": (409, "Found overlapping allocation pools for subnet {prefix}."),
    "OutOfBoundsAllocationPool": (400, "The allocation pool {pool} spans beyond the subnet cidr {prefix}."),
    "OverQuota": (409, "Quota exceeded for resources: ['{resource}']."),
    "PolicyNotAuthorized": (403, "rule:{rule} is disallowed by policy"),
    "PortInUse": (
        409,
        "Unable to complete operation on port {id}. Port already has an attached device {device}.",
    ),
    "PortNotFound": (404, "Port {id} could not be found."),
    "PrefixVersionMismatch": (400, "Cannot mix IPv4 and IPv6 prefixes in a subnet pool."),
    "RbacPolicyInUse": (
        409,
        "RBAC policy on object {id} cannot be removed because other objects depend on it.\nDetails: {details}",
    ),
    "RbacPolicyNotFound": (404, "RBAC policy with ID {id} not found"),
    "RouterExternalGatewayInUseByFloatingIp": (
        409,
        "Gateway cannot be updated for router {id}: floating IPs of external network {network} need it.",
    ),
    "RouterInterfaceInUseByFloatingIP": (
        409,
        "Router interface for subnet {subnet} on router {id} cannot be deleted: one or more floating IPs need it.",
    ),
    "RouterInterfaceNotFound": (404, "Router {id} does not have an interface with id {port}"),
    "RouterInterfaceNotFoundForSubnet": (404, "Router {id} has no interface on subnet {subnet}"),
    "RouterInUse": (409, "Router {id} has ports still attached: {ports}"),
    "RouterNotFound": (404, "Router {id} could not be found"),
    "SecurityGroupCannotRemoveDefault": (409, "Insufficient rights for removing default security group."),
    "SecurityGroupCannotUpdateDefault": (409, "Updating default security group not allowed."),
    "SecurityGroupDefaultAlreadyExists": (409, "Default security group already exists."),
    "SecurityGroupEthertypeConflictWithProtocol": (400, "Invalid ethertype {ethertype} for protocol {protocol}."),
    "SecurityGroupInvalidIcmpValue": (400, "Invalid value for ICMP {field}: {value}. It must be 0 to 255."),
    "SecurityGroupInvalidPortValue": (400, "Invalid value for port {port}"),
    "SecurityGroupInvalidProtocolForPort": (400, "Ports cannot be specified for protocol {protocol}."),
    "SecurityGroupMissingIcmpType": (400, "ICMP code (port-range-max) {value} is provided but ICMP type is missing."),
    "SecurityGroupMultipleRemoteEntites": (400, "Only one of remote_ip_prefix or remote_group_id may be provided."),
    "SecurityGroupProtocolRequiredWithPorts": (400, "Must also specify protocol if port range is given."),
    "SecurityGroupRuleExists": (409, "Security group rule already exists. Rule id is {id}."),
    "SecurityGroupRuleInvalidEtherType": (
        400,
        "Security group rule for ethertype '{ethertype}' not supported. Allowed values are IPv4 and IPv6.",
    ),
    "SecurityGroupRuleInvalidProtocol": (
        400,
        "Security group rule protocol {protocol} not supported. Supported are numbers from 0 to 255, any, {names}.",
    ),
    "SecurityGroupRuleParameterConflict": (400, "Conflicting value ethertype {ethertype} for CIDR {prefix}"),
    "SecurityGroupInvalidPortRange": (400, "For TCP/UDP protocols, port_range_min must be <= port_range_max"),
    "SecurityGroupNotSingleGroupRules": (400, "Only allowed to update rules for one security profile at a time"),
    "SecurityGroupInUse": (409, "Security Group {id} in use."),
    "SecurityGroupNotFound": (404, "Security group {id} does not exist"),
    "SecurityGroupRuleNotFound": (404, "Security group rule {id} does not exist"),
    "ServicePortInUse": (
        409,
        "Port {id} cannot be deleted directly via the port API: has device owner {owner}.",
    ),
    "SubnetAllocationError": (409, "Failed to allocate subnet: {reason}."),
    "SubnetInUse": (
        409,
        "Unable to complete operation on subnet {id}: One or more ports have an IP allocation from this subnet.",
    ),
    "SubnetMismatchForPort": (400, "Subnet on port {id} does not match the requested subnet {subnet}."),
    "SubnetNotFound": (404, "Subnet {id} could not be found."),
    "SubnetPoolDeleteError": (400, "Unable to delete subnet pool: Subnet pool has existing allocations."),
    "SubnetPoolNotFound": (404, "Subnet pool {id} could not be found."),
    "SubnetPoolQuotaExceeded": (409, "Per-project subnet pool prefix quota exceeded."),
    "TagNotFound": (404, "Tag {tag} could not be found."),
    "TenantQuotaNotFound": (404, "Quota for project {id} could not be found."),
    "UnsupportedPortDeviceOwner": (
        409,
        "Operation {operation} is not supported for device_owner {owner} on port {id}.",
    ),
}

KINDS = tuple(ERRORS)

# status of an error that the framework raises itself -> its type
NAMES: dict[int, str] = {
    400: "HTTPBadRequest",
    404: "HTTPNotFound",
    405: "HTTPMethodNotAllowed",
    408: "HTTPRequestTimeout",
    413: "HTTPRequestEntityTooLarge",
    500: "HTTPInternalServerError",
    503: "HTTPServiceUnavailable",
}
CRASH = "Request Failed: internal server error while processing your request."


def error(kind: str, **values: object) -> Problem:
    """The problem of that type, with its message filled in, to be raised."""
    status, sentence = ERRORS[kind]
    return Problem(status, kind, sentence.format(**values))


def unrecognized(names: Iterable[str]) -> Problem:
    """The refusal (400) of names that are no attributes."""
    return bad_request(f"Unrecognized attribute(s) '{', '.join(names)}'")


def bad_request(text: str) -> Problem:
    """The 400 with that message."""
    return error("HTTPBadRequest", text=text)


def dialect(problem: Problem) -> object:
    """The body of an error; a crash tells nothing of its reason."""
    message = CRASH if problem.status == 500 else problem.message
    if problem.kind == "HTTPNotFound":
        message = "The resource could not be found."
    return {"NeutronError": {"type": problem.kind, "message": message, "detail": ""}}
