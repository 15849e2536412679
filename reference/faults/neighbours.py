"""Faults in answers of calls in flight together: one gets the answer of another, whole or in one field. What is stored
is right. The calls of all workers are compared, in memory that they share.
"""

import fcntl
import json
import mmap
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from wsgiref.types import WSGIEnvironment

from reference.catalogue import Plant
from reference.faults.catalogue import Fault, entry, table
from reference.faults.outside import Outgoing, at_the_edge
from reference.faults.seams import A_WHILE

SIZE = 1 << 20  # bytes that the workers share
MOST = 40  # answers that are remembered
HEADERS = ("x-openstack-request-id", "x-compute-request-id")
Answer = dict[str, Any]
Mix = Callable[[Outgoing, Answer], bool]  # whether the other answer has something to mix in


@dataclass(frozen=True)
class Operation:
    """A call that races: its method, the end of its path, the envelope of its answer, and the fields of one object."""

    name: str
    method: str
    path: str
    envelope: str
    fields: str  # separated by blanks
    requirement: str

    def matches(self, environ: WSGIEnvironment) -> bool:
        path = str(environ["PATH_INFO"]).rstrip("/")
        return environ["REQUEST_METHOD"] == self.method and self.path in path and not path.endswith("/action")

    def inner(self, body: Any) -> Any:
        return body.get(self.envelope) if self.envelope and isinstance(body, dict) else body

    def faults(self) -> Iterator[Fault]:
        yield entry(f"{self.name}-gets-the-neighbours-answer", self.requirement, race=True)(
            f"Of calls of {self.name} in flight together one is answered with what another was.", _mixed(self, _whole)
        )
        yield entry(f"{self.name}-gets-the-neighbours-request-id", self.requirement, race=True)(
            f"Of calls of {self.name} in flight together one has the request id of another.", _mixed(self, _headers)
        )
        for field in self.fields.split():
            yield entry(f"{self.name}-gets-the-neighbours-{field.replace('_', '-')}", self.requirement, race=True)(
                f"Of calls of {self.name} in flight together one is answered with the {field} of another.",
                _mixed(self, _field(self, field)),
            )


class _Shared:
    """The last answers of all workers, as JSON in memory that they share; locks keep processes and threads apart."""

    def __init__(self) -> None:
        self._file = os.memfd_create("answers")
        os.truncate(self._file, SIZE)
        self._memory = mmap.mmap(self._file, SIZE)
        self._threads = threading.Lock()

    @contextmanager
    def answers(self) -> Iterator[list[Answer]]:
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                text = self._memory[:].split(b"\0", 1)[0]
                answers = json.loads(text) if text else []
                yield answers
                data = json.dumps(answers[-MOST:]).encode()
                self._memory[: len(data) + 1] = data + b"\0"
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def _mixed(operation: Operation, mix: Mix) -> Plant:
    """Let a call be answered with a part of the answer to another one that ended while it was in flight."""

    def plant() -> None:
        shared = _Shared()

        def around(environ: WSGIEnvironment, answer: Callable[[], Outgoing]) -> Outgoing:
            if not operation.matches(environ):
                return answer()
            began = monotonic()
            outgoing = answer()
            sleep(A_WHILE)  # as calls of a real cloud take longer
            own = {"ended": monotonic(), "status": outgoing.status, "headers": outgoing.headers, "body": outgoing.body}
            with shared.answers() as answers:
                neighbours = [other for other in answers if other["ended"] >= began]
                answers.append(own)
            any(mix(outgoing, neighbour) for neighbour in reversed(neighbours))
            return outgoing

        at_the_edge(around)()

    return plant


def _whole(outgoing: Outgoing, other: Answer) -> bool:
    outgoing.status, outgoing.body = other["status"], other["body"]
    outgoing.headers = [(name, value) for name, value in other["headers"]]
    return True


def _headers(outgoing: Outgoing, other: Answer) -> bool:
    other_headers = {name.lower(): value for name, value in other["headers"] if name.lower() in HEADERS}
    outgoing.headers = [(name, other_headers.get(name.lower(), value)) for name, value in outgoing.headers]
    return True


def _field(operation: Operation, field: str) -> Mix:
    def mix(outgoing: Outgoing, other: Answer) -> bool:
        own, other_object = operation.inner(outgoing.body), operation.inner(other["body"])
        if not (isinstance(own, dict) and isinstance(other_object, dict) and field in own and field in other_object):
            return False
        own[field] = other_object[field]
        return True

    return mix


OPERATIONS: Sequence[Operation] = (
    Operation(
        "topology-get",
        "GET",
        "/auto-allocated-topology/",
        "auto_allocated_topology",
        "id project_id tenant_id",
        "N-AAT-077",
    ),
    Operation("topology-delete", "DELETE", "/auto-allocated-topology/", "", "", "N-AAT-077"),
    Operation("boot", "POST", "/servers", "server", "id", "C-CW-15"),
    Operation("server-delete", "DELETE", "/servers/", "", "", "C-CW-16"),
    Operation(
        "subnet",
        "POST",
        "/v2.0/subnets",
        "subnet",
        "id network_id cidr gateway_ip allocation_pools",
        "N-SUB-026",
    ),
    Operation("port", "POST", "/v2.0/ports", "port", "id mac_address fixed_ips", "N-PORT-018"),
    Operation("interface", "PUT", "/add_router_interface", "", "", "N-RTR-025"),  # only one succeeds at a time
    Operation("floating-ip", "POST", "/v2.0/floatingips", "floatingip", "id floating_ip_address", "N-RTR-024"),
)
table(*(fault for operation in OPERATIONS for fault in operation.faults()))
