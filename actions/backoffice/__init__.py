"""The only door to the shop's data. The demo shop stands for a company's own system."""
