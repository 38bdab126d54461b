"""The door for webhooks: proved by their senders' signatures, answered when nothing can be lost any more."""
