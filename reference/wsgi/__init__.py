"""What every service shares: routes, errors, the caller, lists. It knows no resource."""
