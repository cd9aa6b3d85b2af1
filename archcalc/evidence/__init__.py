"""Evidence: figures that others print, accuracies, and records of measurements and validation, compared with counts."""
