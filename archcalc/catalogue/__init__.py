"""The catalogue of networks: entries and metadata."""
