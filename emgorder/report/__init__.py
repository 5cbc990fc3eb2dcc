"""Results for people: sentences, figures, the page and the terminal."""
