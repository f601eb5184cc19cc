"""Python SDK and command line of Likeness."""
