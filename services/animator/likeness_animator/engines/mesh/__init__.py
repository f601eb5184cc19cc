"""The `mesh` engine: warps one portrait in real time on a CPU, without neural weights of its own."""
