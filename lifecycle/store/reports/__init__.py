"""Reports: numbers over all accounts, now or as of a day, each read in one pass by the database."""
