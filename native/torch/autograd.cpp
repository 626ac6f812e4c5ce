// Gradients: switches, backward, grad.
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

#include "bridge.h"

using namespace microtome;

int32_t mt_tensor_requires_grad(mt_tensor t) { return borrow(t).requires_grad() ? 1 : 0; }

mt_status mt_tensor_set_requires_grad(mt_tensor t, int32_t on) {
    return guarded([&] {
        auto tensor = borrow(t);
        // the same rule and words as PyTorch: an integer cannot carry a gradient
        TORCH_CHECK(!on || at::isFloatingType(tensor.scalar_type()), "only tensors of floating point dtype can require gradients, this is ", describe(tensor));
        TORCH_CHECK(on || tensor.is_leaf(), "requires_grad of a tensor that is not a leaf cannot be turned off; use detach(), this is ", describe(tensor));
        tensor.set_requires_grad(on != 0);
    });
}

int32_t mt_tensor_is_leaf(mt_tensor t) { return borrow(t).is_leaf() ? 1 : 0; }

mt_status mt_tensor_grad(mt_tensor t, mt_tensor* out) {
    return guarded([&] { *out = give(borrow(t).grad()); });
}

mt_status mt_tensor_set_grad(mt_tensor t, mt_tensor grad) {
    return guarded([&] {
        auto tensor = borrow(t);
        tensor.mutable_grad() = borrow(grad);
    });
}

mt_status mt_tensor_retain_grad(mt_tensor t) {
    return guarded([&] { borrow(t).retain_grad(); });
}

mt_status mt_tensor_set_data(mt_tensor t, mt_tensor data) {
    return guarded([&] { borrow(t).set_data(borrow(data)); });
}

mt_status mt_backward(const mt_tensor* tensors, const mt_tensor* gradients, int32_t count, int32_t retain_graph, int32_t create_graph) {
    return guarded([&] {
        torch::autograd::backward(borrow(tensors, count), gradients == nullptr ? std::vector<at::Tensor>() : borrow(gradients, count),
                                  retain_graph != 0 || create_graph != 0, create_graph != 0);
    });
}

mt_status mt_grad(const mt_tensor* outputs, int32_t output_count, const mt_tensor* inputs, int32_t input_count, const mt_tensor* gradients,
                  int32_t retain_graph, int32_t create_graph, int32_t allow_unused, mt_tensor* results) {
    return guarded([&] {
        auto grads = torch::autograd::grad(borrow(outputs, output_count), borrow(inputs, input_count),
                                           gradients == nullptr ? std::vector<at::Tensor>() : borrow(gradients, output_count),
                                           retain_graph != 0 || create_graph != 0, create_graph != 0, allow_unused != 0);
        for (int32_t i = 0; i < input_count; i++) results[i] = give(grads[i]);
    });
}

int32_t mt_grad_enabled(void) { return at::GradMode::is_enabled() ? 1 : 0; }
void mt_set_grad_enabled(int32_t on) { at::GradMode::set_enabled(on != 0); }

mt_status mt_inference_mode_enter(int32_t on, mt_guard* out) {
    return guarded([&] { *out = reinterpret_cast<mt_guard>(new c10::InferenceMode(on != 0)); });
}

void mt_inference_mode_leave(mt_guard guard) { delete reinterpret_cast<c10::InferenceMode*>(guard); }

void mt_set_anomaly(int32_t on) { torch::autograd::AnomalyMode::set_enabled(on != 0); }

// Autocast: 1.13 and early 2.x have one switch per device, later ones take the device as an argument.
#define MT_AUTOCAST_BY_DEVICE (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4))

namespace {
struct Autocast {
    at::DeviceType device;
    bool was_on;
    at::ScalarType was_dtype;

    Autocast(at::DeviceType type, at::ScalarType dtype, bool on) : device(type), was_on(enabled()), was_dtype(current()) {
        set(on, dtype);
        at::autocast::increment_nesting();
    }

    ~Autocast() {
        if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
        set(was_on, was_dtype);
    }

    bool enabled() const {
#if MT_AUTOCAST_BY_DEVICE
        return at::autocast::is_autocast_enabled(device);
#else
        return device == at::kCPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
#endif
    }

    at::ScalarType current() const {
#if MT_AUTOCAST_BY_DEVICE
        return at::autocast::get_autocast_dtype(device);
#else
        return device == at::kCPU ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype();
#endif
    }

    void set(bool on, at::ScalarType dtype) const {
#if MT_AUTOCAST_BY_DEVICE
        at::autocast::set_autocast_enabled(device, on);
        at::autocast::set_autocast_dtype(device, dtype);
#else
        if (device == at::kCPU) {
            at::autocast::set_cpu_enabled(on);
            at::autocast::set_autocast_cpu_dtype(dtype);
        } else {
            at::autocast::set_enabled(on);
            at::autocast::set_autocast_gpu_dtype(dtype);
        }
#endif
    }
};
}  // namespace

mt_status mt_autocast_enter(int32_t device_type, int32_t dtype, int32_t on, mt_guard* out) {
    return guarded([&] {
        *out = reinterpret_cast<mt_guard>(new Autocast(static_cast<at::DeviceType>(device_type), static_cast<at::ScalarType>(dtype), on != 0));
    });
}

void mt_autocast_leave(mt_guard guard) { delete reinterpret_cast<Autocast*>(guard); }
