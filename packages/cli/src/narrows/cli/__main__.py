"""`python -m narrows.cli`, the same as `narrows`."""

from narrows.cli.main import main

raise SystemExit(main())
