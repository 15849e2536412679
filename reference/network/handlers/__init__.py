"""Networking over HTTP: the routes that clients call."""
