"""Between protobuf messages of likeness.gateway.v1 and the gateway's plain types."""
