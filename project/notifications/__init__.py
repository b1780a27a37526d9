"""Mails: each is a row, sent once."""
