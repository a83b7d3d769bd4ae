"""What a callback is and what it may become. Pure: no database, no network, no clock of its own."""
