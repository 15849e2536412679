"""The calls that races make, by name, and how their records are read: topology, servers, a project's state."""
