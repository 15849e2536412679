"""The entry of clouds.yaml that names a cloud: found as openstacksdk finds it, read by our rule for such files."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from keystoneauth1 import exceptions as keystone_errors
from openstack import exceptions as sdk_errors
from openstack.config import OpenStackConfig
from openstack.config.cloud_region import CloudRegion

from conformance.schema import misfit
from conformance.settings import ENVIRONMENT, UsageProblem
from conformance.target.endpoints import is_url
from conformance.target.sign_in import SignInSession, one_line
from conformance.untrusted import MOST_YAML, UntrustedError, parse_json, read_text, read_yaml

EXPLICIT = "OS_CLIENT_CONFIG_FILE"
# variables that openstackclient prefers to the entry: variable -> key of the entry
OVERRIDES = {"OS_REGION_NAME": "region_name", "OS_CACERT": "cacert", "OS_CERT": "cert", "OS_KEY": "key"}
BESIDE_AUTH = ("auth_type", "cacert", "cert", "insecure", "interface", "key", "region_name", "verify")
BY_PASSWORD = ("password", "v2password", "v3password")
UNKNOWN_KEY = re.compile(r"unexpected keyword argument '(\w+)'")
OF_WRONG_KIND = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


def cloud_region(name: str, clouds_file: str = "", region_name: str = "") -> CloudRegion:
    """The cloud of that name, as openstacksdk has it: in `clouds_file` alone if that is given, else in the file that
    every OpenStack client reads, and with its variables. `region_name` is one of its regions, empty for the one that
    the entry or OS_REGION_NAME names, or for its only one.

    Raises UsageProblem, which names the file and what to change in it.
    """
    config = _Config(name, clouds_file)
    if name not in config.cloud_config["clouds"]:
        place = config.config_filename or "clouds.yaml, which does not exist"
        raise UsageProblem(f"cloud {name!r} was not found in {place}: check its name, and {EXPLICIT}")
    overrides = {} if clouds_file else {key: os.environ.get(name, "") for name, key in OVERRIDES.items()}
    if region_name:
        overrides["region_name"] = region_name
    try:
        region = config.get_one(cloud=name, **{key: value for key, value in overrides.items() if value})
        region.get_session()  # openstacksdk keeps it
    except (sdk_errors.ConfigException, keystone_errors.ClientException) as error:
        raise config.problem(one_line(error).rstrip(".")) from None
    except requests.RequestException as error:  # of a profile that is a URL, or a vendor's with one
        raise config.problem(f"its profile cannot be fetched ({type(error).__name__})") from None
    except OF_WRONG_KIND as error:
        key = UNKNOWN_KEY.search(str(error))
        raise config.problem(_unknown(key[1]) if key else f"no cloud's entry ({type(error).__name__})") from None
    _require_url(config, str(region.config.get("auth", {}).get("auth_url") or ""))
    return region


class _Config(OpenStackConfig):  # type: ignore[misc]
    """openstacksdk's reader, with our rule for reading files, and a check of the entry before it is used."""

    def __init__(self, cloud: str, clouds_file: str) -> None:
        self.cloud, self.path = cloud, ""
        files: dict[str, Any] = {"config_files": [clouds_file], "load_envvars": False} if clouds_file else {}
        explicit = "" if clouds_file else os.environ.get(EXPLICIT, "")
        if explicit and cloud != ENVIRONMENT and not Path(explicit).exists():
            raise UsageProblem(f"cloud {cloud!r}: {explicit}, which {EXPLICIT} names, does not exist")
        try:
            super().__init__(session_constructor=SignInSession, **files)
        except sdk_errors.ConfigException as error:
            raise self.problem(one_line(error).rstrip(".")) from None
        except OF_WRONG_KIND as error:
            raise self.problem(f"no file of clouds ({type(error).__name__})") from None

    def problem(self, text: str) -> UsageProblem:
        """What is wrong with the entry, beside the cloud and the file that it is in."""
        where = "the environment (OS_*)" if self.cloud == ENVIRONMENT else self.path or "clouds.yaml"
        return UsageProblem(f"cloud {self.cloud!r} in {where}: {text}")

    def _load_yaml_json_file(self, filelist: Sequence[str]) -> tuple[str, Any] | tuple[None, None]:
        """The first existing file, as with openstacksdk, but an invalid file is not skipped."""
        for path in filelist:
            if os.path.exists(path):
                content = self._read(Path(path))
                if content is not None:
                    return path, content
        return None, None

    def _read(self, path: Path) -> Any:
        """What the file says; None for one that is empty, or that this user may not read. Raises UsageProblem."""
        try:
            content = parse_json(read_text(path, MOST_YAML)) if path.suffix == ".json" else read_yaml(path)
        except PermissionError:
            return None
        except OSError as error:
            raise UsageProblem(f"cloud {self.cloud!r}: {path}: {error.strerror}") from None
        except UntrustedError as error:
            raise UsageProblem(f"cloud {self.cloud!r}: {path}: {error}") from None
        if not isinstance(content, dict | None):
            raise UsageProblem(f"cloud {self.cloud!r}: {path}: not a mapping with the key clouds")
        for section in ("clouds", "public-clouds"):
            self._require_kinds(path, section, content or {})
        return content

    def _require_kinds(self, path: Path, section: str, content: Mapping[str, Any]) -> None:
        """Raises UsageProblem where the section, or this cloud's entry in it, has a value of another kind."""
        clouds = content.get(section, {})
        if not isinstance(clouds, dict):
            raise UsageProblem(f"cloud {self.cloud!r}: {path}: {section} is not a mapping of names to clouds")
        if self.cloud in clouds:
            self.path = str(path)
            if text := misfit("clouds-entry", clouds[self.cloud]):
                raise self.problem(text)

    def _get_region(self, cloud: str | None = None, region_name: str | None = "") -> dict[str, Any]:
        """The cloud's region of that name, else that which its entry names, else its only one, as openstacksdk has it.

        Raises UsageProblem where there are several.
        """
        names = [region["name"] for region in self._get_known_regions(cloud)] if cloud else []
        own = self.cloud_config["clouds"].get(cloud, {}).get("region_name")
        region_name = region_name or (own if own in names else "")
        if len(names) > 1 and not region_name:
            raise self.problem(f"it has the regions {', '.join(names)}: name one with --region, or OS_REGION_NAME")
        return dict(super()._get_region(cloud, region_name))

    def auth_config_hook(self, config: dict[str, Any]) -> dict[str, Any]:
        """Check a user's credentials before openstacksdk uses them. Raises UsageProblem."""
        auth = {**config, **(config.get("auth") or {})}
        if config.get("auth_type") in BY_PASSWORD:
            if any(key.startswith("application_credential") and auth[key] for key in auth):
                raise self.problem("an application credential takes auth_type: v3applicationcredential")
            if not auth.get("password"):
                raise self.problem("auth has no password")
            if not any(auth.get(key) for key in ("username", "user_name", "user_id")):
                raise self.problem("auth has no username")
        return config


def _unknown(key: str) -> str:
    advice = "move it one level up, beside auth" if key in BESIDE_AUTH else "check its spelling, and auth_type"
    return f"auth has the key {key}, which is none of auth's: {advice}"


def _require_url(config: _Config, url: str) -> None:
    """Raises UsageProblem where Identity's URL is invalid, or holds a password, which messages would show."""
    if "@" in url:
        raise config.problem("auth_url holds a user or password: name them with username and password")
    if not is_url(url):
        raise config.problem(f"auth_url is {url!r}: write a URL such as https://cloud.example.org:5000/v3")
