"""The only writes. Each action checks permission itself and raises `Refusal` if the person may not do it."""
