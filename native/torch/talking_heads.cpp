// Talking-heads softmax (arXiv 2003.02436) as one pass: all heads of a query lie in the nearest cache between the two mixes.
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <vector>

#include "head_mix.h"

namespace microtome {

namespace {

using c10::optional;

struct Shape {
    int64_t batch, from, softmax, to, queries, keys;
    int64_t row() const { return (keys + kHeadLane - 1) / kHeadLane * kHeadLane; }
};

Shape shape_of(const at::Tensor& scores, const optional<at::Tensor>& logits, const optional<at::Tensor>& weights) {
    TORCH_CHECK(scores.is_cpu() && scores.scalar_type() == at::kFloat && scores.dim() == 4, "talking heads take scores [B, h, N, M] of 32-bit numbers on a CPU, not ", scores.sizes());
    for (const auto& mix : {logits, weights})
        TORCH_CHECK(!mix || (mix->is_cpu() && mix->scalar_type() == at::kFloat && mix->dim() == 2), "a mix of heads is a matrix of 32-bit numbers on a CPU");
    Shape s{scores.size(0), scores.size(1), logits ? logits->size(1) : scores.size(1), 0, scores.size(2), scores.size(3)};
    s.to = weights ? weights->size(1) : s.softmax;
    TORCH_CHECK(!logits || logits->size(0) == s.from, "the first mix has ", logits->size(0), " rows for ", s.from, " heads");
    TORCH_CHECK(!weights || weights->size(0) == s.softmax, "the second mix has ", weights->size(0), " rows for ", s.softmax, " heads");
    return s;
}

/// Rows of one query of every head, [heads][row] with the tail zero.
void gather(const float* from, int64_t heads, int64_t step, int64_t keys, int64_t row, float* to) {
    for (int64_t h = 0; h < heads; h++) {
        std::copy_n(from + h * step, keys, to + h * row);
        std::fill(to + h * row + keys, to + (h + 1) * row, 0.0F);
    }
}

void scatter(const float* from, int64_t heads, int64_t step, int64_t keys, int64_t row, float* to) {
    for (int64_t h = 0; h < heads; h++) std::copy_n(from + h * row, keys, to + h * step);
}

std::vector<float> transposed(const at::Tensor& matrix) {
    auto t = matrix.t().contiguous();
    return {t.data_ptr<float>(), t.data_ptr<float>() + t.numel()};
}

std::vector<float> plain(const at::Tensor& matrix) {
    auto t = matrix.contiguous();
    return {t.data_ptr<float>(), t.data_ptr<float>() + t.numel()};
}

std::tuple<at::Tensor, at::Tensor> talking_softmax(const at::Tensor& scores, const optional<at::Tensor>& logits, const optional<at::Tensor>& weights, const optional<at::Tensor>& bias) {
    const Shape s = shape_of(scores, logits, weights);
    auto in = scores.contiguous();
    auto attention = at::empty({s.batch, s.softmax, s.queries, s.keys}, in.options());
    auto result = weights ? at::empty({s.batch, s.to, s.queries, s.keys}, in.options()) : attention;
    at::Tensor add;
    int64_t bias_step[4] = {0, 0, 0, 0};
    if (bias) {
        add = bias->expand({s.batch, s.softmax, s.queries, s.keys});
        for (int d = 0; d < 4; d++) bias_step[d] = add.stride(d);
    }
    // rows of the transposed mix: one softmax head's share of each head of the scores
    const auto first = logits ? transposed(*logits) : std::vector<float>(), second = weights ? transposed(*weights) : std::vector<float>();
    const float *j = in.data_ptr<float>(), *b = add.defined() ? add.data_ptr<float>() : nullptr;
    float *a = attention.data_ptr<float>(), *u = result.data_ptr<float>();
    const int64_t row = s.row(), plane = s.queries * s.keys;
    at::parallel_for(0, s.batch * s.queries, 1, [&](int64_t begin, int64_t end) {
        HeadRows source(s.from * row), mixed(std::max(s.softmax, s.to) * row), soft(s.softmax * row);
        for (int64_t i = begin; i < end; i++) {
            const int64_t n = i / s.queries, q = i % s.queries;
            float* l = soft.data();
            gather(j + n * s.from * plane + q * s.keys, s.from, plane, s.keys, row, logits ? source.data() : l);
            if (logits) mix_heads(first.data(), s.softmax, s.from, source.data(), row, l);
            for (int64_t h = 0; h < s.softmax; h++) {
                if (b) {
                    const float* p = b + n * bias_step[0] + h * bias_step[1] + q * bias_step[2];
                    if (bias_step[3] == 1)
                        for (int64_t m = 0; m < s.keys; m++) l[h * row + m] += p[m];
                    else
                        for (int64_t m = 0; m < s.keys; m++) l[h * row + m] += p[m * bias_step[3]];
                }
                softmax_row(l + h * row, s.keys, row);
            }
            scatter(l, s.softmax, plane, s.keys, row, a + n * s.softmax * plane + q * s.keys);
            if (weights) {
                mix_heads(second.data(), s.to, s.softmax, l, row, mixed.data());
                scatter(mixed.data(), s.to, plane, s.keys, row, u + n * s.to * plane + q * s.keys);
            }
        }
    });
    return {result, attention};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> talking_softmax_backward(const at::Tensor& gradient, const at::Tensor& scores, const at::Tensor& attention, const optional<at::Tensor>& logits,
                                                                        const optional<at::Tensor>& weights) {
    const Shape s = shape_of(scores, logits, weights);
    auto dresult = gradient.contiguous(), in = scores.contiguous(), soft = attention.contiguous();
    auto dscores = at::empty_like(in);
    auto dlogits = at::zeros({logits ? s.from : 0, logits ? s.softmax : 0}, in.options()), dweights = at::zeros({weights ? s.softmax : 0, weights ? s.to : 0}, in.options());
    const auto first = logits ? plain(*logits) : std::vector<float>(), second = weights ? plain(*weights) : std::vector<float>();
    const float *du = dresult.data_ptr<float>(), *j = in.data_ptr<float>(), *a = soft.data_ptr<float>();
    float* dj = dscores.data_ptr<float>();
    const int64_t row = s.row(), plane = s.queries * s.keys;
    // Sums of the mixes' gradients in fixed parts, added in order: the same for any number of threads.
    const int64_t parts = std::min<int64_t>(s.batch * s.queries, 16), size_first = dlogits.numel(), size_second = dweights.numel();
    std::vector<float> sums(parts * (size_first + size_second), 0.0F);
    at::parallel_for(0, parts, 1, [&](int64_t from_part, int64_t to_part) {
        HeadRows grad(std::max(s.to, s.from) * row), da(s.softmax * row), arow(s.softmax * row), jrow(s.from * row);
        for (int64_t part = from_part; part < to_part; part++) {
            float *sum_first = sums.data() + part * (size_first + size_second), *sum_second = sum_first + size_first;
            for (int64_t i = part * s.batch * s.queries / parts; i < (part + 1) * s.batch * s.queries / parts; i++) {
                const int64_t n = i / s.queries, q = i % s.queries;
                gather(a + n * s.softmax * plane + q * s.keys, s.softmax, plane, s.keys, row, arow.data());
                if (weights) {
                    gather(du + n * s.to * plane + q * s.keys, s.to, plane, s.keys, row, grad.data());
                    mix_heads(second.data(), s.softmax, s.to, grad.data(), row, da.data());
                    add_products(arow.data(), s.softmax, grad.data(), s.to, row, sum_second);
                } else {
                    gather(du + n * s.softmax * plane + q * s.keys, s.softmax, plane, s.keys, row, da.data());
                }
                for (int64_t h = 0; h < s.softmax; h++) softmax_row_backward(arow.data() + h * row, da.data() + h * row, row);
                if (logits) {
                    gather(j + n * s.from * plane + q * s.keys, s.from, plane, s.keys, row, jrow.data());
                    mix_heads(first.data(), s.from, s.softmax, da.data(), row, grad.data());
                    add_products(jrow.data(), s.from, da.data(), s.softmax, row, sum_first);
                    scatter(grad.data(), s.from, plane, s.keys, row, dj + n * s.from * plane + q * s.keys);
                } else {
                    scatter(da.data(), s.from, plane, s.keys, row, dj + n * s.from * plane + q * s.keys);
                }
            }
        }
    });
    for (int64_t part = 0; part < parts; part++) {
        const float* sum = sums.data() + part * (size_first + size_second);
        for (int64_t i = 0; i < size_first; i++) dlogits.data_ptr<float>()[i] += sum[i];
        for (int64_t i = 0; i < size_second; i++) dweights.data_ptr<float>()[i] += sum[size_first + i];
    }
    return {dscores, dlogits, dweights};
}

TORCH_LIBRARY_FRAGMENT(microtome, library) {
    library.def("talking_softmax(Tensor scores, Tensor? logits, Tensor? weights, Tensor? bias) -> (Tensor, Tensor)", &talking_softmax);
    library.def("talking_softmax_backward(Tensor gradient, Tensor scores, Tensor attention, Tensor? logits, Tensor? weights) -> (Tensor, Tensor, Tensor)", &talking_softmax_backward);
}

}  // namespace

}  // namespace microtome
