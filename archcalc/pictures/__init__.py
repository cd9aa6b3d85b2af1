"""Pictures of networks: their layers and connections, and their blocks."""
