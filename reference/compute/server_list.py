"""Lists of servers: the query parameters, since which version and for whom (C-SRV-007, C-SRV-008)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Row

from reference.compute import paging, timestamps
from reference.compute.errors import bad_query, fault, forbidden
from reference.compute.locks import is_locked
from reference.compute.microversion import MINIMUM, Version, version_of
from reference.compute.network_client import Networks
from reference.compute.query import STRICT
from reference.compute.schemas.types import is_true
from reference.compute.tables import servers
from reference.store import Store, regex
from reference.wsgi.routes import STRING, Call

Condition = Callable[[str], sa.ColumnElement[bool]]
_C = servers.c
_OWN = _C.project_id == sa.bindparam("me")
_STATES = {"BUILD": "building", "ACTIVE": "active", "ERROR": "error"}
# states that servers never reach here, but that a client may ask for
_OTHER_STATES = set(
    """DELETED HARD_REBOOT MIGRATING PASSWORD PAUSED REBOOT REBUILD RESCUE RESIZE REVERT_RESIZE SHELVED
    SHELVED_OFFLOADED SHUTOFF SOFT_DELETED SUSPENDED UNKNOWN VERIFY_RESIZE""".split()  # noqa: SIM905 - words, not a column of strings
)
_YES, _NO = ("1", "on", "t", "true", "y", "yes"), ("0", "f", "false", "n", "no", "off")
_LOCKED_SINCE = Version(2, 73)
_POWERS = {"0": ("building", "error"), "1": ("active",)}


@dataclass(frozen=True)
class Filter:
    """A query parameter: the condition of its value, and from which version on admins and members may use it."""

    name: str
    condition: Condition
    since: Version = MINIMUM
    member_since: Version | None = MINIMUM  # None: for admins only


def _equal(column: sa.Column[Any]) -> Condition:
    return lambda value: column == value


def _matching(column: sa.Column[Any]) -> Condition:
    """The condition of a regular expression that matches anywhere in the column."""
    return lambda value: column.regexp_match(value)


def _require_regex(name: str, value: str) -> Any:
    """The regular expression, to be searched for with its `search`. Raises Problem (400)."""
    try:
        if value:
            return regex.compiled(value)
    except ValueError:
        pass
    raise bad_query(name, value, f"'{value}' is not a 'regex'")


def _when(name: str, column: sa.Column[Any], *, before: bool = False) -> Condition:
    def condition(value: str) -> sa.ColumnElement[bool]:
        moment = timestamps.of_query(name, value)
        return column <= moment if before else column >= moment

    return condition


def _tagged(*, every: bool, negate: bool) -> Condition:
    def condition(value: str) -> sa.ColumnElement[bool]:
        tags = [_C.tags.contains(f",{tag},", autoescape=True) for tag in value.split(",")]
        combined = sa.and_(*tags) if every else sa.or_(*tags)
        return sa.not_(combined) if negate else combined

    return condition


def _flag(value: str) -> bool:
    """The truth value of a word. Raises Problem: 400 for any other."""
    if value.lower() not in (*_YES, *_NO):
        allowed = ", ".join(f"'{word}'" for word in sorted((*_YES, *_NO)))
        raise fault(400, f"Unrecognized value '{value}', acceptable values are: {allowed}")
    return value.lower() in _YES


FILTERS = (
    Filter("name", _matching(_C.name)),
    Filter("reservation_id", _equal(_C.reservation_id)),
    Filter("image", _equal(_C.image_id)),
    Filter("flavor", _equal(_C.flavor_id)),
    Filter("changes-since", _when("changes-since", _C.updated_at)),
    Filter("changes-before", _when("changes-before", _C.updated_at, before=True), Version(2, 66)),
    Filter("tags", _tagged(every=True, negate=False), Version(2, 26)),
    Filter("tags-any", _tagged(every=False, negate=False), Version(2, 26)),
    Filter("not-tags", _tagged(every=True, negate=True), Version(2, 26)),
    Filter("not-tags-any", _tagged(every=False, negate=True), Version(2, 26)),
    Filter("locked", lambda value: is_locked() == _flag(value), _LOCKED_SINCE),
    Filter("hostname", _matching(_C.hostname), member_since=Version(2, 90)),
    Filter("availability_zone", _equal(_C.zone), member_since=Version(2, 83)),
    Filter("config_drive", lambda value: (_C.config_drive != "") == is_true(value), member_since=Version(2, 83)),
    Filter("key_name", _equal(_C.key_name), member_since=Version(2, 83)),
    Filter("created_at", _equal(_C.created_at), member_since=Version(2, 83)),
    Filter("launched_at", _equal(_C.launched_at), member_since=Version(2, 83)),
    Filter("power_state", lambda value: _C.vm_state.in_(_POWERS.get(value, ())), member_since=Version(2, 83)),
    Filter("task_state", _equal(_C.task_state), member_since=Version(2, 83)),
    Filter("vm_state", _equal(_C.vm_state), member_since=Version(2, 83)),
    Filter("user_id", _equal(_C.user_id), member_since=Version(2, 83)),
    Filter("uuid", _equal(_C.id), member_since=None),
    Filter("host", _equal(_C.host), member_since=None),
    Filter("node", _equal(_C.host), member_since=None),
    Filter("description", _matching(_C.description), member_since=None),
    Filter("deleted", lambda value: sa.not_(sa.literal(value.lower() in _YES)), member_since=None),
)
SORT_KEYS: dict[str, sa.ColumnElement[Any] | None] = {
    "access_ip_v4": _C.access_ip_v4,
    "access_ip_v6": _C.access_ip_v6,
    "auto_disk_config": _C.disk_config,
    "availability_zone": sa.func.coalesce(_C.zone, ""),
    "config_drive": _C.config_drive,
    "created_at": _C.created_at,
    "display_description": sa.func.coalesce(_C.description, ""),
    "display_name": _C.name,
    "hostname": _C.hostname,
    "image_ref": _C.image_id,
    "key_name": sa.func.coalesce(_C.key_name, ""),
    "launch_index": _C.launch_index,
    "launched_at": sa.func.coalesce(_C.launched_at, ""),
    "locked": sa.case((is_locked(), 1), else_=0),
    "locked_by": sa.func.coalesce(_C.locked_by, ""),
    "project_id": _C.project_id,
    "task_state": sa.func.coalesce(_C.task_state, ""),
    "updated_at": _C.updated_at,
    "user_id": _C.user_id,
    "uuid": _C.id,
    "vm_state": _C.vm_state,
    # keys whose values are the same for all servers here, or whose order cannot be observed
    **dict.fromkeys(
        "instance_type_id kernel_id power_state progress ramdisk_id root_device_name terminated_at".split()  # noqa: SIM905
    ),
}
# keys that older versions accept without sorting by them; from version STRICT on they are unknown
_IGNORED_SORT_KEYS = frozenset(
    """architecture cell_name cleaned default_ephemeral_device default_swap_device deleted deleted_at disable_terminate
    ephemeral_gb ephemeral_key_uuid id key_data launched_on memory_mb os_type reservation_id root_gb
    shutdown_terminate user_data vcpus vm_mode""".split()  # noqa: SIM905 - words, not a column of strings
)
_SORT_KEYS_OF_ADMINS = {"host": sa.func.coalesce(_C.host, ""), "node": sa.func.coalesce(_C.host, "")}
_CONTROL = ("limit", "marker", "sort_key", "sort_dir", "all_tenants", "project_id", "tenant_id", "status", "ip", "ip6")
# known, but without effect on servers like these
_IGNORED = """access_ip_v4 access_ip_v6 auto_disk_config block_device_mapping display_description display_name
    image_ref info_cache kernel_id launch_index locked_by metadata pci_devices progress ramdisk_id root_device_name
    security_groups services soft_deleted system_metadata terminated_at""".split()  # noqa: SIM905
# filters whose values Nova reads as regular expressions, whether the caller may use them or not, by version
_PATTERNS = {
    **dict.fromkeys(
        """access_ip_v4 access_ip_v6 auto_disk_config availability_zone config_drive created_at description
        display_description display_name flavor hostname ip ip6 kernel_id key_name launched_at locked_by name node
        power_state progress ramdisk_id reservation_id root_device_name terminated_at""".split(),  # noqa: SIM905
        MINIMUM,
    ),
    **dict.fromkeys(("tags", "tags-any", "not-tags", "not-tags-any"), Version(2, 26)),
}
PARAMETERS = {
    **dict.fromkeys((*(entry.name for entry in FILTERS), *_CONTROL, *_IGNORED), STRING),
    **paging.parameters({**SORT_KEYS, **_SORT_KEYS_OF_ADMINS}),
}


def page(store: Store, networks: Networks, call: Call, url: str) -> tuple[Sequence[Row[Any]], dict[str, Any]]:
    """The servers of the page that the query asks for, and the body's link to the next. Raises Problem (400, 403)."""
    _refuse_unknown(call)
    _require_patterns(call)
    statement = _those((owner_condition(call), *_status(call), *_conditions(call), *_addressed(networks, call)))
    order = paging.order(call, _sort_keys(call), "created_at", ascending=False, ignored=_ignored_sort_keys(call))
    with store.read() as tx:
        rows, has_more = paging.page(tx, call, statement, _C.id, order, {"me": call.caller.project_id})
    link = paging.following(call, f"{url}{call.request.path}", rows[-1].id) if has_more else []
    return rows, {"servers_links": link} if has_more else {}


@lru_cache(maxsize=64)
def _those(conditions: tuple[sa.ColumnElement[bool], ...]) -> sa.Select[Any]:
    """The SELECT of servers for which all conditions hold; the same object for the same conditions."""
    return sa.select(servers).where(*conditions)


def _sort_keys(call: Call) -> paging.Columns:
    """The columns to sort by. Raises Problem: 403 for keys that only admins may use."""
    for key in call.query("sort_key"):
        if key in _SORT_KEYS_OF_ADMINS and not call.caller.is_admin:
            raise fault(403, f"Only administrators can sort servers by {key}")
    return {**SORT_KEYS, **_SORT_KEYS_OF_ADMINS}


def _ignored_sort_keys(call: Call) -> frozenset[str]:
    version = version_of(call)
    unknown_later = _IGNORED_SORT_KEYS if version < STRICT else frozenset()
    return unknown_later | ({"locked"} if version < _LOCKED_SINCE else set())


def _refuse_unknown(call: Call) -> None:
    """Refuse unknown parameters, from version STRICT on. Raises Problem (400)."""
    if version_of(call) < STRICT:
        return
    version = version_of(call)
    names = {*_CONTROL, *_IGNORED, *(entry.name for entry in FILTERS if version >= entry.since)}
    for name in call.request.params:
        if name not in names and not name.startswith("_"):
            raise fault(400, f"'{name}' does not match any of the regexes: '^_'")


def _require_patterns(call: Call) -> None:
    """Refuse invalid regular expressions, among them the empty text. Raises Problem (400)."""
    for name, start in _PATTERNS.items():
        for value in call.query(name) if version_of(call) >= start else ():
            _require_regex(name, value)


def _everyone(call: Call) -> bool:
    return _flag((call.query("all_tenants") or ["false"])[-1] or "true")


def owner_condition(call: Call) -> sa.ColumnElement[bool]:
    """The caller's project; with `all_tenants`, for admins, every project or the one named. Raises Problem (403)."""
    projects = (call.query("project_id") or call.query("tenant_id"))[-1:]
    if _everyone(call):
        if not call.caller.is_admin:
            raise forbidden("os_compute_api:servers:index:get_all_tenants")
        return _C.project_id == projects[0] if projects else sa.true()
    return _OWN


def _status(call: Call) -> list[sa.ColumnElement[bool]]:
    """The conditions of `status`; unknown ones match nothing. Raises Problem (400, 403)."""
    requested = [value.upper() for value in call.query("status")]
    states = [value for value in requested if value in _STATES or value in _OTHER_STATES]
    if requested and not states and version_of(call) >= (2, 38):
        raise fault(400, "Invalid status value")
    if "DELETED" in requested and not call.caller.is_admin:
        raise fault(403, "Only administrators may list deleted instances")
    return [_C.vm_state.in_([_STATES[value] for value in states if value in _STATES])] if requested else []


def _conditions(call: Call) -> list[sa.ColumnElement[bool]]:
    """The conditions of all filters that the caller may use in this version; others are ignored."""
    conditions = []
    version = version_of(call)
    for entry in FILTERS:
        allowed = call.caller.is_admin or (entry.member_since is not None and version >= entry.member_since)
        if allowed and version >= entry.since:
            conditions += [entry.condition(value) for value in call.query(entry.name)[-1:]]
    return conditions


def _addressed(networks: Networks, call: Call) -> list[sa.ColumnElement[bool]]:
    """The conditions of `ip` and `ip6`, regular expressions that match one of the addresses. Raises Problem (400)."""
    since = {"ip": MINIMUM, "ip6": Version(2, 5)}
    pairs = [
        (name, value) for name, start in since.items() if version_of(call) >= start for value in call.query(name)[-1:]
    ]
    forms = [_require_regex(name, value) for name, value in pairs]
    if not forms:
        return []
    ports = networks.addressed_ports(None if _everyone(call) else call.caller.project_id)
    return [
        _C.id.in_([p["device_id"] for p in ports if any(form.search(ip["ip_address"]) for ip in p["fixed_ips"])])
        for form in forms
    ]
