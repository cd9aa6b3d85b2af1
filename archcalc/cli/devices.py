"""`archcalc devices`: the devices that networks run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archcalc.cli.options import output_options, show

if TYPE_CHECKING:
    from archcalc.hardware.devices import Device


def complete_device(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[Any]:
    """Completions of the key of a device, or of the path of a file of one's own."""
    from archcalc.hardware.devices import devices

    if "/" in incomplete or "." in incomplete:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]
    return [each.key for each in devices() if each.key.startswith(incomplete.lower())]


def own_device(name: str) -> str | Device:
    """The device that a file describes, if the name is that of a TOML file; any other name is returned unchanged."""
    from archcalc.hardware.device_files import is_device_file, read_device_file

    return read_device_file(name) if is_device_file(name) else name


@click.command("devices")
@click.argument("name", default="", shell_complete=complete_device)
@output_options
def devices_command(name: str, form: str, exact: bool) -> None:
    """List the devices that networks run on: memory, bandwidth, peak rates; or show NAME with its sources.

    A NAME that fits several devices lists those. A figure that no source states is empty. FILE.toml is a device of your
    own, wherever a device is named.

    \b
    Examples:
      archcalc devices
      archcalc devices a100
      archcalc devices a100-40gb
      archcalc devices "NVIDIA GeForce RTX 3090" --format json
      archcalc devices --format csv
      archcalc devices mine.toml
    """
    from archcalc.hardware.devices import Device, devices, find_devices
    from archcalc.present import devices as views

    own = own_device(name)
    found = (own,) if isinstance(own, Device) else find_devices(own) if own else devices()
    data = [views.device_data(each) for each in found]
    records = [views.device_record(each) for each in found]
    if name and len(found) == 1:
        show(views.device_tables(found[0]), records, data[0], form, exact, at_most=100)
        return
    show(views.devices_table(found), records, data, form, exact)
