"""Between protobuf messages and likeness_client.model."""
