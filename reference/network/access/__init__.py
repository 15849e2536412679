"""Who may see, share and own how much in Networking: visibility, sharing, quotas."""
