// Making tensors from memory, looking into them, giving them back.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstring>

#include "bridge.h"

using namespace microtome;

static at::TensorImpl& impl(mt_tensor t) { return *reinterpret_cast<c10::TensorImpl*>(t); }

void mt_tensor_free(mt_tensor t) {
    if (t == nullptr) return;
    count_tensors(-1);
    c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(reinterpret_cast<c10::TensorImpl*>(t));
}

int64_t mt_tensor_live_count(void) { return count_tensors(0); }

mt_status mt_tensor_from_data(const void* data, int64_t bytes, const int64_t* shape, int32_t dims, int32_t dtype, int32_t device, mt_tensor* out) {
    return guarded([&] {
        auto t = at::empty(c10::IntArrayRef(shape, dims), at::TensorOptions(static_cast<at::ScalarType>(dtype)));
        TORCH_CHECK(static_cast<int64_t>(t.nbytes()) == bytes, "data has ", bytes, " bytes but shape ", t.sizes(), " of ", t.scalar_type(), " needs ", t.nbytes());
        if (bytes > 0) std::memcpy(t.data_ptr(), data, bytes);
        auto where = device_of(device);
        *out = give(where.is_cpu() ? t : t.to(where));
    });
}

void mt_tensor_describe(mt_tensor t, int32_t* dtype, int32_t* device, int32_t* dims) {
    *dtype = static_cast<int32_t>(c10::typeMetaToScalarType(impl(t).dtype()));
    *device = code_of(impl(t).device());
    *dims = static_cast<int32_t>(impl(t).dim());
}

int32_t mt_tensor_dims(mt_tensor t) { return static_cast<int32_t>(impl(t).dim()); }
int64_t mt_tensor_numel(mt_tensor t) { return impl(t).numel(); }
int64_t mt_tensor_itemsize(mt_tensor t) { return static_cast<int64_t>(impl(t).itemsize()); }

void mt_tensor_sizes(mt_tensor t, int64_t* sizes) {
    for (auto s : impl(t).sizes()) *sizes++ = s;
}

void mt_tensor_strides(mt_tensor t, int64_t* strides) {
    for (auto s : impl(t).strides()) *strides++ = s;
}

int32_t mt_tensor_is_contiguous(mt_tensor t, int32_t memory_format) {
    return impl(t).is_contiguous(static_cast<c10::MemoryFormat>(memory_format)) ? 1 : 0;
}

mt_status mt_tensor_data_ptr(mt_tensor t, void** out) {
    return guarded([&] { *out = borrow(t).data_ptr(); });
}

mt_status mt_tensor_copy_out(mt_tensor t, void* data, int64_t bytes) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        auto source = borrow(t).detach().cpu().contiguous();
        TORCH_CHECK(static_cast<int64_t>(source.nbytes()) == bytes, "the buffer has ", bytes, " bytes but ", describe(source), " has ", source.nbytes());
        if (bytes > 0) std::memcpy(data, source.data_ptr(), bytes);
    });
}

mt_status mt_tensor_copy_in(mt_tensor t, const void* data, int64_t bytes) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        auto target = borrow(t);
        TORCH_CHECK(static_cast<int64_t>(target.nbytes()) == bytes, "the data has ", bytes, " bytes but ", describe(target), " has ", target.nbytes());
        if (bytes == 0) return;
        if (target.is_cpu() && target.is_contiguous()) {
            std::memcpy(target.data_ptr(), data, bytes);
            return;
        }
        auto source = at::from_blob(const_cast<void*>(data), target.sizes(), at::TensorOptions(target.scalar_type()));
        target.copy_(source);
    });
}

mt_status mt_tensor_alias(mt_tensor t, mt_tensor* out) {
    return guarded([&] { *out = give(borrow(t)); });
}

int32_t mt_tensor_same(mt_tensor a, mt_tensor b) { return a == b ? 1 : 0; }
