"""Image's only table."""

import sqlalchemy as sa

METADATA = sa.MetaData()
images = sa.Table(
    "img_images",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("status", sa.String(16), nullable=False, default="active"),
    sa.Column("visibility", sa.String(16), nullable=False, default="public"),
    sa.Column("min_disk", sa.Integer, nullable=False, default=0),  # GiB
    sa.Column("min_ram", sa.Integer, nullable=False, default=0),  # MiB
    sa.Column("size", sa.BigInteger, nullable=False, default=0),  # bytes
    sa.Column("created_at", sa.String(32), nullable=False),  # as answers show it
)
