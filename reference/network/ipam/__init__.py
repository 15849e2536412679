"""IP address management: prefixes out of pools, addresses out of subnets."""
