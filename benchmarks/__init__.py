"""How fast Relevo is, measured against what one would take instead. `make bench`; docs/benchmarks.md explains it."""
