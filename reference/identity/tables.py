"""Identity's tables. Of passwords, secrets and tokens there are digests only."""

import sqlalchemy as sa

METADATA = sa.MetaData()
_ID = sa.String(64)
_NAME = sa.String(255)

domains = sa.Table(
    "id_domains",
    METADATA,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False, default=""),
    sa.Column("enabled", sa.Boolean, nullable=False, default=True),
)

projects = sa.Table(
    "id_projects",
    METADATA,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("domain_id", _ID, sa.ForeignKey("id_domains.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("description", sa.Text, nullable=False, default=""),
    sa.Column("enabled", sa.Boolean, nullable=False, default=True),
    sa.Column("tags", sa.JSON, nullable=False, default=list),
    sa.UniqueConstraint("domain_id", "name"),
)

users = sa.Table(
    "id_users",
    METADATA,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("domain_id", _ID, sa.ForeignKey("id_domains.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", _NAME, nullable=False),
    sa.Column("password", sa.String(200), nullable=True),
    sa.Column("description", sa.Text, nullable=False, default=""),
    sa.Column("email", _NAME, nullable=True),
    sa.Column("default_project_id", _ID, nullable=True),
    sa.Column("enabled", sa.Boolean, nullable=False, default=True),
    sa.UniqueConstraint("domain_id", "name"),
)

roles = sa.Table(
    "id_roles",
    METADATA,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", _NAME, nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False, default=""),
)

assignments = sa.Table(
    "id_assignments",
    METADATA,
    sa.Column("user_id", _ID, sa.ForeignKey("id_users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("project_id", _ID, sa.ForeignKey("id_projects.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", _ID, sa.ForeignKey("id_roles.id", ondelete="CASCADE"), primary_key=True),
)

tokens = sa.Table(
    "id_tokens",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("user_id", _ID, sa.ForeignKey("id_users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("project_id", _ID, sa.ForeignKey("id_projects.id", ondelete="CASCADE"), nullable=True),
    sa.Column("method", sa.String(32), nullable=False),
    sa.Column("roles", sa.Text, nullable=True),  # the only roles it carries, such as "member,reader"; null for all
    sa.Column("issued_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("credential_id", _ID, nullable=True),  # the application credential with which it ends
)

application_credentials = sa.Table(
    "id_application_credentials",
    METADATA,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("user_id", _ID, sa.ForeignKey("id_users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("project_id", _ID, sa.ForeignKey("id_projects.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", _NAME, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("secret", sa.String(200), nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=True),
    sa.Column("unrestricted", sa.Boolean, nullable=True),  # whether its tokens may manage application credentials
    sa.UniqueConstraint("user_id", "name"),
)
