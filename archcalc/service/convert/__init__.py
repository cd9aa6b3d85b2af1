"""Results as messages and messages as results: one rule for all of them, so that no call has its own converters.

A message has the fields of the result (NamedTuple or frozen dataclass) that it stands for, under the same names. The
contract says how a field is sent, the result's annotation what it is read back as. Messages around a result stand
for what has no name in Python: two fields for an entry of a mapping, one for a list within a list, a oneof for a
choice. A test holds every result to the law that it comes back equal.
"""

from archcalc.service.convert.common import BEYOND, Field, Unsendable
from archcalc.service.convert.reading import read, read_field
from archcalc.service.convert.writing import write, write_field

__all__ = ["BEYOND", "Field", "Unsendable", "read", "read_field", "write", "write_field"]
