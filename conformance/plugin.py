"""The plug-in under the name that jobs outside know: `pytest -p conformance.plugin`."""

pytest_plugins = ("conformance.run.plugin",)
