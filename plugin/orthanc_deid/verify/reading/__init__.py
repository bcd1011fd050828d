"""Reading originals and outputs with pydicom's element reader, which shares no code with the engine's walker."""
