"""`tools/prove`: the suite is not silent. Every fault that can be planted is, and the suite has to find it."""
