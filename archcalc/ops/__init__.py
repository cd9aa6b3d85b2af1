"""The operations that networks are made of, one idea a file; each op states its six facts in one place."""
