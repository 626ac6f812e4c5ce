// Small products along the heads of one query; rows are padded with zeros to whole lanes.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>

namespace microtome {

constexpr int64_t kHeadLane = 16;

/// Aligned room for rows.
class HeadRows {
public:
    explicit HeadRows(int64_t count) : data_(static_cast<float*>(std::aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64 + 64))) {
        if (data_ == nullptr) throw std::bad_alloc();
    }
    ~HeadRows() { std::free(data_); }
    HeadRows(const HeadRows&) = delete;
    HeadRows& operator=(const HeadRows&) = delete;
    float* data() { return data_; }

private:
    float* data_;
};

/// to[o][:] = sum over i of matrix[o][i] * from[i][:]; rows of `row` floats, a multiple of kHeadLane.
void mix_heads(const float* matrix, int64_t outputs, int64_t inputs, const float* from, int64_t row, float* to);

/// sum[i][o] += a[i][:] . b[o][:]
void add_products(const float* a, int64_t rows_a, const float* b, int64_t rows_b, int64_t row, float* sum);

/// In place; the tail beyond `keys` becomes zero. A row that is hidden as a whole becomes NaN, as in PyTorch.
void softmax_row(float* x, int64_t keys, int64_t row);

/// g = a * (g - a . g), in place.
void softmax_row_backward(const float* a, float* g, int64_t row);

}  // namespace microtome
