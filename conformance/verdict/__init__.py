"""From the end of a test to the verdict of a run: states, outcomes, waivers, claims, and their roll-up."""
