"""`tools/tempest`: the reference is real. Programs written for OpenStack run against it as they are."""
