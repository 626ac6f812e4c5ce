// 3x3 convolutions of stride 1 by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, arXiv 1509.09308): a quarter of the multiplications.
// No libtorch in here: winograd.cpp is compiled for AVX-512, and nothing that other files share may be.
#pragma once
#include <cstddef>
#include <cstdint>

namespace microtome {

/// Channels in and out must be multiples of these.
constexpr int64_t kWinogradInputs = 16, kWinogradOutputs = 32;

struct WinogradShape {
    int64_t height, width, inputs, outputs;
};

/// Whether this machine can run it.
bool winograd_runs();

/// Floats of packed weights.
inline size_t winograd_weights(int64_t inputs, int64_t outputs) { return static_cast<size_t>(36 * inputs * outputs); }

/// Packs weights [outputs, inputs, 3, 3], contiguous.
void winograd_pack(const float* weight, int64_t inputs, int64_t outputs, float* packed);

/// input [pictures, height, width, inputs] and output [pictures, height, width, outputs], contiguous; the input is padded by one pixel of zeros.
/// bias [outputs] or null; add, of the output's shape or null, is added before the ReLU. Tiles of all pictures share a pass over the weights, but the
/// answer to a picture does not depend on the others.
void winograd_convolve(const WinogradShape& shape, int64_t pictures, const float* input, const float* packed, const float* bias, const float* add, bool relu, float* output);

}  // namespace microtome
