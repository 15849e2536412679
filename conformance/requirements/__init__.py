"""The numbered requirements, as data: one YAML file a family, beside the registry that reads them."""
