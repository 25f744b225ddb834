"""From prompts to audio files: prompt files, plans, outputs that are written once and whole."""
