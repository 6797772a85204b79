"""A package of the project's own, carried by a layer."""
