"""What every answer shows of objects, compared with what was sent and seen: values, and what holds over time."""
