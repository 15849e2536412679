"""The settings of a run without gman's command line, under stestr, testtools.run or pytest alone: from the environment.

| Variable | Stands for |
|---|---|
| OS_CLOUD, or OS_AUTH_URL and its like | --cloud |
| GMAN_ALT_CLOUD, GMAN_ADMIN_CLOUD, GMAN_ACCOUNTS | --alt-cloud, --admin-cloud, --accounts |
| GMAN_GUEST_IMAGE, GMAN_OUTSIDE | --guest-image, --outside |
| GMAN_CLAIM, GMAN_DISRUPTIVE, GMAN_WAIVERS | --claim, --disruptive (1), --waivers |
| GMAN_REPORT | --report: there the histories of races go; a temporary directory where it is not set |
"""

import os
import secrets
import tempfile
from pathlib import Path

from conformance.guests import places
from conformance.requirements.registry import Profile
from conformance.settings import Settings, UsageProblem, named_cloud
from conformance.verdict.claims import judged


def settings() -> Settings:
    """The settings that the environment names. Raises UsageProblem."""
    cloud = named_cloud()
    if not cloud:
        raise UsageProblem("name the cloud: OS_CLOUD, or source its openrc")
    claims = tuple(name.strip() for name in os.environ.get("GMAN_CLAIM", "").split(",") if name.strip())
    for name in claims:
        if name not in list(Profile):
            raise UsageProblem(f"GMAN_CLAIM: {name!r} is not one of {', '.join(Profile)}")
    outside = places.urls([os.environ.get("GMAN_OUTSIDE", "")])
    report = os.environ.get("GMAN_REPORT") or tempfile.mkdtemp(prefix="gman-report-")
    return Settings(
        cloud=cloud,
        report=Path(report).absolute(),
        run_id=secrets.token_hex(4),
        claims=judged(claims, embedded=False, guests=bool(outside)),
        guest_image=os.environ.get("GMAN_GUEST_IMAGE", ""),
        outside=outside,
        disruptive=os.environ.get("GMAN_DISRUPTIVE") == "1",
        alt_cloud=os.environ.get("GMAN_ALT_CLOUD", ""),
        admin_cloud=os.environ.get("GMAN_ADMIN_CLOUD", ""),
        accounts=os.environ.get("GMAN_ACCOUNTS", ""),
        waivers=os.environ.get("GMAN_WAIVERS", ""),
    )
