"""What it costs, measured against a floor, both sides in one run on one machine (`make bench`)."""
