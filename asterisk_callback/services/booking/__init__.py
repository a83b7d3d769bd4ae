"""What a customer asks: book, move, change the number, cancel, erase, ask again."""
