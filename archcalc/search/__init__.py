"""Closed forms run backwards, and their laws."""
