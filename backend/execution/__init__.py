"""How a plan runs: the ways to an algorithm, graphs, slabs, memory and layout."""
