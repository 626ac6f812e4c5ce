// TorchScript files as models.
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/import.h>

#include "bridge.h"

using namespace microtome;

static torch::jit::Module& module_of(mt_module m) { return *reinterpret_cast<torch::jit::Module*>(m); }

/// Tensors in order, out of tuples and lists.
static void flatten(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
    if (value.isTensor())
        tensors.push_back(value.toTensor());
    else if (value.isTuple())
        for (const auto& part : value.toTupleRef().elements()) flatten(part, tensors);
    else if (value.isTensorList())
        for (at::Tensor part : value.toTensorVector()) tensors.push_back(part);
    else if (value.isList())
        for (const c10::IValue& part : value.toListRef()) flatten(part, tensors);
    else
        TORCH_CHECK(false, "the script returned a ", value.tagKind(), "; tensors and tuples or lists of tensors are understood");
}

mt_status mt_module_load(const char* path, int32_t device, mt_module* out) {
    return guarded([&] {
        auto loaded = torch::jit::load(path, device_of(device));
        *out = reinterpret_cast<mt_module>(new torch::jit::Module(std::move(loaded)));
    });
}

void mt_module_free(mt_module m) { delete reinterpret_cast<torch::jit::Module*>(m); }

mt_status mt_module_train(mt_module m, int32_t on) {
    return guarded([&] { module_of(m).train(on != 0); });
}

int32_t mt_module_is_training(mt_module m) {
    int32_t training = 0;
    guarded([&] { training = module_of(m).is_training() ? 1 : 0; });
    return training;
}

/// Constants that are nothing but weights of 2-D convolutions lie channels-last from now on, which saves reordering them at every call.
static void order_weights(torch::jit::Block* block) {
    using namespace torch::jit;
    for (Node* node : block->nodes()) {
        for (Block* inner : node->blocks()) order_weights(inner);
        if (node->kind() != prim::Constant || !node->hasAttribute(attr::value) || node->kindOf(attr::value) != AttributeKind::t) continue;
        bool weight = !node->output()->uses().empty();
        for (const Use& use : node->output()->uses()) {
            auto kind = use.user->kind();
            weight &= use.offset == 1 && (kind == aten::conv2d || kind == aten::_convolution || kind == aten::convolution);
        }
        if (weight && node->t(attr::value).dim() == 4) node->t_(attr::value, node->t(attr::value).contiguous(at::MemoryFormat::ChannelsLast));
    }
}

mt_status mt_module_freeze(mt_module m) {
    return guarded([&] {
        module_of(m).eval();
        auto frozen = torch::jit::freeze(module_of(m));
        order_weights(frozen.get_method("forward").graph()->block());
        module_of(m) = std::move(frozen);
    });
}

mt_status mt_module_forward(mt_module m, const mt_tensor* inputs, int32_t count, mt_tensor* outputs, int32_t capacity, int32_t* output_count, int32_t* is_tuple) {
    return guarded([&] {
        std::vector<c10::IValue> args;
        for (auto& t : borrow(inputs, count)) args.emplace_back(t);
        auto value = module_of(m).forward(std::move(args));
        std::vector<at::Tensor> tensors;
        flatten(value, tensors);
        TORCH_CHECK(static_cast<int64_t>(tensors.size()) <= capacity, "the script returned ", tensors.size(), " tensors; at most ", capacity, " are taken");
        for (size_t i = 0; i < tensors.size(); i++) outputs[i] = give(tensors[i]);
        *output_count = static_cast<int32_t>(tensors.size());
        *is_tuple = value.isTensor() ? 0 : 1;
    });
}

mt_status mt_module_attributes(mt_module m, int32_t parameters, void (*visit)(const char* name, mt_tensor tensor, void* state), void* state) {
    return guarded([&] {
        auto each = [&](const std::string& name, const at::Tensor& tensor) { visit(name.c_str(), give(tensor), state); };
        if (parameters)
            for (const auto& p : module_of(m).named_parameters(true)) each(p.name, p.value);
        else
            for (const auto& b : module_of(m).named_buffers(true)) each(b.name, b.value);
    });
}
