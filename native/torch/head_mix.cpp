#include "head_mix.h"

#include <cmath>
#include <limits>

// Vectors of the compiler: one source for AVX-512, AVX2 and what else there is; the loader picks (target_clones).
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define MICROTOME_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MICROTOME_CLONES
#endif

namespace microtome {

namespace {

typedef float vec __attribute__((vector_size(64), aligned(64)));
typedef int32_t ints __attribute__((vector_size(64), aligned(64)));

inline const vec* lanes(const float* p) { return reinterpret_cast<const vec*>(p); }
inline vec* lanes(float* p) { return reinterpret_cast<vec*>(p); }

}  // namespace

MICROTOME_CLONES void mix_heads(const float* matrix, int64_t outputs, int64_t inputs, const float* from, int64_t row, float* to) {
    const int64_t count = row / kHeadLane;
    int64_t o = 0;
    for (; o + 8 <= outputs; o += 8) {
        const float* m = matrix + o * inputs;
        for (int64_t c = 0; c < count; c++) {
            vec s0{}, s1{}, s2{}, s3{}, s4{}, s5{}, s6{}, s7{};
            for (int64_t i = 0; i < inputs; i++) {
                const vec x = lanes(from)[i * count + c];
                s0 += m[i] * x;
                s1 += m[inputs + i] * x;
                s2 += m[2 * inputs + i] * x;
                s3 += m[3 * inputs + i] * x;
                s4 += m[4 * inputs + i] * x;
                s5 += m[5 * inputs + i] * x;
                s6 += m[6 * inputs + i] * x;
                s7 += m[7 * inputs + i] * x;
            }
            vec* t = lanes(to) + o * count + c;
            t[0] = s0;
            t[count] = s1;
            t[2 * count] = s2;
            t[3 * count] = s3;
            t[4 * count] = s4;
            t[5 * count] = s5;
            t[6 * count] = s6;
            t[7 * count] = s7;
        }
    }
    for (; o < outputs; o++) {
        const float* m = matrix + o * inputs;
        for (int64_t c = 0; c < count; c++) {
            vec s{};
            for (int64_t i = 0; i < inputs; i++) s += m[i] * lanes(from)[i * count + c];
            lanes(to)[o * count + c] = s;
        }
    }
}

MICROTOME_CLONES void add_products(const float* a, int64_t rows_a, const float* b, int64_t rows_b, int64_t row, float* sum) {
    const int64_t count = row / kHeadLane;
    for (int64_t i = 0; i < rows_a; i++) {
        int64_t o = 0;
        for (; o + 4 <= rows_b; o += 4) {
            vec s0{}, s1{}, s2{}, s3{};
            for (int64_t c = 0; c < count; c++) {
                const vec x = lanes(a)[i * count + c];
                const vec* y = lanes(b) + o * count + c;
                s0 += x * y[0];
                s1 += x * y[count];
                s2 += x * y[2 * count];
                s3 += x * y[3 * count];
            }
            float t0 = 0, t1 = 0, t2 = 0, t3 = 0;
            for (int l = 0; l < kHeadLane; l++) {
                t0 += s0[l];
                t1 += s1[l];
                t2 += s2[l];
                t3 += s3[l];
            }
            float* t = sum + i * rows_b + o;
            t[0] += t0;
            t[1] += t1;
            t[2] += t2;
            t[3] += t3;
        }
        for (; o < rows_b; o++) {
            vec s{};
            for (int64_t c = 0; c < count; c++) s += lanes(a)[i * count + c] * lanes(b)[o * count + c];
            float t = 0;
            for (int l = 0; l < kHeadLane; l++) t += s[l];
            sum[i * rows_b + o] += t;
        }
    }
}

MICROTOME_CLONES void softmax_row(float* x, int64_t keys, int64_t row) {
    const float lowest = -std::numeric_limits<float>::infinity();
    for (int64_t m = keys; m < row; m++) x[m] = lowest;
    const int64_t count = row / kHeadLane;
    vec* v = lanes(x);
    vec top = v[0];
    for (int64_t c = 1; c < count; c++) top = v[c] > top ? v[c] : top;
    float highest = top[0];
    for (int l = 1; l < kHeadLane; l++) highest = top[l] > highest ? top[l] : highest;
    // exp by 2^n times a polynomial of the rest (Cephes' coefficients, 2e-7 of the value)
    vec total{};
    for (int64_t c = 0; c < count; c++) {
        vec d = v[c] - highest;
        d = d < -87.3F ? vec{} - 87.3F : d;
        const vec t = d * 1.44269504088896341F - 0.5F;
        const ints n = __builtin_convertvector(t, ints);  // towards zero: t is never above -0.5
        const vec k = __builtin_convertvector(n, vec);
        const vec r = (d - k * 0.693359375F) + k * 2.12194440e-4F;
        vec p = 1.9875691500e-4F * r + 1.3981999507e-3F;
        p = p * r + 8.3334519073e-3F;
        p = p * r + 4.1665795894e-2F;
        p = p * r + 1.6666665459e-1F;
        p = p * r + 5.0000001201e-1F;
        p = p * r * r + r + 1.0F;
        vec e = p * reinterpret_cast<vec>((n + 127) << 23);
        e = v[c] - highest < -87.3F ? vec{} : e;
        v[c] = e;
        total += e;
    }
    float sum = 0;
    for (int l = 0; l < kHeadLane; l++) sum += total[l];
    const float scale = highest == lowest ? std::numeric_limits<float>::quiet_NaN() : 1 / sum;
    for (int64_t c = 0; c < count; c++) v[c] *= scale;
    for (int64_t m = keys; m < row; m++) x[m] = 0;
}

MICROTOME_CLONES void softmax_row_backward(const float* a, float* g, int64_t row) {
    const int64_t count = row / kHeadLane;
    vec s{};
    for (int64_t c = 0; c < count; c++) s += lanes(a)[c] * lanes(g)[c];
    float dot = 0;
    for (int l = 0; l < kHeadLane; l++) dot += s[l];
    for (int64_t c = 0; c < count; c++) lanes(g)[c] = lanes(a)[c] * (lanes(g)[c] - dot);
}

}  // namespace microtome
