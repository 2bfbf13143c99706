"""Who is asked: providers, their models, and the choice among them."""
