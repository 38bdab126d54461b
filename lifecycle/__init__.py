"""Lifecycle: customer lifecycles as long-running Temporal workflows."""
