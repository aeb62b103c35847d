"""The only place that knows statistics: one method, one file, on plain numbers and arrays."""
