"""The pairs that are compared: Networking with its state, and the schemas of Compute and Identity."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from fuzzing import wire
from fuzzing.plans import Plan
from fuzzing.values import Ref

from differential.comparison import Twins
from differential.play import Objects, Pair
from differential.real_side import Program, RealNetwork, RealSchemas
from differential.reference_side import ReferenceNetwork, ReferenceSchemas
from differential.scenes import SCENES, creation
from reference.bootstrap import EXTERNAL, EXTERNAL_SUBNETS, POOLS

# the operator's one-time set-up, as the reference has it when it comes up
SET_UP = (
    creation("networks", "admin", **EXTERNAL),
    *(creation("subnets", "admin", network_id=Ref("networks", 0), **subnet) for subnet in EXTERNAL_SUBNETS),
    *(creation("subnetpools", "admin", **pool) for pool in POOLS),
)


@contextmanager
def networking(python: Path, folder: Path) -> Iterator[Pair]:
    """Neutron beside Networking of the reference, both set up. Raises ServiceError."""
    program = Program(python, "neutron_service.py", folder / "neutron.log")
    with closing(program), closing(ReferenceNetwork(folder / "network")) as reference:
        pair = Pair(RealNetwork(program), reference, SCENES)
        pair.prepare(SET_UP)
        yield pair


@contextmanager
def schemas(python: Path, folder: Path) -> Iterator[Pair]:
    """The schemas of Nova and Keystone beside Compute and Identity of the reference, with a server to ask about."""
    program = Program(python, "schema_service.py", folder / "schemas.log")
    with closing(program), closing(ReferenceSchemas(folder / "schemas")) as reference:
        pair = Pair(RealSchemas(program), reference)
        pair.begin(_objects(reference), Twins())
        yield pair


def _objects(reference: ReferenceSchemas) -> Objects:
    """The ids of the reference's objects by kind, and of a server made for this."""
    images = _answer_of(reference, Plan("image", "GET", ("", "v2", "images")))["images"]
    body = {"server": {"name": "s", "flavorRef": "1", "imageRef": images[0]["id"]}}
    servers = [_answer_of(reference, Plan("compute", "POST", ("", "v2.1", "servers"), body=body))["server"]]
    projects = _answer_of(reference, Plan("identity", "GET", ("", "v3", "projects")))["projects"]
    networks = _answer_of(reference, Plan("network", "GET", ("", "v2.0", "networks")))["networks"]
    users = _answer_of(reference, Plan("identity", "GET", ("", "v3", "users"), query=(("name", "admin"),)))["users"]
    kinds = {"images": images, "servers": servers, "projects": projects, "networks": networks, "users": users}
    kinds["flavors"] = [{"id": "1"}]
    return Objects({kind: [(item["id"], item["id"]) for item in items] for kind, items in kinds.items()})


def _answer_of(reference: ReferenceSchemas, plan: Plan) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = json.loads(reference.answer(wire.write(plan, {}), "admin").body)
    return answer
