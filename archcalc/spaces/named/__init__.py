"""The design spaces of documents by name, one file for each group."""
