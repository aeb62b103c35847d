"""Arrays in, arrays out: nothing here knows of privacy, people or column names."""
