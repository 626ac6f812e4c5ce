// What the chapters of the bridge share: references to tensors and the catch-all at the border.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <string>
#include <vector>

#include "microtome_torch.h"

namespace microtome {

void set_error(std::string message);
int64_t count_tensors(int64_t change);

/// Hands one reference to the caller; the undefined tensor becomes NULL.
inline mt_tensor give(at::Tensor t) {
    if (!t.defined()) return nullptr;
    count_tensors(1);
    return reinterpret_cast<mt_tensor>(t.unsafeReleaseTensorImpl());
}

/// A reference of our own to a borrowed tensor.
inline at::Tensor borrow(mt_tensor handle) {
    if (handle == nullptr) return at::Tensor();
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(reinterpret_cast<c10::TensorImpl*>(handle)));
}

inline std::vector<at::Tensor> borrow(const mt_tensor* handles, int32_t count) {
    std::vector<at::Tensor> list;
    list.reserve(count);
    for (int32_t i = 0; i < count; i++) list.push_back(handles == nullptr ? at::Tensor() : borrow(handles[i]));
    return list;
}

/// "float[2, 3] cpu": what an error message says of an operand.
std::string describe(const at::Tensor& t);

at::Device device_of(int64_t code);
int32_t code_of(const at::Device& device);

/// Runs the body; an exception becomes status 1 and a message.
template <typename Body>
mt_status guarded(Body&& body) noexcept {
    try {
        body();
        return 0;
    } catch (const c10::Error& e) {
        set_error(e.what_without_backtrace());
    } catch (const std::exception& e) {
        set_error(e.what());
    } catch (...) {
        set_error("libtorch threw an unknown exception");
    }
    return 1;
}

}  // namespace microtome
