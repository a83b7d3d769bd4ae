"""How the outside is told: one channel a file. The words are in templates/, a folder a language."""
