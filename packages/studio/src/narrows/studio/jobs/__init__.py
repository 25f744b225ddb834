"""Jobs: work that takes a while, one at a time on each device."""
