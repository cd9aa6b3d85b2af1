"""Evidence: figures and accuracies that others printed, and records of measurements and validation."""
