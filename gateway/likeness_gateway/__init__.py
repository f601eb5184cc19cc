"""Gateway of Likeness: routes, orchestrates and records renders."""
