"""The requirements whose tests find a fault soonest, for faults in requirements that are checked in every answer."""

from collections.abc import Collection

from conformance.coverage.requirement_tests import EVERYWHERE

REFUSALS = ("N-ERR-001", "C-ERR-001")  # successes and errors of both services
STORIES = {
    "N-OBJ-001": ("N-NET-020", "N-NET-021", "N-NET-005", "N-SUB-003"),
    "N-OBJ-002": ("N-SUB-003", "N-SUB-002"),
    "N-OBJ-003": ("N-PORT-001", "N-PORT-005", "N-PORT-019", "N-RBAC-006"),
    "N-OBJ-004": ("N-RTR-001",),
    "N-OBJ-005": ("N-RTR-016",),
    "N-OBJ-006": ("N-PORT-013", "N-PORT-020"),
    "N-OBJ-007": ("N-SP-009",),
    "N-OBJ-008": ("N-RBAC-008",),
    "N-OBJ-009": ("N-QUOTA-003b",),
    "N-OBJ-010": ("N-AAT-001",),
    "N-OBJ-011": ("N-PORT-001", "N-RTR-016", "N-AAT-003"),
    "N-OBJ-012": ("N-NET-020",),
    "N-OBJ-013": ("N-NET-025", "N-AAT-050", "N-PORT-019", "N-PORT-020", "N-RBAC-007", "N-RTR-026"),
    "N-OBJ-015": (
        "N-NET-030",
        "N-PORT-019",
        "N-RTR-026",
        "N-SUB-015",
        "N-AAT-003",
        "N-SP-009",
        "N-RTR-020",
        "N-AAT-029",
    ),
    "C-OBJ-001": ("C-SRV-003", "C-SRV-004", "C-SRV-021", "C-FAULT-004"),
    "C-OBJ-002": ("C-SRV-011", "C-SRV-012"),
    "C-OBJ-003": ("C-SRV-004", "C-BUILD-008"),
    "C-OBJ-004": ("C-SVC-003", "C-SVC-004"),
    "C-OBJ-005": ("C-MULTI-006",),
    "C-OBJ-006": ("C-SRV-003", "C-SRV-020", "C-SRV-021"),
    "C-OBJ-007": ("C-SRV-003",),
    "C-OBJ-008": ("C-SRV-014", "C-CW-10"),
    "C-OBJ-009": ("C-SRV-014",),
    "C-OBJ-010": ("C-SRV-003",),
    "C-OBJ-011": ("C-SRV-003", "C-FAULT-001"),
    "C-OBJ-012": ("C-SRV-003", "C-SRV-021"),
    "C-OBJ-013": ("C-SRV-007",),
    "G-005": ("G-002", "C-ERR-025"),
    "K-009": ("K-006",),
    "K-010": ("K-002",),
}


def of(breaks: Collection[str]) -> tuple[str, ...]:
    """The requirements whose tests show whether a fault that breaks these is there."""
    return tuple(dict.fromkeys(id_ for broken in breaks for id_ in _of(broken)))


def _of(broken: str) -> tuple[str, ...]:
    return STORIES.get(broken, REFUSALS if broken in EVERYWHERE else (broken,))
