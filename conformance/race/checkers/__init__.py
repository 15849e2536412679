"""What must hold of a race: pure functions over its history, and the judge that makes a verdict of them."""
