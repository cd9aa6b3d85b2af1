// Lets the engine of autograd run on fake CUDA tensors without a GPU; see tests/live_storages.py.
//
// Before a backward pass the engine asks whether each CUDA device has a context, which fails without a driver. The answer
// becomes "no": the entry of that method in the table of PyTorch's CUDA hooks is replaced in a copy of the table (Itanium
// C++ ABI: a pointer to a virtual method holds its offset in the table plus 1).
#include <ATen/detail/CUDAHooksInterface.h>

#include <cstring>

namespace {
constexpr size_t kBefore = 2, kEntries = 128;
void* table[kBefore + kEntries];
bool no_context(const void*, c10::DeviceIndex) { return false; }
}  // namespace

extern "C" void no_gpu() {
  auto hooks = const_cast<at::CUDAHooksInterface*>(&at::detail::getCUDAHooks());
  auto method = &at::CUDAHooksInterface::hasPrimaryContext;
  ptrdiff_t offset;
  std::memcpy(&offset, &method, sizeof(offset));
  void*** entries = reinterpret_cast<void***>(hooks);
  std::memcpy(table, *entries - kBefore, sizeof(table));
  table[kBefore + (offset - 1) / sizeof(void*)] = reinterpret_cast<void*>(&no_context);
  *entries = table + kBefore;
}
