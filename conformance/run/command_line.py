"""The options of `gman run` that say what is tested, as words of a command line: a report names them."""

import argparse
from collections.abc import Mapping, Sequence

from conformance.race.engine import options as races
from conformance.settings import UsageProblem

# What a report says of what was tested, and of who publishes it: the option's name, and what it is
PUBLISHED: Mapping[str, str] = {
    "organization": "who publishes the report",
    "product": "what was tested, by the name that it is sold or known by",
    "version": "its version",
    "contact": "where questions go, such as a URL",
}
# Name among the parsed options -> flag. Left out: the options for the report's place, and --race-from, as it starts
# programs, and a report may come from anybody.
FLAGS: Mapping[str, str] = {
    name: f"--{name.replace('_', '-')}"
    for name in (
        *("cloud", "region", "alt_cloud", "admin_cloud", "accounts", "image", "flavor", "guest_image", "outside"),
        *("guests", "networking_release", "disruptive", "requirement", "exclude", "waivers"),
        *PUBLISHED,
        *(number.name.removeprefix("--").replace("-", "_") for number in races.NUMBERS),
    )
} | {"claims": "--claim", "keyword": "-k", "processes": "-n", "deadlines": "--deadline"}


SHORT = len("-k")


class Parser(argparse.ArgumentParser):
    """Raises UsageProblem for invalid arguments, where argparse would exit."""

    def error(self, message: str) -> None:  # type: ignore[override] # argparse would end the program
        raise UsageProblem(message)


def allowed(stored: Sequence[str]) -> list[str]:
    """The words of a report, which may come from anybody. Raises UsageProblem for one that names another option."""
    for word in stored:
        if not any(
            word == flag or word.startswith(f"{flag}=" if len(flag) > SHORT else flag) for flag in FLAGS.values()
        ):
            raise UsageProblem(f"{word!r} is none that a report names")
    return list(stored)


def words(options: argparse.Namespace, defaults: argparse.Namespace) -> list[str]:
    """The cloud, and options that differ from the defaults, as words that parse to the same options."""
    arguments = [f"--cloud={options.cloud}"]  # always named, as the environment could name another
    for name, flag in FLAGS.items():
        value = getattr(options, name)
        if name == "cloud" or value == getattr(defaults, name):
            continue
        values = [",".join(value)] if name == "claims" else value if isinstance(value, list) else [value]
        arguments += [
            flag if value is True else f"{flag}{value}" if len(flag) == SHORT else f"{flag}={value}" for value in values
        ]
    return arguments


def complete(options: argparse.Namespace, defaults: argparse.Namespace, others: argparse.Namespace) -> None:
    """Set options that have their defaults to those of `others`; deadlines one by one, by name."""
    options.deadlines = [*others.deadlines, *options.deadlines]  # the later of two deadlines with one name counts
    for name in FLAGS:
        if getattr(options, name) == getattr(defaults, name):
            setattr(options, name, getattr(others, name))
