"""The web door: pages for people outside the house, made by one app factory (`app.make_app`)."""
