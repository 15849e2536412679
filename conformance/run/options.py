"""Options that several commands share: the cloud and its users, what to boot, profiles and deadlines."""

import argparse
import secrets
from typing import Any

from conformance.deadlines import Deadlines
from conformance.guests import places
from conformance.requirements.registry import DEFAULT_CLAIMS, Profile
from conformance.settings import UsageProblem, named_cloud

# options that go with --cloud
WITH_CLOUD = ("region", "alt_cloud", "admin_cloud", "accounts", "image", "flavor", "guest_image", "outside")


def add_cloud(parser: argparse._ActionsContainer, about: str) -> None:
    """--cloud and --region; `about` is the help of --cloud."""
    about = f"{about} ($OS_CLOUD, or a sourced openrc)"
    parser.add_argument("--cloud", metavar="NAME", default=named_cloud(), help=about)
    parser.add_argument("--region", metavar="NAME", default="", help="one of its regions ($OS_REGION_NAME)")


def add_users(parser: argparse._ActionsContainer) -> None:
    """Further users of the cloud, and the image and flavor to boot."""
    parser.add_argument("--alt-cloud", metavar="NAME", default="", help="a member of a second empty project")
    parser.add_argument(
        "--admin-cloud",
        metavar="NAME",
        default="",
        help="an administrator, who makes projects for the run and deletes them after it",
    )
    parser.add_argument(
        "--accounts",
        metavar="FILE",
        default="",
        help="members of empty projects, as Tempest's accounts file lists them",
    )
    for what_to_boot in ("image", "flavor"):
        parser.add_argument(
            f"--{what_to_boot}",
            metavar="NAME",
            default="",
            help=f"boot with this {what_to_boot}, by name or id (default: whichever needs the least)",
        )


def add_guests(parser: argparse._ActionsContainer) -> None:
    """What a run with guests needs: their image, and URLs for them to call."""
    parser.add_argument(
        "--guest-image",
        metavar="NAME",
        default="",
        help="the image of servers that report on their network (default: as --image): it runs user data, "
        "a shell script, and has busybox, or ip, wget, base64 and md5sum",
    )
    parser.add_argument(
        places.OPTION,
        metavar="URL,...",
        action="append",
        default=[],
        help="where gman outside serves, beyond the external network: http://ADDRESS:PORT/, one for each IP version",
    )


def add_profiles(parser: argparse._ActionsContainer) -> None:
    """Which profiles are judged."""
    parser.add_argument(
        "--claim",
        "--profile",
        metavar="PROFILE,...",
        dest="claims",
        type=_profiles,
        default=(),
        help=f"the profiles that the cloud claims, and is judged by, of {', '.join(Profile)} "
        f"(default {','.join(DEFAULT_CLAIMS)}, and connectivity with --outside; of the reference all, and connectivity "
        "with --guests)",
    )


def add_deadlines(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--deadline",
        metavar="NAME=SECONDS",
        dest="deadlines",
        action="append",
        default=[],
        help=f"change the seconds to wait for: {Deadlines.described()}",
    )


def _profiles(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in list(Profile):
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(Profile)}")
    return names


def given(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of Settings that these options name. Raises UsageProblem where they do not go together."""
    for name in WITH_CLOUD:
        if getattr(options, name) and not options.cloud:
            raise UsageProblem(f"--{name.replace('_', '-')} goes with --cloud: name that too")
    if options.admin_cloud and options.accounts:
        raise UsageProblem("--admin-cloud and --accounts are two ways to projects: give one of them")
    fields = {name: getattr(options, name) for name in ("cloud", *WITH_CLOUD)}
    return fields | {"outside": places.urls(options.outside), "deadlines": deadlines(options)}


def new_run_id() -> str:
    """A random name for a run, 8 hex digits."""
    return secrets.token_hex(4)


def deadlines(options: argparse.Namespace) -> Deadlines:
    """The deadlines, changed by --deadline. Raises UsageProblem for an unknown name or an invalid number."""
    try:
        return Deadlines().having(options.deadlines)
    except ValueError as error:
        raise UsageProblem(f"--deadline: {error}") from None
