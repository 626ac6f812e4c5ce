// Process groups: libtorch's own c10d, Gloo over TCP on the CPU and NCCL between GPUs.
// A libtorch may be built without c10d, or be shipped without NCCL's header: each part is compiled where it is found and says so otherwise.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/version.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "bridge.h"

#if defined(USE_C10D_GLOO) && __has_include(<torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>)
#define MT_GLOO 1
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#else
#define MT_GLOO 0
#endif

#if defined(USE_C10D_NCCL) && __has_include(<torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>) && __has_include(<nccl.h>)
#define MT_NCCL 1
#include <c10/cuda/CUDAStream.h>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#else
#define MT_NCCL 0
#endif

using namespace microtome;

#if MT_GLOO || MT_NCCL
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace {

// 2.x moved the collectives of a backend from ProcessGroup to Backend, under the same names.
#if TORCH_VERSION_MAJOR >= 2
using Group = c10d::Backend;
#else
using Group = c10d::ProcessGroup;
#endif
using Op = c10d::ReduceOp;

enum Reduction { SUM, AVG, PRODUCT, MIN, MAX };

struct World {
    c10::intrusive_ptr<c10d::Store> store;
    c10::intrusive_ptr<Group> group;
    bool nccl = false;
};

World& world() {
    static World the_world;
    return the_world;
}

Group& group() {
    TORCH_CHECK(world().group.defined(), "there is no process group: call torch.distributed.init_process_group first");
    return *world().group;
}

void check_rank(int64_t rank) {
    TORCH_CHECK(rank >= 0 && rank < group().getSize(), "rank ", rank, " does not exist in a group of ", group().getSize(), " processes");
}

/// The store on plain sockets: 2.4 and later prefer libuv, which not every libtorch is built with; earlier ones have no such choice.
template <class Options>
auto plain_sockets(Options& options, int) -> decltype(options.useLibUV, void()) {
    options.useLibUV = false;
}
template <class Options>
void plain_sockets(Options&, long) {}

void finish(const c10::intrusive_ptr<c10d::Work>& work) {
    // null: nothing to do (a barrier of one process)
    if (work.defined()) work->wait();
#if MT_NCCL
    if (world().nccl) c10::cuda::getCurrentCUDAStream().synchronize();
#endif
}

/// Collectives walk flat memory: whatever is not contiguous travels as a copy and is written back.
class Flat {
public:
    explicit Flat(at::Tensor tensor) : target_(std::move(tensor)), flat_(target_.contiguous()) {}
    at::Tensor& get() { return flat_; }
    void write_back() {
        if (!flat_.is_same(target_)) target_.copy_(flat_);
    }

private:
    at::Tensor target_, flat_;
};

Op::RedOpType reduction_of(int32_t code) {
    switch (code) {
        case SUM:
        case AVG: return Op::SUM;  // Gloo has no average: the sum is divided afterwards
        case PRODUCT: return Op::PRODUCT;
        case MIN: return Op::MIN;
        case MAX: return Op::MAX;
        default: TORCH_CHECK(false, "there is no reduction ", code);
    }
}

void all_reduce(at::Tensor& flat, int32_t reduction) {
    TORCH_CHECK(reduction != AVG || at::isFloatingType(flat.scalar_type()), "the average of ", describe(flat), " is not a whole number: use a floating dtype");
    std::vector<at::Tensor> list{flat};
    c10d::AllreduceOptions options;
    options.reduceOp = reduction_of(reduction);
    finish(group().allreduce(list, options));
    if (reduction == AVG) flat.div_(group().getSize());
}

#if MT_GLOO
c10::intrusive_ptr<Group> make_gloo(const c10::intrusive_ptr<c10d::Store>& store, const std::string& address, int rank, int size, std::chrono::milliseconds timeout) {
    auto options = c10d::ProcessGroupGloo::Options::create();
    options->timeout = timeout;
    const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
    if (interface != nullptr && *interface != 0)
        options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForInterface(interface));
    else if (address == "localhost" || address.rfind("127.", 0) == 0)
        // one machine: the host's own name may lead to an address that nothing listens on
        options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
    else
        options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    options->threads = 2;
    return c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
}
#endif

}  // namespace

mt_status mt_distributed_init(const char* backend, const char* address, int32_t port, int32_t rank, int32_t size, int64_t timeout_ms) {
    return guarded([&] {
        TORCH_CHECK(!world().group.defined(), "there is a process group already: destroy it first");
        TORCH_CHECK(mt_distributed_is_available(backend), "this libtorch has no process groups of the kind '", backend, "'");
        TORCH_CHECK(size > 0 && rank >= 0 && rank < size, "rank ", rank, " does not exist in a world of ", size, " processes");
        TORCH_CHECK(port > 0 && port < 65536, "port ", port, " is not between 1 and 65535");
        auto timeout = std::chrono::milliseconds(timeout_ms);
        c10d::TCPStoreOptions options;
        options.port = static_cast<std::uint16_t>(port);
        options.isServer = rank == 0;
        options.numWorkers = static_cast<std::size_t>(size);
        options.timeout = timeout;
        plain_sockets(options, 0);
        c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::TCPStore>(std::string(address), options);
        store->setTimeout(timeout);
        auto prefixed = c10::make_intrusive<c10d::PrefixStore>(std::string("microtome/") + backend, store);
        World made;
        made.store = store;
#if MT_NCCL
        if (std::strcmp(backend, "nccl") == 0) {
            auto nccl_options = c10d::ProcessGroupNCCL::Options::create();
            nccl_options->timeout = timeout;
            made.group = c10::make_intrusive<c10d::ProcessGroupNCCL>(prefixed, rank, size, nccl_options);
            made.nccl = true;
        }
#endif
#if MT_GLOO
        if (std::strcmp(backend, "gloo") == 0) made.group = make_gloo(prefixed, address, rank, size, timeout);
#endif
        world() = made;
    });
}

int32_t mt_distributed_is_available(const char* backend) {
    if (std::strcmp(backend, "gloo") == 0) return MT_GLOO;
    if (std::strcmp(backend, "nccl") == 0) return MT_NCCL;
    return 0;
}

int32_t mt_distributed_rank(void) { return world().group.defined() ? world().group->getRank() : -1; }
int32_t mt_distributed_size(void) { return world().group.defined() ? world().group->getSize() : -1; }

mt_status mt_distributed_destroy(void) {
    return guarded([&] {
        // the group's threads use the store: it goes last
        world().group.reset();
        world().store.reset();
        world().nccl = false;
    });
}

mt_status mt_distributed_all_reduce(mt_tensor tensor, int32_t reduction) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        Flat flat(borrow(tensor));
        all_reduce(flat.get(), reduction);
        flat.write_back();
    });
}

mt_status mt_distributed_broadcast(mt_tensor tensor, int32_t source) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        check_rank(source);
        Flat flat(borrow(tensor));
        std::vector<at::Tensor> list{flat.get()};
        c10d::BroadcastOptions options;
        options.rootRank = source;
        finish(group().broadcast(list, options));
        flat.write_back();
    });
}

mt_status mt_distributed_all_gather(const mt_tensor* outputs, int32_t count, mt_tensor input) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        TORCH_CHECK(count == group().getSize(), "all_gather wants one output for each of the ", group().getSize(), " processes but was given ", count);
        auto source = borrow(input).contiguous();
        std::vector<Flat> targets;
        for (auto& t : borrow(outputs, count)) targets.emplace_back(t);
        std::vector<std::vector<at::Tensor>> lists(1);
        for (auto& t : targets) lists[0].push_back(t.get());
        std::vector<at::Tensor> sources{source};
        finish(group().allgather(lists, sources));
        for (auto& t : targets) t.write_back();
    });
}

mt_status mt_distributed_reduce_scatter(mt_tensor output, const mt_tensor* inputs, int32_t count, int32_t reduction) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        TORCH_CHECK(count == group().getSize(), "reduce_scatter wants one input for each of the ", group().getSize(), " processes but was given ", count);
        // Gloo has no reduce_scatter: reduce the whole and keep the own part. The same on both backends, so that results are too.
        auto all = at::stack(borrow(inputs, count)).contiguous();
        all_reduce(all, reduction);
        borrow(output).copy_(all[group().getRank()]);
    });
}

mt_status mt_distributed_all_to_all(mt_tensor output, mt_tensor input, const int64_t* output_sizes, const int64_t* input_sizes, int32_t count) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        TORCH_CHECK(count == 0 || count == group().getSize(), "all_to_all wants one size for each of the ", group().getSize(), " processes but was given ", count);
        Flat target(borrow(output));
        auto source = borrow(input).contiguous();
        std::vector<int64_t> to(output_sizes, output_sizes + count), from(input_sizes, input_sizes + count);
        finish(group().alltoall_base(target.get(), source, to, from));
        target.write_back();
    });
}

mt_status mt_distributed_send(mt_tensor tensor, int32_t destination, int32_t tag) {
    return guarded([&] {
        check_rank(destination);
        std::vector<at::Tensor> list{borrow(tensor).detach().contiguous()};
        finish(group().send(list, destination, tag));
    });
}

mt_status mt_distributed_recv(mt_tensor tensor, int32_t source, int32_t tag) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        check_rank(source);
        Flat flat(borrow(tensor));
        std::vector<at::Tensor> list{flat.get()};
        finish(group().recv(list, source, tag));
        flat.write_back();
    });
}

mt_status mt_distributed_barrier(void) {
    return guarded([&] { finish(group().barrier()); });
}

mt_status mt_distributed_average_gradients(const mt_tensor* params, int32_t count) {
    return guarded([&] {
        at::NoGradGuard no_grad;
        if (group().getSize() == 1 || count == 0) return;
        // One message for all parameters. A parameter without a gradient takes part with zeros: another process may have one.
        std::vector<at::Tensor> gradients, parts;
        for (auto& p : borrow(params, count)) {
            auto& grad = p.mutable_grad();
            if (!grad.defined()) grad = at::zeros_like(p);
            gradients.push_back(grad);
            parts.push_back(grad.reshape(-1));
        }
        auto flat = at::cat(parts);
        all_reduce(flat, AVG);
        int64_t offset = 0;
        for (auto& grad : gradients) {
            grad.copy_(flat.narrow(0, offset, grad.numel()).view(grad.sizes()));
            offset += grad.numel();
        }
    });
}

#else  // no c10d

static mt_status absent() {
    return guarded([] { TORCH_CHECK(false, "this libtorch was built without process groups (c10d); use one that has them through MICROTOME_TORCH"); });
}

int32_t mt_distributed_is_available(const char*) { return 0; }
int32_t mt_distributed_rank(void) { return -1; }
int32_t mt_distributed_size(void) { return -1; }
mt_status mt_distributed_init(const char*, const char*, int32_t, int32_t, int32_t, int64_t) { return absent(); }
mt_status mt_distributed_destroy(void) { return 0; }
mt_status mt_distributed_all_reduce(mt_tensor, int32_t) { return absent(); }
mt_status mt_distributed_broadcast(mt_tensor, int32_t) { return absent(); }
mt_status mt_distributed_all_gather(const mt_tensor*, int32_t, mt_tensor) { return absent(); }
mt_status mt_distributed_reduce_scatter(mt_tensor, const mt_tensor*, int32_t, int32_t) { return absent(); }
mt_status mt_distributed_all_to_all(mt_tensor, mt_tensor, const int64_t*, const int64_t*, int32_t) { return absent(); }
mt_status mt_distributed_send(mt_tensor, int32_t, int32_t) { return absent(); }
mt_status mt_distributed_recv(mt_tensor, int32_t, int32_t) { return absent(); }
mt_status mt_distributed_barrier(void) { return absent(); }
mt_status mt_distributed_average_gradients(const mt_tensor*, int32_t) { return absent(); }

#endif
