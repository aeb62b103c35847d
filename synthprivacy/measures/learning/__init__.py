"""What measures that learn share: whom they draw, how models see tables, and readings with their scatter."""
