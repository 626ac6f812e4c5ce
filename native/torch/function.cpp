// Operators whose backward is written in C#: a node of the autograd graph that calls back.
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/variable.h>

#include "bridge.h"

using namespace microtome;

namespace {

struct ManagedNode : torch::autograd::Node {
    mt_backward_function backward;
    mt_release_function release;
    void* context;
    int32_t inputs;

    ManagedNode(mt_backward_function backward, mt_release_function release, void* context, int32_t inputs)
        : backward(backward), release(release), context(context), inputs(inputs) {}

    ~ManagedNode() override { release(context); }

    std::string name() const override { return "ManagedFunction"; }

    torch::autograd::variable_list apply(torch::autograd::variable_list&& grads) override {
        std::vector<mt_tensor> given;
        for (auto& grad : grads) given.push_back(grad.defined() ? reinterpret_cast<mt_tensor>(grad.unsafeGetTensorImpl()) : nullptr);
        std::vector<mt_tensor> made(inputs, nullptr);
        auto status = backward(context, given.data(), static_cast<int32_t>(given.size()), made.data(), inputs);
        torch::autograd::variable_list results;
        for (auto handle : made) {
            results.push_back(borrow(handle));
            mt_tensor_free(handle);
        }
        if (status != 0) throw std::runtime_error(mt_last_error());
        return results;
    }
};

}  // namespace

void mt_set_error(const char* message) { set_error(message); }

mt_status mt_function_record(const mt_tensor* inputs, int32_t input_count, const mt_tensor* outputs, int32_t output_count, mt_backward_function backward,
                             mt_release_function release, void* context, mt_tensor* results) {
    std::shared_ptr<ManagedNode> node;
    return guarded([&] {
        try {
            node = std::shared_ptr<ManagedNode>(new ManagedNode(backward, release, context, input_count), torch::autograd::deleteNode);
        } catch (...) {
            release(context);
            throw;
        }
        auto from = borrow(inputs, input_count);
        node->set_next_edges(torch::autograd::collect_next_edges(from));
        std::vector<at::Tensor> made;
        for (auto& output : borrow(outputs, output_count)) {
            // fresh data without views, so that the history can be set
            auto value = output.variable_data();
            if (at::isFloatingType(value.scalar_type())) {
                auto number = node->add_input_metadata(value);
                torch::autograd::impl::set_gradient_edge(value, {node, number});
            } else {
                node->add_input_metadata(torch::autograd::Node::undefined_input());
            }
            made.push_back(value);
        }
        for (int32_t i = 0; i < output_count; i++) results[i] = give(made[i]);
    });
}
