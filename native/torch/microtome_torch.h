/* The contract between Microtome.Torch (C#) and libtorch.
 *
 * Rules
 *  - Nothing throws across this line. A function that can fail returns mt_status: 0, or 1 with the message in mt_last_error().
 *  - mt_tensor is one owned reference to a tensor; the receiver gives it back with mt_tensor_free. NULL is the undefined tensor.
 *  - Arguments are borrowed for the length of the call.
 *  - Operators are called by their ATen name through libtorch's dispatcher ("conv2d", "sum.dim_IntList"): an operator needs no line here.
 *    Arguments are checked and converted against the operator's schema, missing ones take the schema's default.
 *  - Pointers returned in result lists live until the next call on the same thread.
 */
#ifndef MICROTOME_TORCH_H
#define MICROTOME_TORCH_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#define MT_API __attribute__((visibility("default")))

#define MT_ABI_VERSION 2

typedef int32_t mt_status;
typedef struct mt_tensor_opaque* mt_tensor;
typedef struct mt_operator_opaque* mt_operator;
typedef struct mt_object_opaque* mt_object;
typedef struct mt_guard_opaque* mt_guard;

enum mt_kind {
    MT_DEFAULT = -1, /* take the schema's default */
    MT_NONE = 0,
    MT_TENSOR = 1,
    MT_INT = 2,      /* also scalar types, layouts, memory formats */
    MT_DOUBLE = 3,
    MT_BOOL = 4,
    MT_INTS = 5,
    MT_DOUBLES = 6,
    MT_TENSORS = 7,  /* entries may be NULL */
    MT_STRING = 8,   /* UTF-8, count bytes, no terminator */
    MT_DEVICE = 9,   /* device type * 256 + index + 1 (0: no index) */
    MT_BOOLS = 10,   /* one byte each */
    MT_OBJECT = 11   /* an object of one of libtorch's classes, such as packed weights; as a result it is owned */
};

typedef struct {
    int64_t kind;
    int64_t count; /* entries of a list, bytes of a string */
    union {
        int64_t i;
        double d;
        const void* p;
    } as;
} mt_value;

/* errors, versions, threads (runtime.cpp) */
MT_API const char* mt_last_error(void);
MT_API int32_t mt_abi_version(void);
MT_API const char* mt_torch_version(void);
MT_API const char* mt_build_info(void);
MT_API mt_status mt_manual_seed(int64_t seed);
MT_API mt_status mt_get_generator_state(int32_t device, mt_tensor* out);
MT_API mt_status mt_set_generator_state(int32_t device, mt_tensor state);
MT_API mt_status mt_set_num_threads(int32_t threads);
MT_API int32_t mt_get_num_threads(void);
MT_API mt_status mt_set_num_interop_threads(int32_t threads);
MT_API int32_t mt_set_flush_denormal(int32_t on);
MT_API void mt_set_deterministic(int32_t on);
MT_API int32_t mt_cuda_device_count(void);
MT_API mt_status mt_cuda_synchronize(int32_t index);
MT_API void mt_set_tf32(int32_t on);
MT_API void mt_set_cudnn_benchmark(int32_t on);

/* operators (operator.cpp) */
MT_API mt_status mt_operator_find(const char* name, mt_operator* out);
MT_API const char* mt_operator_schema(mt_operator op);
MT_API mt_status mt_operator_call(mt_operator op, const mt_value* args, int32_t count, const mt_value** results, int32_t* result_count);

MT_API void mt_object_free(mt_object o);
/* engine of the quantized operators whose weights are packed from now on; names as in torch.backends.quantized ("onednn", "fbgemm", "x86") */
MT_API int32_t mt_quantized_engine_exists(const char* name);
MT_API mt_status mt_set_quantized_engine(const char* name);

/* tensors (tensor.cpp) */
MT_API void mt_tensor_free(mt_tensor t);
MT_API int64_t mt_tensor_live_count(void);
MT_API mt_status mt_tensor_from_data(const void* data, int64_t bytes, const int64_t* shape, int32_t dims, int32_t dtype, int32_t device, mt_tensor* out);
/* dtype, device and the number of dimensions in one call */
MT_API void mt_tensor_describe(mt_tensor t, int32_t* dtype, int32_t* device, int32_t* dims);
MT_API int32_t mt_tensor_dims(mt_tensor t);
MT_API int64_t mt_tensor_numel(mt_tensor t);
MT_API int64_t mt_tensor_itemsize(mt_tensor t);
MT_API void mt_tensor_sizes(mt_tensor t, int64_t* sizes);
MT_API void mt_tensor_strides(mt_tensor t, int64_t* strides);
MT_API int32_t mt_tensor_is_contiguous(mt_tensor t, int32_t memory_format);
MT_API mt_status mt_tensor_data_ptr(mt_tensor t, void** out);
/* element order of the shape, whatever the strides and the device */
MT_API mt_status mt_tensor_copy_out(mt_tensor t, void* data, int64_t bytes);
MT_API mt_status mt_tensor_copy_in(mt_tensor t, const void* data, int64_t bytes);
MT_API mt_status mt_tensor_alias(mt_tensor t, mt_tensor* out); /* another reference to the same tensor */
MT_API int32_t mt_tensor_same(mt_tensor a, mt_tensor b);       /* one and the same tensor object */

/* autograd (autograd.cpp) */
MT_API int32_t mt_tensor_requires_grad(mt_tensor t);
MT_API mt_status mt_tensor_set_requires_grad(mt_tensor t, int32_t on);
MT_API int32_t mt_tensor_is_leaf(mt_tensor t);
MT_API mt_status mt_tensor_grad(mt_tensor t, mt_tensor* out); /* NULL when there is none */
MT_API mt_status mt_tensor_set_grad(mt_tensor t, mt_tensor grad);
MT_API mt_status mt_tensor_retain_grad(mt_tensor t);
MT_API mt_status mt_tensor_set_data(mt_tensor t, mt_tensor data);
MT_API mt_status mt_backward(const mt_tensor* tensors, const mt_tensor* gradients, int32_t count, int32_t retain_graph, int32_t create_graph);
MT_API mt_status mt_grad(const mt_tensor* outputs, int32_t output_count, const mt_tensor* inputs, int32_t input_count, const mt_tensor* gradients,
                         int32_t retain_graph, int32_t create_graph, int32_t allow_unused, mt_tensor* results);
MT_API int32_t mt_grad_enabled(void);
MT_API void mt_set_grad_enabled(int32_t on);
MT_API mt_status mt_inference_mode_enter(int32_t on, mt_guard* out); /* leave on the same thread, in reverse order */
MT_API void mt_inference_mode_leave(mt_guard guard);
MT_API void mt_set_anomaly(int32_t on);
MT_API mt_status mt_autocast_enter(int32_t device_type, int32_t dtype, int32_t on, mt_guard* out);
MT_API void mt_autocast_leave(mt_guard guard);

/* operators written in C# (function.cpp). backward receives the gradients of the outputs (NULL: none), borrowed, and fills results with owned
 * references (NULL: none); it returns 0, or 1 after mt_set_error. release is called once, when the graph no longer needs the operator. */
typedef mt_status (*mt_backward_function)(void* context, const mt_tensor* gradients, int32_t count, mt_tensor* results, int32_t result_count);
typedef void (*mt_release_function)(void* context);
MT_API void mt_set_error(const char* message);
/* outputs were computed from inputs without recording; results are the same data with a history that leads through backward */
MT_API mt_status mt_function_record(const mt_tensor* inputs, int32_t input_count, const mt_tensor* outputs, int32_t output_count,
                                    mt_backward_function backward, mt_release_function release, void* context, mt_tensor* results);

/* optimiser steps: one call updates every parameter; lists have count entries, entries without a gradient are skipped (optim.cpp) */
MT_API mt_status mt_zero_grad(const mt_tensor* params, int32_t count, int32_t set_to_none);
MT_API mt_status mt_clip_grad_norm(const mt_tensor* params, int32_t count, double max_norm, double norm_type, double* total_norm);
MT_API mt_status mt_clip_grad_value(const mt_tensor* params, int32_t count, double clip_value);
MT_API mt_status mt_sgd_step(const mt_tensor* params, const mt_tensor* momentum_buffers, int32_t count, int32_t first_step, double lr, double momentum,
                             double dampening, double weight_decay, int32_t nesterov);
/* decoupled: AdamW (arXiv 1711.05101); otherwise the decay is added to the gradient (arXiv 1412.6980). steps[i] counts from 1. max_exp_avg_sq may be NULL. */
MT_API mt_status mt_adam_step(const mt_tensor* params, const mt_tensor* exp_avg, const mt_tensor* exp_avg_sq, const mt_tensor* max_exp_avg_sq,
                              const int64_t* steps, int32_t count, double lr, double beta1, double beta2, double eps, double weight_decay, int32_t decoupled);
/* momentum_buffers and grad_avg may be NULL */
MT_API mt_status mt_rmsprop_step(const mt_tensor* params, const mt_tensor* square_avg, const mt_tensor* momentum_buffers, const mt_tensor* grad_avg,
                                 int32_t count, double lr, double alpha, double eps, double weight_decay, double momentum);

/* TorchScript files (jit.cpp) */
typedef struct mt_module_opaque* mt_module;
MT_API mt_status mt_module_load(const char* path, int32_t device, mt_module* out);
MT_API void mt_module_free(mt_module m);
MT_API mt_status mt_module_train(mt_module m, int32_t on);
MT_API int32_t mt_module_is_training(mt_module m);
/* for inference alone: eval mode, weights become constants of the code, batch norms part of the convolutions before them, convolutions channels-last */
MT_API mt_status mt_module_freeze(mt_module m);
/* tuples and lists are flattened into outputs, which has room for capacity tensors */
MT_API mt_status mt_module_forward(mt_module m, const mt_tensor* inputs, int32_t count, mt_tensor* outputs, int32_t capacity, int32_t* output_count,
                                   int32_t* is_tuple);
/* every parameter (or buffer) with its dotted name, not a copy; the visitor owns the reference */
MT_API mt_status mt_module_attributes(mt_module m, int32_t parameters, void (*visit)(const char* name, mt_tensor tensor, void* state), void* state);

/* process groups, one per process (distributed.cpp); reduction: 0 sum, 1 average, 2 product, 3 min, 4 max. Every call waits for its end. */
MT_API int32_t mt_distributed_is_available(const char* backend); /* "gloo", "nccl" */
MT_API mt_status mt_distributed_init(const char* backend, const char* address, int32_t port, int32_t rank, int32_t size, int64_t timeout_ms);
MT_API mt_status mt_distributed_destroy(void);
MT_API int32_t mt_distributed_rank(void); /* -1: no group */
MT_API int32_t mt_distributed_size(void);
MT_API mt_status mt_distributed_all_reduce(mt_tensor tensor, int32_t reduction);
MT_API mt_status mt_distributed_broadcast(mt_tensor tensor, int32_t source);
MT_API mt_status mt_distributed_all_gather(const mt_tensor* outputs, int32_t count, mt_tensor input);
MT_API mt_status mt_distributed_reduce_scatter(mt_tensor output, const mt_tensor* inputs, int32_t count, int32_t reduction);
/* rows of the first dimension; count 0: equal parts */
MT_API mt_status mt_distributed_all_to_all(mt_tensor output, mt_tensor input, const int64_t* output_sizes, const int64_t* input_sizes, int32_t count);
MT_API mt_status mt_distributed_send(mt_tensor tensor, int32_t destination, int32_t tag);
MT_API mt_status mt_distributed_recv(mt_tensor tensor, int32_t source, int32_t tag);
MT_API mt_status mt_distributed_barrier(void);
/* one all-reduce over the gradients of all parameters; absent gradients take part as zeros */
MT_API mt_status mt_distributed_average_gradients(const mt_tensor* params, int32_t count);

#ifdef __cplusplus
}
#endif
#endif
