"""A small shop: catalogue, orders and a sales report behind an HTTP API."""
