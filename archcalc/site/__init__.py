"""The explorer: a static site in which every number changes as one types."""
