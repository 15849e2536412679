"""The smallest cloud that does get-me-a-network right: Identity, Image, Network and Compute over WSGI."""
