"""What is said to people and programs, the same at every door: views as data, and words. No terminal, no page."""
