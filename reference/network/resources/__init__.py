"""The resources of Networking and their rules, without HTTP; one module a resource."""
