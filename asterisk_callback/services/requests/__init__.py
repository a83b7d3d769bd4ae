"""How a request is opened for a wish, follows its wishes, moves on and ends."""
