"""Blind listening tests: ABX, MUSHRA (ITU-R BS.1534) and preference."""
