"""The proof of delivery: real clients, real faults, and a checker that compares what they saw with what is stored."""
