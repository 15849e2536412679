"""The HTTP machinery that all services share: routes, errors, the caller of a request. It knows no resource."""
