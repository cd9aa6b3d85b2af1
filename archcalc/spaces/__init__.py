"""Design spaces: sets of networks as data, their costs at many points, and what is read off them."""
