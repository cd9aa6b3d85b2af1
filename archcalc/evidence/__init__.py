"""What others printed and measured, and what it agrees with."""
