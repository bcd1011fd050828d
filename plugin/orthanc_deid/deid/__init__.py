"""The engine: values in, values out; what becomes of each element of an instance."""
