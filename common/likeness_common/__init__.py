"""What every part of Likeness shares: media types, stage interfaces, errors, server and telemetry bootstrap."""
