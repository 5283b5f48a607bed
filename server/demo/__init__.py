"""A whole town to try things in: four libraries, their machines, invented patrons and books."""
