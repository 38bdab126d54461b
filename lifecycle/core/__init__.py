"""The pure core: three functions (`decide`, `evolve`, `wakes_at`) and what they speak of. Standard library only."""
