"""The entry point of `kairosd`, the daemon's command."""

from __future__ import annotations

from kairos_service.startup_signals import block_signals


def main() -> None:
    """Run `kairosd`."""
    block_signals()  # before the slow imports
    from kairos_service.command import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
