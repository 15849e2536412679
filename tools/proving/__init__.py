"""`tools/prove`: every fault that can be planted is planted, and the suite has to find it."""
