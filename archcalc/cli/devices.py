"""`archcalc devices`: the devices that networks run on."""

from __future__ import annotations

import click

from archcalc.cli.options import output_options, show


def complete_device(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completions of the key of a device."""
    from archcalc.hardware.devices import devices

    return [each.key for each in devices() if each.key.startswith(incomplete.lower())]


@click.command("devices")
@click.argument("name", default="", shell_complete=complete_device)
@output_options
def devices_command(name: str, form: str, exact: bool) -> None:
    """List the devices that networks run on: memory, bandwidth, peak rates; or show NAME with its sources.

    A NAME that fits several devices lists those. A figure that no source states is empty.

    \b
    Examples:
      archcalc devices
      archcalc devices a100
      archcalc devices a100-40gb
      archcalc devices "NVIDIA GeForce RTX 3090" --format json
      archcalc devices --format csv
    """
    from archcalc.hardware.devices import devices, find_devices
    from archcalc.present import devices as views

    found = find_devices(name) if name else devices()
    data = [views.device_data(each) for each in found]
    records = [views.device_record(each) for each in found]
    if name and len(found) == 1:
        show(views.device_tables(found[0]), records, data[0], form, exact, at_most=100)
        return
    show(views.devices_table(found), records, data, form, exact)
