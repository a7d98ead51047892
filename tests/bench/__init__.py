"""The benchmark: chatsite and its peers as real processes, under the same load, side by side. docs/performance.md."""
