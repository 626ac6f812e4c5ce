// 3x3 convolutions of stride 1, padded by 1, for inference.
#pragma once
#include <ATen/core/Tensor.h>

namespace microtome {

/// Whether weights are of the kind that microtome::convolution is faster with, on this machine.
bool can_pack(const at::Tensor& weight);

/// Weights [outputs, inputs, 3, 3] as microtome::convolution takes them: a tensor of bytes that is only good for that, or an empty one where nothing is gained.
at::Tensor pack_convolution(const at::Tensor& weight);

}  // namespace microtome
