"""Webhooks in: what others tell us, proved, mapped to our events, and kept where that cannot be done."""
