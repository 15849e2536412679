"""`tools/tempest`: programs written for OpenStack run against the reference, unmodified."""
