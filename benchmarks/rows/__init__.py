"""The rows of the table, grouped by what they need running. Each group is `measure(rounds) -> rows`."""
