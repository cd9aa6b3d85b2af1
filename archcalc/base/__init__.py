"""The base of all packages: errors, spelling, files, and functions that a server may answer."""
