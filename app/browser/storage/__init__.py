"""What this browser keeps: the database, what is in it, and the tabs that share it."""
