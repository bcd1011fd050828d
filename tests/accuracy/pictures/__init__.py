"""The accuracy set of pictures: made pictures with planted words, and the measure of what an eye finds in them."""
