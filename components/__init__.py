"""What Rasa loads into itself. Not in actions/: the action server imports every module there, without Rasa."""
