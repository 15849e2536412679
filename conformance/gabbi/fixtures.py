"""The fixtures that gabbi files name: each provides a project, described with the cloud in environment variables."""

import os
import re
import secrets
from collections.abc import Iterator
from typing import ClassVar, TypeVar

import fixtures

from conformance.gabbi import needs
from conformance.gabbi.context import GabbiContext
from conformance.gabbi.files import GabbiFile
from conformance.projects import quotas
from conformance.projects.cloud_defaults import list_candidates
from conformance.projects.inventory import FLOATING_IPS, NETWORKS, POOLS
from conformance.projects.leases import Project
from conformance.projects.side_effects import OF_TOPOLOGY
from conformance.settings import UsageProblem
from conformance.target import responses
from conformance.target.cloud import Account, ApiError
from conformance.verdict.signals import Unsupported

# Answers of a cloud that has no floating IP: none on this network, not permitted, no such extension, none left
RATIONED = (400, 403, 404, 409)
METADATA = "network:distributed"  # the owner of the ports at which OVN answers requests for metadata
GONE = 404
GROUPS_KEY = "security_groups"
ABOUT_COMPUTE = "/compute/"
SOME_SERVERS = 9
T = TypeVar("T", bound=fixtures.Fixture)
BUILDS = 3  # builds of servers that a file may wait for, one after the other


def _set_up(inner: T, outer: fixtures.Fixture) -> T:
    """Set up a fixture that the outer one cleans up. `outer.useFixture` would turn a Ctrl-C meanwhile into a TypeError
    (fixtures 4.3).
    """
    inner.setUp()
    outer.addCleanup(inner.cleanUp)
    return inner


class AnyProject(fixtures.Fixture):  # type: ignore[misc]
    """A member's token for a file that creates nothing; the project may be shared with other tests."""

    def __init__(self, context: GabbiContext, gabbi_file: GabbiFile) -> None:
        self._context = context
        self._gabbi_file = gabbi_file

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        self._export(self._context.projects.any_project())

    def _export(self, project: Project) -> None:
        """Set the environment variables, GMAN_*, that files refer to."""
        capabilities, urls = self._context.capabilities, project.account.endpoints
        variables = {
            "IMAGE_ID": capabilities.image_id,
            "FLAVOR_ID": capabilities.flavor_id,
            "EXTERNAL_NETWORK_ID": capabilities.external_network_id,
            "DEFAULT_POOLS": str(len(capabilities.default_pools)),
            "NAME": f"gman-{self._context.settings.run_id}-{secrets.token_hex(3)}",
            "PROJECT_ID": project.id,
            "NETWORK_URL": urls.network,
            "COMPUTE_URL": urls.compute,
            "IDENTITY_ROOT": urls.identity.removesuffix("/v3"),
            "COMPUTE_ROOT": re.sub(r"/v2([.]\d+)?(/.*)?$", "", urls.compute),
            "IMAGE_URL": urls.image,
            "IDENTITY_URL": urls.identity,
        }
        for name, value in variables.items():
            self._set(name, value)
        self._set("TOKEN", self._token(project.account))
        if "admin" in self._gabbi_file.requires:
            self._set("ADMIN_TOKEN", self._token(self._context.admin))
            self._set("DOMAIN_ID", self._context.admin.project_domain_id)
            self._set("DOMAIN_NAME", self._context.admin.project_domain_name)
        if "member-and-reader" in self._gabbi_file.requires and project.reader:
            self._set("READER_TOKEN", self._token(project.reader()))

    def _token(self, account: Account) -> str:
        """A token that lasts for the whole file, whose requests cannot get another one."""
        return account.lasting_token(BUILDS * self._context.deadlines.server_build)

    def _set(self, name: str, value: str) -> None:
        self.useFixture(fixtures.EnvironmentVariable(f"GMAN_{name}", value))


class EmptyProject(AnyProject):
    """An empty project for the file alone, emptied after it; two where the file requires a second."""

    brings: ClassVar[set[str]] = set()  # the kinds of objects that the fixture creates in it
    may_have_topology: ClassVar[bool] = False

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        several = "second-project" in self._gabbi_file.requires
        client = self._context.client
        kinds = set(self.brings)
        client.created_kinds, client.changed = kinds, False
        needed = needs.of_file(self._gabbi_file, self._context.capabilities)
        as_it_was = (lambda: not client.changed) if self.may_have_topology else None
        lease = self._context.lease(2 if several else 1, lambda: kinds, needed, as_it_was)
        first, *others = _set_up(lease, self).projects
        self._export(first)
        for other in others:
            self._set("OTHER_TOKEN", self._token(other.account))
            self._set("OTHER_PROJECT_ID", other.id)


class ProjectWithTopology(EmptyProject):
    """A project for the file alone that is empty, or has an unchanged topology and nothing else. For files that need a
    topology and do not change it: their first GET builds it, unless an earlier file's did. Other files test that the
    GET builds it.
    """

    brings: ClassVar[set[str]] = set(OF_TOPOLOGY)
    may_have_topology: ClassVar[bool] = True


class ProjectWithFloatingIP(EmptyProject):
    """An empty project with a floating IP on the default external network, which is deleted with the rest.

    Raises Unsupported where the cloud has none: many limit their number, or do not offer them.
    """

    brings: ClassVar[set[str]] = {FLOATING_IPS}

    def _export(self, project: Project) -> None:
        super()._export(project)
        url = f"{project.account.endpoints.network}/v2.0/floatingips"
        body = {"floating_network_id": self._context.capabilities.external_network_id}
        try:
            self._set("FLOATING_IP_ID", responses.create(project.account, url, "floatingip", body))
        except ApiError as error:
            if error.status in RATIONED:
                raise Unsupported(f"no floating IP can be created: {error}") from None
            raise


class ProjectWithMetadataPort(EmptyProject):
    """An empty project with a network, GMAN_NETWORK_ID, on whose subnet Networking has a port of its own for metadata,
    GMAN_METADATA_PORT_ID. Raises Unsupported where it has none.
    """

    brings: ClassVar[set[str]] = {NETWORKS}

    def _export(self, project: Project) -> None:
        super()._export(project)
        account, url = project.account, f"{project.account.endpoints.network}/v2.0"
        network = responses.create(account, f"{url}/networks", "network", {"name": os.environ["GMAN_NAME"]})
        subnet = {"network_id": network, "ip_version": 4, "cidr": "192.168.77.0/24"}
        responses.create(account, f"{url}/subnets", "subnet", subnet)
        ports = responses.items(account, f"{url}/ports?network_id={network}&device_owner={METADATA}", "ports")
        if not ports:
            raise Unsupported(f"Networking makes no port for metadata ({METADATA})")
        self._set("NETWORK_ID", network)
        self._set("METADATA_PORT_ID", str(ports[0]["id"]))


class ProjectWithDefaultGroup(EmptyProject):
    """An empty project; GMAN_DEFAULT_GROUP_RULES is the number of rules in its default security group.

    In a project made by the run this is the cloud's number; in other projects the owner may have changed it.
    GMAN_OTHER_GROUP_RULES is the reason to skip tests of the usual rules; empty if there is none.
    """

    def _export(self, project: Project) -> None:
        super()._export(project)
        capabilities = self._context.capabilities
        rules, reason = capabilities.default_group_rules, ""
        if not capabilities.has_usual_group_rules:
            reason = "the rules of default security groups are the operator's choice"
        if not project.made_by_run:
            reason = "the project's owner may have changed the rules"
            query = f"security-groups?name=default&project_id={project.id}"
            groups = responses.items(project.account, f"{project.account.endpoints.network}/v2.0/{query}", GROUPS_KEY)
            rules = sum(len(group.get("security_group_rules", ())) for group in groups)
        self._set("DEFAULT_GROUP_RULES", str(rules))
        self._set("OTHER_GROUP_RULES", reason)


class CloudDefaults(fixtures.Fixture):  # type: ignore[misc]
    """Lets the file change the default external network and the default pools, which all projects share, and restores
    them afterwards.

    GMAN_POOL_4_ID and GMAN_POOL_6_ID are the ids of the default pools; where there is none, GMAN_WITHOUT_4 and
    GMAN_WITHOUT_6 are the reason to skip a test.
    """

    def __init__(self, context: GabbiContext, gabbi_file: GabbiFile) -> None:
        self._context = context

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        _set_up(self._context.kept_defaults(), self)
        pools = {
            str(pool.get("ip_version")): pool["id"]
            for pool in list_candidates(self._context.admin, POOLS)
            if pool.get("is_default")
        }
        for version in ("4", "6"):
            self._set(f"POOL_{version}_ID", pools.get(version, ""))
            self._set(f"WITHOUT_{version}", "" if version in pools else f"there is no default IPv{version} subnet pool")

    def _set(self, name: str, value: str) -> None:
        self.useFixture(fixtures.EnvironmentVariable(f"GMAN_{name}", value))


class ProjectWithOwnQuotas(EmptyProject):
    """An empty project whose quotas the file may change, as an administrator; afterwards they are reset to the cloud's,
    and raised where those are too low. Raises Unsupported where Compute's quotas cannot be changed.
    """

    def _export(self, project: Project) -> None:
        super()._export(project)
        self.addCleanup(quotas.ProjectQuotas(self._context.admin, project.id).raise_limits)
        urls = self._context.admin.endpoints
        servers = f"{urls.compute}/os-quota-sets/{project.id}"
        for url in (servers, f"{urls.network}/v2.0/quotas/{project.id}"):
            self.addCleanup(_delete, self._context, url)
        if ABOUT_COMPUTE not in self._gabbi_file.id:
            return
        if not quotas.set_limits(self._context.admin, servers, "quota_set", {"instances": SOME_SERVERS}):
            raise Unsupported(f"no quota can be set: {quotas.ELSEWHERE}")


class AdminsThings(fixtures.Fixture):  # type: ignore[misc]
    """Deletes what an administrator created under the name GMAN_NAME; to be listed after a project's fixture."""

    def __init__(self, context: GabbiContext, gabbi_file: GabbiFile) -> None:
        self._context = context

    def _setUp(self) -> None:  # noqa: N802 - the name that fixtures asks for
        self.addCleanup(self._delete_named, os.environ["GMAN_NAME"])

    def _delete_named(self, name: str) -> None:
        for url in _named(self._context.admin, name):
            _delete(self._context, url)


def _named(admin: Account, name: str) -> Iterator[str]:
    """The URLs of the objects of that name, in the order in which they can be deleted."""
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
    """DELETE as the administrator; an error other than 404 becomes a leak of the run."""
    try:
        context.admin.call("DELETE", url)
    except (ApiError, UsageProblem) as error:
        if not (isinstance(error, ApiError) and error.status == GONE):
            context.leaks.append(f"left behind: {error}")


ALL = (
    AdminsThings,
    AnyProject,
    CloudDefaults,
    EmptyProject,
    ProjectWithDefaultGroup,
    ProjectWithFloatingIP,
    ProjectWithMetadataPort,
    ProjectWithOwnQuotas,
    ProjectWithTopology,
)
FIXTURES: dict[str, type[fixtures.Fixture]] = {fixture.__name__: fixture for fixture in ALL}
