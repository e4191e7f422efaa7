"""`python -m kairos`."""

from kairos.cli import program

if __name__ == "__main__":
    program()
