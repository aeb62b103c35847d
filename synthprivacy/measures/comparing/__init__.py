"""What measures that compare tables share: cells, distances of distributions, influence of rows, and ceilings."""
