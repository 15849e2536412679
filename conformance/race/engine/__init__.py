"""Many calls released at once, from one process or several, and their history, written down call by call."""
