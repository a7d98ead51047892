"""The only writes. Each action checks by itself that the person may do it, and raises `Refusal` where not."""
