"""The API tests: gabbi files collected as pytest items, run step by step, and the checks of every response."""
