"""SadTalker's networks as plain torch modules, whose parameters carry the names of the official checkpoints."""
