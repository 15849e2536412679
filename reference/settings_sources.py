"""Where the reference's settings come from: a flag, else the environment, else a TOML file, else the default.

A setting has the same name in all three: `--token-seconds 60`, `GMAN_TOKEN_SECONDS=60`, `token-seconds = 60`.
"""

import argparse
import tomllib
from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from reference.config import Settings


class Unusable(ValueError):
    """A setting is invalid; the message is the one line that the operator reads."""


def _names() -> dict[str, Field[Any]]:
    """Each setting's field of Settings, by the setting's name: its key in the file, and its flag's without dashes."""
    return {setting.metadata.get("name", setting.name.replace("_", "-")): setting for setting in fields(Settings)}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each setting that is not secret; the value of a flag that is not given is None."""
    defaults = Settings()
    for name, setting in _names().items():
        if setting.metadata.get("secret"):
            continue
        default = getattr(defaults, setting.name)
        hint = f" (default: {default})" if default not in ("", ()) else ""
        bare = setting.metadata.get("bare")
        parser.add_argument(
            f"--{name}",
            dest=setting.name,
            action="append" if setting.metadata.get("several") else "store",
            **({"nargs": "?", "const": bare} if bare else {}),
            metavar=setting.metadata.get("metavar", name.rpartition("-")[2].upper()),
            help=setting.metadata["about"] + hint,
        )


def gather(flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None) -> Settings:
    """The settings, each from the first source that has it.

    Raises Unusable, which names source, setting and reason, or the settings that contradict each other.
    """
    from_file = _read(file)
    values: dict[str, Any] = {}
    for name, setting in _names().items():
        variable = "GMAN_" + name.replace("-", "_").upper()
        if flags.get(setting.name) is not None:
            values[setting.name] = _value(f"argument --{name}", setting, flags[setting.name])
        elif environment.get(variable):
            values[setting.name] = _value(variable, setting, environment[variable].split(","))
        elif name in from_file:
            values[setting.name] = _value(f"{file}: {name}", setting, from_file[name])
    settings = Settings(**values)
    if contradiction := _contradiction(settings):
        raise Unusable(contradiction)
    return settings


def _contradiction(settings: Settings) -> str:
    """A sentence that names settings which contradict each other, and what to change; empty where none do."""
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
        findable = name in settings.served or name in settings.elsewhere or settings.beside_keystone
        if "compute" in settings.served and not findable:
            return f"compute needs {name}: add it to --services, or say where it answers with --{name}-url"
    return ""


def _read(file: Path | None) -> dict[str, Any]:
    """The file's values by the names of settings; none without a file. Raises Unusable."""
    if file is None:
        return {}
    try:
        values = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Unusable(f"argument --config: {file}: {error}") from None
    unknown = sorted(set(values) - set(_names()))
    if unknown:
        raise Unusable(f"{file}: no such setting: {', '.join(unknown)}")
    return values


def _value(source: str, setting: Field[Any], value: Any) -> Any:
    """The parsed value of a setting, a tuple where it may be repeated. Raises Unusable, which begins with `source`."""
    texts = [str(item) for item in value] if isinstance(value, list) else [str(value)]
    parse = setting.metadata["read"]
    try:
        return tuple(map(parse, texts)) if setting.metadata.get("several") else parse(",".join(texts))
    except ValueError as error:
        raise Unusable(f"{source}: {error}") from None
