"""The calls that races make, by name, and how to read their records: topology, servers, a project's state."""
