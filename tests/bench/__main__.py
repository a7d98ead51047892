"""`python -m tests.bench`: all measures, into docs/performance.md; `python -m tests.bench quick`: the first ratios.

`python -m tests.bench transports`: docs/transports.md.
"""

import sys

from tests.bench.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
