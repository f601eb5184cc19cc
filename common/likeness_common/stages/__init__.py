"""One abstract interface per stage; each has a local, a remote and a fake body."""
