"""Measures faces in decoded films with the landmark models, and never from what an engine says of itself."""
