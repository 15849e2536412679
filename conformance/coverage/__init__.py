"""What the tests cover: which test observes which requirement, and which API calls and answers are known."""
