"""Numbers of every kind: dimensions, polynomials, rational functions, expressions and how they are printed."""
