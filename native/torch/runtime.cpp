// Errors, versions, threads, random numbers, devices.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/version.h>

#include <atomic>
#include <sstream>

#include "bridge.h"

namespace microtome {

static thread_local std::string last_error;
static std::atomic<int64_t> live_tensors{0};

void set_error(std::string message) { last_error = std::move(message); }

int64_t count_tensors(int64_t change) { return live_tensors.fetch_add(change) + change; }

std::string describe(const at::Tensor& t) {
    if (!t.defined()) return "none";
    std::ostringstream text;
    text << t.scalar_type() << t.sizes();
    if (!t.device().is_cpu()) text << ' ' << t.device();
    return text.str();
}

at::Device device_of(int64_t code) { return at::Device(static_cast<at::DeviceType>(code / 256), static_cast<c10::DeviceIndex>(code % 256 - 1)); }

int32_t code_of(const at::Device& device) { return static_cast<int32_t>(device.type()) * 256 + device.index() + 1; }

}  // namespace microtome

using namespace microtome;

const char* mt_last_error(void) { return last_error.c_str(); }
int32_t mt_abi_version(void) { return MT_ABI_VERSION; }
const char* mt_torch_version(void) { return TORCH_VERSION; }

const char* mt_build_info(void) {
    static const std::string text = at::show_config() + at::get_parallel_info();
    return text.c_str();
}

mt_status mt_manual_seed(int64_t seed) {
    return guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

mt_status mt_get_generator_state(int32_t device, mt_tensor* out) {
    return guarded([&] {
        auto generator = at::globalContext().defaultGenerator(device_of(device));
        std::lock_guard<std::mutex> lock(generator.mutex());
        *out = give(generator.get_state());
    });
}

mt_status mt_set_generator_state(int32_t device, mt_tensor state) {
    return guarded([&] {
        auto generator = at::globalContext().defaultGenerator(device_of(device));
        std::lock_guard<std::mutex> lock(generator.mutex());
        generator.set_state(borrow(state));
    });
}

mt_status mt_set_num_threads(int32_t threads) {
    return guarded([&] { at::set_num_threads(threads); });
}

int32_t mt_get_num_threads(void) { return at::get_num_threads(); }

mt_status mt_set_num_interop_threads(int32_t threads) {
    return guarded([&] { at::set_num_interop_threads(threads); });
}

int32_t mt_set_flush_denormal(int32_t on) { return at::globalContext().setFlushDenormal(on != 0) ? 1 : 0; }

void mt_set_deterministic(int32_t on) { at::globalContext().setDeterministicAlgorithms(on != 0, /*warn_only=*/true); }

// Through libtorch's own tables of devices: the bridge needs no CUDA headers, and one source serves both kinds of libtorch.
int32_t mt_cuda_device_count(void) {
    auto guard = c10::impl::device_guard_impl_registry[static_cast<size_t>(at::kCUDA)].load();
    return guard == nullptr ? 0 : static_cast<int32_t>(guard->deviceCount());
}

mt_status mt_cuda_synchronize(int32_t index) {
    return guarded([&] {
        TORCH_CHECK(mt_cuda_device_count() > index, "cuda:", index, " cannot be used: libtorch sees ", mt_cuda_device_count(), " CUDA devices");
        at::detail::getCUDAHooks().deviceSynchronize(index);
    });
}

void mt_set_tf32(int32_t on) {
    at::globalContext().setAllowTF32CuBLAS(on != 0);
    at::globalContext().setAllowTF32CuDNN(on != 0);
}

void mt_set_cudnn_benchmark(int32_t on) { at::globalContext().setBenchmarkCuDNN(on != 0); }
