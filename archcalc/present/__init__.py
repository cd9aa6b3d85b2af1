"""What each command shows: a result of `query` as a `Table`, and how its cells are worded; one module a kind."""
