// TorchScript files as models.
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>

#include "bridge.h"
#include "convolution.h"

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

static bool is_constant(const torch::jit::Node* node, size_t input, std::initializer_list<int64_t> expected) {
    auto value = node->inputs().size() > input ? torch::jit::toIValue(node->input(input)) : c10::nullopt;
    return value && value->isIntList() && value->toIntVector() == std::vector<int64_t>(expected);
}

static c10::optional<at::Tensor> constant_tensor(const torch::jit::Value* value) {
    auto found = torch::jit::toIValue(value);
    return found && found->isTensor() ? c10::optional<at::Tensor>(found->toTensor()) : c10::nullopt;
}

/// The only reader of a value, if it is of one of these kinds.
static torch::jit::Node* only_reader(torch::jit::Value* value, std::initializer_list<c10::Symbol> kinds) {
    if (value->uses().size() != 1) return nullptr;
    auto* user = value->uses()[0].user;
    return user->owningBlock() == value->node()->owningBlock() && std::find(kinds.begin(), kinds.end(), user->kind()) != kinds.end() ? user : nullptr;
}

/// 3x3 convolutions of stride 1 become ours, with the sum and the ReLU that follow them.
static void use_own_convolutions(torch::jit::Graph& graph, torch::jit::Block* block) {
    using namespace torch::jit;
    static const auto ours = c10::Symbol::fromQualString("microtome::convolution");
    static const auto relu = c10::Symbol::fromQualString("aten::relu"), relu_ = c10::Symbol::fromQualString("aten::relu_"), add = c10::Symbol::fromQualString("aten::add"), add_ = c10::Symbol::fromQualString("aten::add_");
    for (auto it = block->nodes().begin(); it != block->nodes().end();) {
        Node* node = *it++;
        for (Block* inner : node->blocks()) use_own_convolutions(graph, inner);
        // conv2d(input, weight, bias, stride, padding, dilation, groups)
        if (node->kind() != aten::conv2d || !is_constant(node, 3, {1, 1}) || !is_constant(node, 4, {1, 1}) || !is_constant(node, 5, {1, 1})) continue;
        auto groups = toIValue(node->input(6));
        auto weight = constant_tensor(node->input(1));
        if (!groups || !groups->isInt() || groups->toInt() != 1 || !weight || !can_pack(*weight)) continue;

        Node* last = node;
        Value* plus = nullptr;
        if (Node* sum = only_reader(node->output(), {add, add_})) {
            // The convolution moves down to the sum: nothing that could change its input may stand between them.
            bool quiet = sum->inputs().size() == 3 && toIValue(sum->input(2)) && toIValue(sum->input(2))->isInt() && toIValue(sum->input(2))->toInt() == 1;
            for (Node* between = node->next(); quiet && between != sum; between = between->next())
                quiet = between->kind() == prim::Constant || between->kind() == aten::conv2d || between->kind() == ours;
            Value* other = sum->input(0) == node->output() ? sum->input(1) : sum->input(0);
            // A sum written into the other summand would be seen by its other readers.
            if (quiet && other != node->output() && other->type()->isSubtypeOf(*TensorType::get()) && (sum->kind() == add || sum->input(0) == node->output())) {
                plus = other;
                last = sum;
            }
        }
        Node* activation = only_reader(last->output(), {relu, relu_});
        WithInsertPoint point(last);
        Value* none = graph.insertConstant(c10::IValue());
        Value* packed = graph.insertConstant(pack_convolution(*weight));
        Value* bends = graph.insertConstant(activation != nullptr);
        Node* made = graph.insertNode(graph.create(ours, {node->input(0), packed, node->input(2), plus ? plus : none, bends}));
        made->output()->setType(TensorType::get());
        Node* end = activation ? activation : last;
        end->output()->replaceAllUsesWith(made->output());
        while (it != block->nodes().end() && (*it == last || *it == activation)) ++it;
        if (activation) activation->destroy();
        if (plus) last->destroy();
        node->destroy();
    }
}

mt_status mt_module_freeze(mt_module m) {
    return guarded([&] {
        module_of(m).eval();
        auto frozen = torch::jit::freeze(module_of(m));
        auto graph = frozen.get_method("forward").graph();
        use_own_convolutions(*graph, graph->block());
        order_weights(graph->block());
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
