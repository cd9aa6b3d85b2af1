"""What every test needs: reference libraries that load beside a CPU build of PyTorch, and no limit for an example."""

from hypothesis import settings

from archcalc.validate.models import keep_compiled_ops_out

keep_compiled_ops_out()
settings.register_profile("archcalc", deadline=None)  # a machine may be busy
settings.load_profile("archcalc")
