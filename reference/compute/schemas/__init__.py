"""Request bodies, one history per resource: what a version changed is written once, next to its number."""
