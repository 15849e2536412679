"""The pytest plug-in under its public name, which CI jobs of other projects use: `pytest -p conformance.plugin`."""

pytest_plugins = ("conformance.run.plugin",)
