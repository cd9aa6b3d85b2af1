"""What every test needs: reference libraries that load beside a CPU build of PyTorch."""

from archcalc.validate.models import keep_compiled_ops_out

keep_compiled_ops_out()
