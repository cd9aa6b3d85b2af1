"""The output of each command: results as a `Table`, with the words of its cells; one module for each kind of result."""
