"""Folds over a graph: what each node costs, sees and keeps. No formula of a layer stands here; ops have them."""
