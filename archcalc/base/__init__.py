"""What every part stands on: errors, spelling, files, and calls that a server may take over."""
