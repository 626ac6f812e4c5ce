#include "winograd.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace microtome {

#if defined(__AVX512F__)

namespace {

using vec = __m512;

constexpr int64_t kPoints = 36, kLane = 16;
// Tiles and outputs of one call of the innermost product: 28 of the 32 registers are its sums.
constexpr int64_t kRows = 14, kColumns = 32;
// Floats of transformed input and product that a pass may hold; tiles of one pass share one reading of the weights.
constexpr int64_t kSmallPass = 1 << 18, kMostTiles = 16 * kRows;

struct Free {
    void operator()(float* p) const { std::free(p); }
};

/// Grows and stays, one a thread.
class Scratch {
public:
    float* take(size_t count) {
        if (count > size_) {
            memory_.reset();
            auto* p = static_cast<float*>(std::aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64));
            if (p == nullptr) throw std::bad_alloc();
            memory_.reset(p);
            size_ = count;
        }
        return memory_.get();
    }

private:
    std::unique_ptr<float, Free> memory_;
    size_t size_ = 0;
};

inline vec set(float value) { return _mm512_set1_ps(value); }
inline vec add(vec a, vec b) { return _mm512_add_ps(a, b); }
inline vec sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
inline vec mul_add(float f, vec a, vec b) { return _mm512_fmadd_ps(set(f), a, b); }

/// B^T d of six values.
inline void input_line(const vec d[6], vec r[6]) {
    vec even = mul_add(-4, d[2], d[4]), odd = mul_add(-4, d[1], d[3]);
    vec even2 = sub(d[4], d[2]), odd2 = _mm512_mul_ps(set(2), sub(d[3], d[1]));
    r[0] = mul_add(4, d[0], mul_add(-5, d[2], d[4]));
    r[1] = add(even, odd);
    r[2] = sub(even, odd);
    r[3] = add(even2, odd2);
    r[4] = sub(even2, odd2);
    r[5] = mul_add(4, d[1], mul_add(-5, d[3], d[5]));
}

/// A^T m of six values.
inline void output_line(const vec m[6], vec r[4]) {
    vec s12 = add(m[1], m[2]), d12 = sub(m[1], m[2]), s34 = add(m[3], m[4]), d34 = sub(m[3], m[4]);
    r[0] = add(m[0], add(s12, s34));
    r[1] = mul_add(2, d34, d12);
    r[2] = mul_add(4, s34, s12);
    r[3] = add(mul_add(8, d34, d12), m[5]);
}

/// sums[r][c] = v[r][:] * u[:][c]; v has rows of `inputs`, u of 32, sums of `stride` floats.
template <int Rows>
void product(int64_t inputs, const float* v, const float* u, float* sums, int64_t stride) {
    vec left[Rows], right[Rows];
    for (int r = 0; r < Rows; r++) left[r] = right[r] = _mm512_setzero_ps();
    for (int64_t k = 0; k < inputs; k++) {
        vec a = _mm512_load_ps(u + k * kColumns), b = _mm512_load_ps(u + k * kColumns + kLane);
#pragma GCC unroll 14
        for (int r = 0; r < Rows; r++) {
            vec x = set(v[r * inputs + k]);
            left[r] = _mm512_fmadd_ps(x, a, left[r]);
            right[r] = _mm512_fmadd_ps(x, b, right[r]);
        }
    }
    for (int r = 0; r < Rows; r++) {
        _mm512_store_ps(sums + r * stride, left[r]);
        _mm512_store_ps(sums + r * stride + kLane, right[r]);
    }
}

struct Tiles {
    int64_t across, down;
    explicit Tiles(const WinogradShape& s) : across((s.width + 3) / 4), down((s.height + 3) / 4) {}
    int64_t each() const { return across * down; }
};

struct Place {
    int64_t picture, top, left;
};

inline Place place(const Tiles& tiles, int64_t tile) {
    int64_t picture = tile / tiles.each(), rest = tile % tiles.each();
    return {picture, rest / tiles.across * 4, rest % tiles.across * 4};
}

/// v[point][tile][inputs] of a run of tiles.
void transform_input(const WinogradShape& s, const Tiles& tiles, const float* input, int64_t first, int64_t count, int64_t room, float* v) {
    for (int64_t t = 0; t < count; t++) {
        auto [picture, top, left] = place(tiles, first + t);
        const float* base = input + picture * s.height * s.width * s.inputs;
        for (int64_t c = 0; c < s.inputs; c += kLane) {
            vec lines[6][6];
            for (int y = 0; y < 6; y++) {
                vec d[6];
                int64_t row = top + y - 1;
                for (int x = 0; x < 6; x++) {
                    int64_t column = left + x - 1;
                    bool inside = row >= 0 && row < s.height && column >= 0 && column < s.width;
                    d[x] = inside ? _mm512_loadu_ps(base + (row * s.width + column) * s.inputs + c) : _mm512_setzero_ps();
                }
                input_line(d, lines[y]);
            }
            for (int x = 0; x < 6; x++) {
                vec d[6], r[6];
                for (int y = 0; y < 6; y++) d[y] = lines[y][x];
                input_line(d, r);
                for (int y = 0; y < 6; y++) _mm512_store_ps(v + ((y * 6 + x) * room + t) * s.inputs + c, r[y]);
            }
        }
    }
}

/// The output of a run of tiles from m[point][tile][outputs].
void transform_output(const WinogradShape& s, const Tiles& tiles, const float* m, int64_t first, int64_t count, int64_t room, const float* bias, const float* plus, bool relu, float* output) {
    for (int64_t t = 0; t < count; t++) {
        auto [picture, top, left] = place(tiles, first + t);
        const int64_t start = picture * s.height * s.width * s.outputs;
        const int64_t rows = std::min<int64_t>(4, s.height - top), columns = std::min<int64_t>(4, s.width - left);
        for (int64_t c = 0; c < s.outputs; c += kLane) {
            vec lines[4][6];
            for (int x = 0; x < 6; x++) {
                vec d[6], r[4];
                for (int y = 0; y < 6; y++) d[y] = _mm512_load_ps(m + ((y * 6 + x) * room + t) * s.outputs + c);
                output_line(d, r);
                for (int y = 0; y < 4; y++) lines[y][x] = r[y];
            }
            vec shift = bias ? _mm512_loadu_ps(bias + c) : _mm512_setzero_ps();
            for (int64_t y = 0; y < rows; y++) {
                vec r[4];
                output_line(lines[y], r);
                for (int64_t x = 0; x < columns; x++) {
                    int64_t at = start + ((top + y) * s.width + left + x) * s.outputs + c;
                    vec value = add(r[x], shift);
                    if (plus) value = add(value, _mm512_loadu_ps(plus + at));
                    if (relu) value = _mm512_max_ps(value, _mm512_setzero_ps());
                    _mm512_storeu_ps(output + at, value);
                }
            }
        }
    }
}

}  // namespace

bool winograd_runs() { return __builtin_cpu_supports("avx512f"); }

void winograd_pack(const float* weight, int64_t inputs, int64_t outputs, float* packed) {
    // G g G^T in double precision: done once.
    static const double g[6][3] = {{1 / 4.0, 0, 0}, {-1 / 6.0, -1 / 6.0, -1 / 6.0}, {-1 / 6.0, 1 / 6.0, -1 / 6.0}, {1 / 24.0, 1 / 12.0, 1 / 6.0}, {1 / 24.0, -1 / 12.0, 1 / 6.0}, {0, 0, 1}};
    for (int64_t o = 0; o < outputs; o++)
        for (int64_t i = 0; i < inputs; i++) {
            const float* w = weight + (o * inputs + i) * 9;
            double half[6][3];
            for (int p = 0; p < 6; p++)
                for (int x = 0; x < 3; x++) half[p][x] = g[p][0] * w[x] + g[p][1] * w[3 + x] + g[p][2] * w[6 + x];
            for (int p = 0; p < 6; p++)
                for (int q = 0; q < 6; q++) {
                    double value = half[p][0] * g[q][0] + half[p][1] * g[q][1] + half[p][2] * g[q][2];
                    packed[(((p * 6 + q) * (outputs / kColumns) + o / kColumns) * inputs + i) * kColumns + o % kColumns] = static_cast<float>(value);
                }
        }
}

void winograd_convolve(const WinogradShape& s, int64_t pictures, const float* input, const float* packed, const float* bias, const float* plus, bool relu, float* output) {
    static thread_local Scratch scratch;
    const Tiles tiles(s);
    const int64_t all = tiles.each() * pictures;
    int64_t room = kSmallPass / (kPoints * (s.inputs + s.outputs)) / kRows * kRows;
    // Many weights must be worth their reading.
    room = std::clamp(std::max(room, (s.inputs + s.outputs) / 5 / kRows * kRows), 2 * kRows, kMostTiles);
    room = std::min(room, (all + kRows - 1) / kRows * kRows);
    float* v = scratch.take(static_cast<size_t>(kPoints * room * (s.inputs + s.outputs)));
    float* m = v + kPoints * room * s.inputs;
    for (int64_t first = 0; first < all; first += room) {
        const int64_t count = std::min(room, all - first);
        transform_input(s, tiles, input, first, count, room, v);
        for (int64_t point = 0; point < kPoints; point++)
            for (int64_t o = 0; o < s.outputs; o += kColumns) {
                const float* u = packed + (point * s.outputs + o) * s.inputs;
                for (int64_t t = 0; t < count; t += kRows) {
                    const float* rows = v + (point * room + t) * s.inputs;
                    float* sums = m + (point * room + t) * s.outputs + o;
                    // Rows past the last tile hold what an earlier pass left; nobody reads their sums.
                    product<kRows>(s.inputs, rows, u, sums, s.outputs);
                }
            }
        transform_output(s, tiles, m, first, count, room, bias, plus, relu, output);
    }
}

#else

bool winograd_runs() { return false; }
void winograd_pack(const float*, int64_t, int64_t, float*) {}
void winograd_convolve(const WinogradShape&, int64_t, const float*, const float*, const float*, const float*, bool, float*) {}

#endif

}  // namespace microtome
