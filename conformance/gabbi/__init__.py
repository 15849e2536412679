"""The API tests: gabbi files collected as pytest items, run step by step, and what each answer is checked for."""
