"""What the resources of Networking have in common: attributes, validators, lists, errors, their description."""
