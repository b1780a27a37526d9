"""Receivers: one module for each app that sends. A receiver is a list of consequences; it does nothing but enqueue."""
