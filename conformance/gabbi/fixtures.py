"""The fixtures that gabbi files name: each brings a project, and tells of it and of the cloud in the environment."""

import os
import re
import secrets
from collections.abc import Iterator
from typing import ClassVar

import fixtures

from conformance.gabbi.context import GabbiContext
from conformance.gabbi.files import GabbiFile
from conformance.projects import quotas
from conformance.projects.cloud_defaults import listed
from conformance.projects.inventory import FLOATING_IPS, POOLS
from conformance.projects.leases import Project
from conformance.settings import UsageProblem
from conformance.target import responses
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Unsupported

# How a cloud says that it has no floating IP to give: none on this network, not allowed, none at all, none left
RATIONED = (400, 403, 404, 409)
GONE = 404
GROUPS_KEY = "security_groups"
ABOUT_COMPUTE = "/compute/"
SOME_SERVERS = 9
BUILDS = 3  # of servers that a file may wait for, one after the other


class AnyProject(fixtures.Fixture):  # type: ignore[misc]
    """A member's token for a file that makes nothing; the project may be shared with other tests."""

    def __init__(self, context: GabbiContext, gabbi_file: GabbiFile) -> None:
        self._context = context
        self._gabbi_file = gabbi_file

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        self._tell(self._context.projects.any_project())

    def _tell(self, project: Project) -> None:
        for name, value in {**_of_cloud(self._context), **_of_project(project)}.items():
            self._set(name, value)
        self._set("TOKEN", self._token(project.account))
        if "admin" in self._gabbi_file.requires:
            self._set("ADMIN_TOKEN", self._token(self._context.admin))
            self._set("DOMAIN_ID", self._context.admin.project_domain_id)
            self._set("DOMAIN_NAME", self._context.admin.project_domain_name)
        if "member-and-reader" in self._gabbi_file.requires and project.reader:
            self._set("READER_TOKEN", self._token(project.reader()))

    def _token(self, account: Account) -> str:
        """One for the whole file: nobody can give its requests another."""
        return account.lasting_token(BUILDS * self._context.deadlines.server_build)

    def _set(self, name: str, value: str) -> None:
        self.useFixture(fixtures.EnvironmentVariable(f"GMAN_{name}", value))


class EmptyProject(AnyProject):
    """A project with nothing in it, the file's alone, and emptied after it; two where the file requires a second."""

    brings: ClassVar[set[str]] = set()  # the kinds of things that come to it beside the file's own

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        several = "second-project" in self._gabbi_file.requires
        self._context.client.left = left = set(self.brings)
        first, *others = self.useFixture(self._context.lease(2 if several else 1, lambda: left)).projects
        self._tell(first)
        for other in others:
            self._set("OTHER_TOKEN", self._token(other.account))
            self._set("OTHER_PROJECT_ID", other.id)


class ProjectWithFloatingIP(EmptyProject):
    """An empty project that was given a floating IP on the default external network; it goes with the rest after it.

    Raises Unsupported where the cloud has none to give: many ration them, or do not offer them.
    """

    brings: ClassVar[set[str]] = {FLOATING_IPS}

    def _tell(self, project: Project) -> None:
        super()._tell(project)
        url = f"{project.account.endpoints.network}/v2.0/floatingips"
        wanted = {"floating_network_id": self._context.capabilities.external_network_id}
        try:
            given = responses.create(project.account, url, "floatingip", wanted)
        except ApiError as refusal:
            if refusal.status in RATIONED:
                raise Unsupported(f"no floating IP is to be had: {refusal}") from None
            raise
        self._set("FLOATING_IP_ID", given)


class ProjectWithDefaultGroup(EmptyProject):
    """An empty project; GMAN_DEFAULT_GROUP_RULES is how many rules its default security group starts with, or has by
    now, where the project was there before: its owner may have changed them.
    """

    def _tell(self, project: Project) -> None:
        super()._tell(project)
        rules = self._context.capabilities.default_group_rules
        if not project.made_by_run:
            query = f"security-groups?name=default&project_id={project.id}"
            found = responses.items(project.account, f"{project.account.endpoints.network}/v2.0/{query}", GROUPS_KEY)
            rules = sum(len(group.get("security_group_rules", ())) for group in found)
        self._set("DEFAULT_GROUP_RULES", str(rules))


class CloudDefaults(fixtures.Fixture):  # type: ignore[misc]
    """The file may change the default external network and the default pools, which all projects share; afterwards they
    are what they were. GMAN_POOL_4_ID and GMAN_POOL_6_ID name the pools; where there is none, GMAN_WITHOUT_4 and
    GMAN_WITHOUT_6 say so.
    """

    def __init__(self, context: GabbiContext, gabbi_file: GabbiFile) -> None:
        self._context = context

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        self.useFixture(self._context.kept_defaults())
        pools = {
            str(pool.get("ip_version")): pool["id"]
            for pool in listed(self._context.admin, POOLS)
            if pool.get("is_default")
        }
        for version in ("4", "6"):
            self._set(f"POOL_{version}_ID", pools.get(version, ""))
            self._set(f"WITHOUT_{version}", "" if version in pools else f"there is no default IPv{version} subnet pool")

    def _set(self, name: str, value: str) -> None:
        self.useFixture(fixtures.EnvironmentVariable(f"GMAN_{name}", value))


class ProjectWithOwnQuotas(EmptyProject):
    """An empty project whose quotas the file may change, as an administrator; afterwards they are the cloud's again,
    or, where those are too low, what they were. Raises Unsupported where Compute has none to change.
    """

    def _tell(self, project: Project) -> None:
        super()._tell(project)
        self.addCleanup(quotas.ProjectQuotas(self._context.admin, project.id).raise_limits)
        urls = self._context.admin.endpoints
        servers = f"{urls.compute}/os-quota-sets/{project.id}"
        for url in (servers, f"{urls.network}/v2.0/quotas/{project.id}"):
            self.addCleanup(_delete, self._context, url)
        a_few = {"instances": SOME_SERVERS}
        if ABOUT_COMPUTE in self._gabbi_file.id and not quotas.set_limits(
            self._context.admin, servers, "quota_set", a_few
        ):
            raise Unsupported(f"no quota can be set: {quotas.ELSEWHERE}")


class AdminsThings(fixtures.Fixture):  # type: ignore[misc]
    """What an administrator makes under the name GMAN_NAME goes after the file. It stands after a project's fixture."""

    def __init__(self, context: GabbiContext, gabbi_file: GabbiFile) -> None:
        self._context = context

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        self.addCleanup(self._tidy, os.environ["GMAN_NAME"])

    def _tidy(self, name: str) -> None:
        for url in _named(self._context.admin, name):
            _delete(self._context, url)


def _named(admin: Account, name: str) -> Iterator[str]:
    """The URLs of what is called that, in the order in which it can be deleted."""
    urls = admin.endpoints
    for kind, url, query in (
        ("flavors", f"{urls.compute}/flavors", "is_public=None"),
        ("images", f"{urls.image}/v2/images", f"name={name}"),
        ("users", f"{urls.identity}/users", f"name={name}"),
        ("projects", f"{urls.identity}/projects", f"name={name}"),
    ):
        for item in responses.items(admin, f"{url}?{query}", kind):
            if item.get("name") == name:
                yield f"{url}/{item['id']}"


def _delete(context: GabbiContext, url: str) -> None:
    """As the administrator; what is gone already is as good, and what will not go is told as a leak."""
    try:
        context.admin.call("DELETE", url)
    except (ApiError, UsageProblem) as wrong:
        if not (isinstance(wrong, ApiError) and wrong.status == GONE):
            context.leaks.append(f"left behind: {wrong}")


def _of_cloud(context: GabbiContext) -> dict[str, str]:
    seen = context.capabilities
    return {
        "IMAGE_ID": seen.image_id,
        "FLAVOR_ID": seen.flavor_id,
        "EXTERNAL_NETWORK_ID": seen.external_network_id,
        "DEFAULT_POOLS": str(len(seen.default_pools)),
        "NAME": f"gman-{context.settings.run_id}-{secrets.token_hex(3)}",
    }


def _of_project(project: Project) -> dict[str, str]:
    urls = project.account.endpoints
    return {
        "PROJECT_ID": project.id,
        "NETWORK_URL": urls.network,
        "COMPUTE_URL": urls.compute,
        "IDENTITY_ROOT": urls.identity.removesuffix("/v3"),
        "COMPUTE_ROOT": re.sub(r"/v2([.]\d+)?(/.*)?$", "", urls.compute),
        "IMAGE_URL": urls.image,
        "IDENTITY_URL": urls.identity,
    }


ALL = (
    AdminsThings,
    AnyProject,
    CloudDefaults,
    EmptyProject,
    ProjectWithDefaultGroup,
    ProjectWithFloatingIP,
    ProjectWithOwnQuotas,
)
FIXTURES: dict[str, type[fixtures.Fixture]] = {each.__name__: each for each in ALL}
