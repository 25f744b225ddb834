"""One file a command: `add_arguments(parser)` and `run(arguments)`; heavy imports stay inside `run`."""
