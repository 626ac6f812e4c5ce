// Convolutions for inference as operators of our own, so that networks of ours and TorchScript files can both call them.
#include "convolution.h"

#include <ATen/Parallel.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <torch/library.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "winograd.h"

namespace microtome {

namespace {

constexpr uint64_t kMark = 0x33584E4F434B434D;
// Smaller maps are mostly padding to tiles of four.
constexpr int64_t kSmallestSide = 12;

/// What a packed tensor of bytes is: the weights, and the same transformed, from the first call that wants them.
struct Packed {
    uint64_t mark = kMark;
    at::Tensor weight, transformed;
    std::once_flag once;
};

Packed& unpack(const at::Tensor& packed) {
    TORCH_CHECK(packed.defined() && packed.is_cpu() && packed.scalar_type() == at::kByte && packed.numel() == static_cast<int64_t>(sizeof(Packed)) && static_cast<Packed*>(packed.data_ptr())->mark == kMark,
                "not what pack_convolution made");
    return *static_cast<Packed*>(packed.data_ptr());
}

const at::Tensor& transformed(Packed& packed) {
    std::call_once(packed.once, [&] {
        auto weight = packed.weight.contiguous();
        auto room = at::empty({static_cast<int64_t>(winograd_weights(weight.size(1), weight.size(0)))}, weight.options());
        winograd_pack(weight.data_ptr<float>(), weight.size(1), weight.size(0), room.data_ptr<float>());
        packed.transformed = room;
    });
    return packed.transformed;
}

at::Tensor convolve(const at::Tensor& input, const at::Tensor& handle, const c10::optional<at::Tensor>& bias, const c10::optional<at::Tensor>& add, bool relu) {
    auto& packed = unpack(handle);
    const auto& weight = packed.weight;
    bool fits = input.dim() == 4 && input.is_cpu() && input.scalar_type() == at::kFloat && input.size(1) == weight.size(1) && std::min(input.size(2), input.size(3)) >= kSmallestSide;
    if (!fits || !winograd_runs()) {
        auto output = at::conv2d(input, weight, bias, 1, 1);
        if (add) output.add_(*add);
        return relu ? output.relu_() : output;
    }

    auto x = input.contiguous(at::MemoryFormat::ChannelsLast);
    const WinogradShape shape{x.size(2), x.size(3), weight.size(1), weight.size(0)};
    auto output = at::empty({x.size(0), shape.outputs, shape.height, shape.width}, x.options(), at::MemoryFormat::ChannelsLast);
    at::Tensor plus, shift;
    if (add) {
        TORCH_CHECK(add->sizes() == output.sizes(), "cannot add ", add->sizes(), " to ", output.sizes());
        plus = add->to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
    }
    if (bias) shift = bias->to(at::kFloat).contiguous();
    const float* u = transformed(packed).data_ptr<float>();
    const float *from = x.data_ptr<float>(), *b = shift.defined() ? shift.data_ptr<float>() : nullptr, *p = plus.defined() ? plus.data_ptr<float>() : nullptr;
    float* to = output.data_ptr<float>();
    const int64_t pictures = x.size(0), area = shape.height * shape.width, share = (pictures + at::get_num_threads() - 1) / at::get_num_threads();
    at::parallel_for(0, pictures, std::max<int64_t>(1, share), [&](int64_t first, int64_t last) {
        winograd_convolve(shape, last - first, from + first * area * shape.inputs, u, b, p ? p + first * area * shape.outputs : nullptr, relu, to + first * area * shape.outputs);
    });
    return output;
}

TORCH_LIBRARY(microtome, library) {
    library.def("pack_convolution(Tensor weight) -> Tensor", &pack_convolution);
    library.def("convolution(Tensor input, Tensor packed, Tensor? bias, Tensor? add, bool relu) -> Tensor", &convolve);
}

}  // namespace

bool can_pack(const at::Tensor& weight) {
    return winograd_runs() && weight.dim() == 4 && weight.is_cpu() && weight.scalar_type() == at::kFloat && weight.size(2) == 3 && weight.size(3) == 3 && weight.size(0) > 0 && weight.size(1) > 0 &&
           weight.size(1) % kWinogradInputs == 0 && weight.size(0) % kWinogradOutputs == 0;
}

at::Tensor pack_convolution(const at::Tensor& weight) {
    TORCH_CHECK(weight.dim() == 4 && weight.size(2) == 3 && weight.size(3) == 3, "weights [outputs, inputs, 3, 3] are expected, not ", weight.sizes());
    if (!can_pack(weight)) return at::empty({0}, at::kByte);
    auto packed = std::make_unique<Packed>();
    packed->weight = weight.detach().contiguous(at::MemoryFormat::ChannelsLast);
    void* place = packed.release();
    return at::from_blob(place, {static_cast<int64_t>(sizeof(Packed))}, [](void* p) { delete static_cast<Packed*>(p); }, at::kByte);
}

}  // namespace microtome
