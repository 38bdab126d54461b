"""Reports as data and words: one answer for the terminal, the API and the pages."""
