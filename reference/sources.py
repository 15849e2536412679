"""Where settings come from: a flag, else the environment, else a TOML file, else the default.

All three speak of a setting by one name: `--token-seconds 60`, `GMAN_TOKEN_SECONDS=60`, `token-seconds = 60`.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from reference.config import Settings


class Unusable(ValueError):
    """A setting that cannot be taken; the message is the one line the operator reads."""


def _names() -> dict[str, Field[Any]]:
    """Every setting by the name people give it."""
    return {each.metadata.get("name", each.name.replace("_", "-")): each for each in fields(Settings)}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """A flag for each setting that is no secret; those that are not given stay None."""
    defaults = Settings()
    for name, each in _names().items():
        if each.metadata.get("secret"):
            continue
        default = getattr(defaults, each.name)
        shown = f" (default: {default})" if default not in ("", ()) else ""
        several, bare = each.metadata.get("several", False), each.metadata.get("bare")
        parser.add_argument(
            f"--{name}",
            dest=each.name,
            action="append" if several else "store",
            **({"nargs": "?", "const": bare} if bare else {}),
            metavar=each.metadata.get("metavar", name.rpartition("-")[2].upper()),
            help=each.metadata["about"] + shown,
        )


def gather(flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None) -> Settings:
    """The settings those three come to. Errors: Unusable names the source, the setting and what is wrong with it."""
    written = _read(file)
    chosen: dict[str, Any] = {}
    for name, each in _names().items():
        variable = "GMAN_" + name.replace("-", "_").upper()
        if flags.get(each.name) is not None:
            chosen[each.name] = _value(f"argument --{name}", each, flags[each.name])
        elif environment.get(variable):
            chosen[each.name] = _value(variable, each, environment[variable].split(","))
        elif name in written:
            chosen[each.name] = _value(f"{file}: {name}", each, written[name])
    settings = Settings(**chosen)
    if wrong := _contradiction(settings):
        raise Unusable(wrong)
    return settings


def _contradiction(settings: Settings) -> str:
    """What in the settings cannot be true together, as a sentence that says what to change; empty where nothing is."""
    if settings.beside_keystone and "identity" in settings.served:
        return "identity cannot be served with --auth keystone: leave it out of --services"
    if settings.beside_keystone and not (settings.identity_url and settings.service_password):
        return "--auth keystone needs --identity-url, and GMAN_SERVICE_PASSWORD (or service-password in the file)"
    if settings.guests and (settings.compute_only or not {"identity", "network", "compute"} <= set(settings.served)):
        return "--guests needs identity, network and compute to be served here: see --services, --auth, --compute-only"
    for name in settings.elsewhere:
        if name in settings.served:
            return f"--{name}-url is for a {name} that is not served here: leave it out, or {name} out of --services"
    for name in ("network", "image"):
        known = name in settings.served or name in settings.elsewhere or settings.beside_keystone
        if "compute" in settings.served and not known:
            return f"compute needs {name}: add it to --services, or say where it answers with --{name}-url"
    return ""


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        written = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise Unusable(f"argument --config: {file}: {wrong}") from None
    unknown = sorted(set(written) - set(_names()))
    if unknown:
        raise Unusable(f"{file}: no such setting: {', '.join(unknown)}")
    return written


def _value(source: str, each: Field[Any], given: Any) -> Any:
    """What the text given comes to; a list of texts where the setting may be given several times."""
    texts = [str(one) for one in given] if isinstance(given, list) else [str(given)]
    several = each.metadata.get("several", False)
    if not several:
        texts = [",".join(texts)]
    try:
        values = tuple(each.metadata["read"](text) for text in texts)
    except ValueError as wrong:
        raise Unusable(f"{source}: {wrong}") from None
    return values if several else values[0]
