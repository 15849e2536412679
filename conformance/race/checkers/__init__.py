"""What must hold of a race: pure functions over its history, and the judge that turns them into a verdict."""
