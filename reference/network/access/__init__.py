"""Access to objects of Networking: visibility, sharing, quotas."""
