"""Workflows: `AccountLifecycle`, one per account, and the parts it is made of."""
