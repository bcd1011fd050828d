"""What a site asks for, as data: the profile model, its loading, and one rule per attribute."""
