"""What Rasa loads into itself. It must not be in actions/: the action server imports every module there, without Rasa."""
