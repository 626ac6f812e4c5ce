// Optimiser steps over whole parameter lists. Float parameters on the CPU take one fused pass over memory; everything else (other types,
// other devices, gradients that are not dense) goes through tensor operators with the same formulas.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "bridge.h"

using namespace microtome;

namespace {

/// The gradient in the memory layout of the parameter, so that both can be walked as flat memory.
at::Tensor gradient_like(const at::Tensor& param) {
    auto grad = param.grad();
    if (!grad.defined()) return grad;
    if (grad.is_sparse()) return grad.to_dense();
    if (grad.strides() != param.strides() && param.is_non_overlapping_and_dense()) {
        auto same = at::empty_strided(param.sizes(), param.strides(), grad.options());
        same.copy_(grad);
        return same;
    }
    return grad;
}

bool flat(const at::Tensor& param, std::initializer_list<const at::Tensor*> others) {
    if (!param.is_cpu() || param.scalar_type() != at::kFloat || !param.is_non_overlapping_and_dense()) return false;
    for (auto other : others)
        if (other->defined() && (!other->is_cpu() || other->scalar_type() != at::kFloat || other->strides() != param.strides())) return false;
    return true;
}

float* floats(const at::Tensor& t) { return t.defined() ? t.data_ptr<float>() : nullptr; }

constexpr int64_t grain = 32768;

}  // namespace

mt_status mt_zero_grad(const mt_tensor* params, int32_t count, int32_t set_to_none) {
    return guarded([&] {
        for (auto& p : borrow(params, count)) {
            auto& grad = p.mutable_grad();
            if (!grad.defined()) continue;
            if (set_to_none) {
                grad = at::Tensor();
            } else {
                grad.detach_();
                grad.zero_();
            }
        }
    });
}

mt_status mt_clip_grad_norm(const mt_tensor* params, int32_t count, double max_norm, double norm_type, double* total_norm) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        std::vector<at::Tensor> norms, grads;
        for (auto& p : borrow(params, count)) {
            if (!p.grad().defined()) continue;
            grads.push_back(p.grad());
            auto grad = p.grad().detach();
            norms.push_back(std::isinf(norm_type) ? grad.abs().max().to(at::kDouble) : grad.norm(norm_type).to(at::kDouble));
        }
        *total_norm = 0;
        if (grads.empty()) return;
        auto stacked = at::stack(norms);
        *total_norm = (std::isinf(norm_type) ? stacked.max() : stacked.norm(norm_type)).item<double>();
        auto scale = max_norm / (*total_norm + 1e-6);
        // a norm that is not finite must stay visible in the gradients, as in PyTorch
        if (scale < 1 || !std::isfinite(scale))
            for (auto& grad : grads) grad.mul_(scale);
    });
}

mt_status mt_clip_grad_value(const mt_tensor* params, int32_t count, double clip_value) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        for (auto& p : borrow(params, count))
            if (p.grad().defined()) p.mutable_grad().clamp_(-clip_value, clip_value);
    });
}

mt_status mt_sgd_step(const mt_tensor* params, const mt_tensor* momentum_buffers, int32_t count, int32_t first_step, double lr, double momentum,
                      double dampening, double weight_decay, int32_t nesterov) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        auto ps = borrow(params, count);
        auto buffers = borrow(momentum_buffers, count);
        for (int32_t i = 0; i < count; i++) {
            auto &p = ps[i], &buffer = buffers[i];
            auto grad = gradient_like(p);
            if (!grad.defined()) continue;
            if (flat(p, {&grad, &buffer})) {
                auto w = floats(p), b = floats(buffer), g = floats(grad);
                float rate = lr, mu = momentum, keep = first_step ? 1.0 : 1.0 - dampening, decay = weight_decay;
                at::parallel_for(0, p.numel(), grain, [=](int64_t begin, int64_t end) {
                    for (int64_t k = begin; k < end; k++) {
                        float d = g[k] + decay * w[k];
                        if (b != nullptr) {
                            float v = b[k] = mu * b[k] + keep * d;
                            d = nesterov ? d + mu * v : v;
                        }
                        w[k] -= rate * d;
                    }
                });
                continue;
            }
            if (weight_decay != 0) grad = grad.add(p, weight_decay);
            if (buffer.defined()) {
                buffer.mul_(momentum).add_(grad, first_step ? 1.0 : 1.0 - dampening);
                grad = nesterov ? grad.add(buffer, momentum) : buffer;
            }
            p.add_(grad, -lr);
        }
    });
}

mt_status mt_adam_step(const mt_tensor* params, const mt_tensor* exp_avg, const mt_tensor* exp_avg_sq, const mt_tensor* max_exp_avg_sq, const int64_t* steps,
                       int32_t count, double lr, double beta1, double beta2, double eps, double weight_decay, int32_t decoupled) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        auto ps = borrow(params, count), ms = borrow(exp_avg, count), vs = borrow(exp_avg_sq, count), xs = borrow(max_exp_avg_sq, count);
        for (int32_t i = 0; i < count; i++) {
            auto &p = ps[i], &m = ms[i], &v = vs[i], &x = xs[i];
            auto grad = gradient_like(p);
            if (!grad.defined()) continue;
            double correction1 = 1 - std::pow(beta1, steps[i]), correction2 = std::sqrt(1 - std::pow(beta2, steps[i]));
            double rate = lr / correction1;
            if (flat(p, {&grad, &m, &v, &x})) {
                auto w = floats(p), a = floats(m), s = floats(v), top = floats(x), g = floats(grad);
                float shrink = decoupled ? 1 - lr * weight_decay : 1, l2 = decoupled ? 0 : weight_decay;
                float b1 = beta1, c1 = 1 - beta1, b2 = beta2, c2 = 1 - beta2, step = rate, root = 1 / correction2, e = eps;
                at::parallel_for(0, p.numel(), grain, [=](int64_t begin, int64_t end) {
                    for (int64_t k = begin; k < end; k++) {
                        float value = w[k] * shrink, d = g[k] + l2 * value;
                        a[k] = b1 * a[k] + c1 * d;
                        float square = s[k] = b2 * s[k] + c2 * d * d;
                        if (top != nullptr) square = top[k] = std::max(top[k], square);
                        w[k] = value - step * a[k] / (std::sqrt(square) * root + e);
                    }
                });
                continue;
            }
            if (weight_decay != 0) {
                if (decoupled)
                    p.mul_(1 - lr * weight_decay);
                else
                    grad = grad.add(p, weight_decay);
            }
            m.mul_(beta1).add_(grad, 1 - beta1);
            v.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
            if (x.defined()) at::maximum_out(x, x, v);
            p.addcdiv_(m, ((x.defined() ? x : v).sqrt() / correction2).add_(eps), -rate);
        }
    });
}

mt_status mt_rmsprop_step(const mt_tensor* params, const mt_tensor* square_avg, const mt_tensor* momentum_buffers, const mt_tensor* grad_avg, int32_t count,
                          double lr, double alpha, double eps, double weight_decay, double momentum) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        auto ps = borrow(params, count), ss = borrow(square_avg, count), bs = borrow(momentum_buffers, count), as = borrow(grad_avg, count);
        for (int32_t i = 0; i < count; i++) {
            auto &p = ps[i], &s = ss[i], &b = bs[i], &a = as[i];
            auto grad = gradient_like(p);
            if (!grad.defined()) continue;
            if (weight_decay != 0) grad = grad.add(p, weight_decay);
            s.mul_(alpha).addcmul_(grad, grad, 1 - alpha);
            auto average = s;
            if (a.defined()) {
                a.mul_(alpha).add_(grad, 1 - alpha);
                average = s.addcmul(a, a, -1);
            }
            average = average.sqrt().add_(eps);
            if (b.defined()) {
                b.mul_(momentum).addcdiv_(grad, average);
                p.add_(b, -lr);
            } else {
                p.addcdiv_(grad, average, -lr);
            }
        }
    });
}
