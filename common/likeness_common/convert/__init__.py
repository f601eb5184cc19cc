"""Between protobuf messages and the plain types of likeness_common.media and likeness_common.stages."""
