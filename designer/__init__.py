"""What conversation designers work with: measure, validate, review. Runs in the assistant's environment."""
