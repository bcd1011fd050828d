"""De-identification profiles: the model of a profile file, its loading, and the rule of each element."""
