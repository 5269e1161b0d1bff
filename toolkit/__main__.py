"""``python -m toolkit`` does what ``gknb`` does."""

from toolkit.cli import main

if __name__ == "__main__":
    main()
