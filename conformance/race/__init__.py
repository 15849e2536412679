"""The race engine: release calls together, write down what happened, say what must have held."""
