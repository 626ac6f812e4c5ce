// Operators by name. libtorch describes each operator by a schema; arguments from C# are converted to what the schema asks for and the
// call goes through the dispatcher, which brings autograd, autocast and every device with it.
#include <ATen/Context.h>
#include <ATen/ScalarOps.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <sstream>

#include "bridge.h"

namespace microtome {
namespace {

// optional<Tensor> of the libtorch at hand (c10::optional became std::optional in 2.x)
using OptionalTensor = decltype(std::declval<const c10::IValue&>().toOptional<at::Tensor>());

struct Operator {
    c10::OperatorHandle handle;
    std::string schema_text;
};

const char* kind_name(int64_t kind) {
    static const char* names[] = {"none", "tensor", "int", "float", "bool", "int list", "float list", "tensor list", "string", "device", "bool list", "object"};
    return kind >= 0 && kind <= MT_OBJECT ? names[kind] : "default";
}

[[noreturn]] void mismatch(const mt_value& v, const c10::Argument& arg) {
    TORCH_CHECK(false, "argument '", arg.name(), "' wants ", arg.type()->str(), " but was given a ", kind_name(v.kind));
}

at::Tensor tensor_of(const mt_value& v) { return borrow(static_cast<mt_tensor>(const_cast<void*>(v.as.p))); }

c10::IValue list_value(const mt_value& v, const c10::TypePtr& element, const c10::Argument& arg) {
    switch (element->kind()) {
        case c10::TypeKind::IntType:
        case c10::TypeKind::SymIntType: {
            c10::List<int64_t> list;
            if (v.kind == MT_INT) {
                auto repeat = arg.N() ? *arg.N() : 1;
                for (int i = 0; i < repeat; i++) list.push_back(v.as.i);
            } else if (v.kind == MT_INTS) {
                auto p = static_cast<const int64_t*>(v.as.p);
                list.reserve(v.count);
                for (int64_t i = 0; i < v.count; i++) list.push_back(p[i]);
            } else
                mismatch(v, arg);
            return list;
        }
        case c10::TypeKind::FloatType: {
            c10::List<double> list;
            if (v.kind == MT_DOUBLE) {
                auto repeat = arg.N() ? *arg.N() : 1;
                for (int i = 0; i < repeat; i++) list.push_back(v.as.d);
            } else if (v.kind == MT_DOUBLES) {
                auto p = static_cast<const double*>(v.as.p);
                for (int64_t i = 0; i < v.count; i++) list.push_back(p[i]);
            } else
                mismatch(v, arg);
            return list;
        }
        case c10::TypeKind::BoolType: {
            if (v.kind != MT_BOOLS) mismatch(v, arg);
            c10::List<bool> list;
            auto p = static_cast<const uint8_t*>(v.as.p);
            for (int64_t i = 0; i < v.count; i++) list.push_back(p[i] != 0);
            return list;
        }
        case c10::TypeKind::TensorType: {
            if (v.kind != MT_TENSORS) mismatch(v, arg);
            c10::List<at::Tensor> list;
            auto p = static_cast<const mt_tensor*>(v.as.p);
            list.reserve(v.count);
            for (int64_t i = 0; i < v.count; i++) list.push_back(borrow(p[i]));
            return list;
        }
        case c10::TypeKind::OptionalType: {
            if (v.kind != MT_TENSORS) mismatch(v, arg);
            c10::List<OptionalTensor> list;
            auto p = static_cast<const mt_tensor*>(v.as.p);
            for (int64_t i = 0; i < v.count; i++) list.push_back(p[i] == nullptr ? OptionalTensor() : OptionalTensor(borrow(p[i])));
            return list;
        }
        default:
            mismatch(v, arg);
    }
}

c10::IValue value_for(const mt_value& v, const c10::TypePtr& type, const c10::Argument& arg) {
    switch (type->kind()) {
        case c10::TypeKind::OptionalType:
            if (v.kind == MT_NONE) return c10::IValue();
            return value_for(v, type->castRaw<c10::OptionalType>()->getElementType(), arg);
        case c10::TypeKind::TensorType:
            if (v.kind == MT_TENSOR) return tensor_of(v);
            if (v.kind == MT_NONE) return at::Tensor();
            if (v.kind == MT_INT || v.kind == MT_DOUBLE) {
                auto scalar = at::scalar_to_tensor(v.kind == MT_INT ? c10::Scalar(v.as.i) : c10::Scalar(v.as.d));
                scalar.unsafeGetTensorImpl()->set_wrapped_number(true);
                return scalar;
            }
            break;
        case c10::TypeKind::NumberType:
            if (v.kind == MT_INT) return v.as.i;
            if (v.kind == MT_DOUBLE) return v.as.d;
            if (v.kind == MT_BOOL) return c10::IValue(v.as.i != 0);
            break;
        case c10::TypeKind::FloatType:
            if (v.kind == MT_INT) return static_cast<double>(v.as.i);
            if (v.kind == MT_DOUBLE) return v.as.d;
            break;
        case c10::TypeKind::BoolType:
            if (v.kind == MT_BOOL) return c10::IValue(v.as.i != 0);
            break;
        case c10::TypeKind::StringType:
            if (v.kind == MT_STRING) return std::string(static_cast<const char*>(v.as.p), v.count);
            break;
        case c10::TypeKind::DeviceObjType:
            if (v.kind == MT_DEVICE) return device_of(v.as.i);
            break;
        case c10::TypeKind::ClassType:
            if (v.kind == MT_OBJECT) return *static_cast<const c10::IValue*>(v.as.p);
            break;
        case c10::TypeKind::ListType:
            return list_value(v, type->castRaw<c10::ListType>()->getElementType(), arg);
        default:
            // int, SymInt, ScalarType, Layout, MemoryFormat: all are integers to the dispatcher
            if (v.kind == MT_INT) return v.as.i;
            break;
    }
    mismatch(v, arg);
}

struct Results {
    std::vector<mt_value> values;

    void add(int64_t kind, int64_t i) {
        mt_value v{kind, 0, {}};
        v.as.i = i;
        values.push_back(v);
    }

    void add(const c10::IValue& value) {
        mt_value v{MT_NONE, 0, {}};
        if (value.isTensor()) {
            v.kind = MT_TENSOR;
            v.as.p = give(value.toTensor());
            values.push_back(v);
        } else if (value.isInt()) {
            add(MT_INT, value.toInt());
        } else if (value.isDouble()) {
            v.kind = MT_DOUBLE;
            v.as.d = value.toDouble();
            values.push_back(v);
        } else if (value.isBool()) {
            add(MT_BOOL, value.toBool());
        } else if (value.isTensorList()) {
            for (at::Tensor t : value.toTensorVector()) add(c10::IValue(std::move(t)));
        } else if (value.isNone()) {
            values.push_back(v);
        } else if (value.isCustomClass()) {
            v.kind = MT_OBJECT;
            v.as.p = new c10::IValue(value);
            values.push_back(v);
        } else {
            TORCH_CHECK(false, "the operator returned a ", value.tagKind(), ", which has no form on the C# side");
        }
    }
};

std::string describe(const mt_value& v) {
    std::ostringstream text;
    switch (v.kind) {
        case MT_TENSOR: return microtome::describe(tensor_of(v));
        case MT_INT: text << v.as.i; break;
        case MT_DOUBLE: text << v.as.d; break;
        case MT_BOOL: text << (v.as.i ? "true" : "false"); break;
        case MT_INTS: text << c10::IntArrayRef(static_cast<const int64_t*>(v.as.p), v.count); break;
        case MT_TENSORS:
            text << '[';
            for (int64_t i = 0; i < v.count && i < 8; i++)
                text << (i ? ", " : "") << microtome::describe(borrow(static_cast<const mt_tensor*>(v.as.p)[i]));
            text << (v.count > 8 ? ", ...]" : "]");
            break;
        case MT_STRING: text << '"' << std::string(static_cast<const char*>(v.as.p), v.count) << '"'; break;
        default: text << kind_name(v.kind);
    }
    return text.str();
}

}  // namespace
}  // namespace microtome

using namespace microtome;

mt_status mt_operator_find(const char* name, mt_operator* out) {
    return guarded([&] {
        std::string full(name);
        if (full.find("::") == std::string::npos) full = "aten::" + full;
        auto dot = full.find('.');
        auto base = full.substr(0, dot);
        auto overload = dot == std::string::npos ? std::string() : full.substr(dot + 1);
        auto handle = c10::Dispatcher::singleton().findSchema({base, overload});
        TORCH_CHECK(handle.has_value(), "this libtorch has no operator '", full, "'");
        std::ostringstream text;
        text << handle->schema();
        *out = reinterpret_cast<mt_operator>(new Operator{*handle, text.str()});
    });
}

const char* mt_operator_schema(mt_operator op) { return reinterpret_cast<Operator*>(op)->schema_text.c_str(); }

mt_status mt_operator_call(mt_operator op, const mt_value* args, int32_t count, const mt_value** results, int32_t* result_count) {
    static thread_local Results returned;
    returned.values.clear();
    auto& handle = reinterpret_cast<Operator*>(op)->handle;
    auto status = guarded([&] {
        const auto& wanted = handle.schema().arguments();
        TORCH_CHECK(static_cast<size_t>(count) <= wanted.size(), "takes ", wanted.size(), " arguments but was given ", count);
        torch::jit::Stack stack;
        stack.reserve(wanted.size());
        for (size_t i = 0; i < wanted.size(); i++) {
            const auto& arg = wanted[i];
            bool given = i < static_cast<size_t>(count) && args[i].kind != MT_DEFAULT;
            if (!given) {
                TORCH_CHECK(arg.default_value().has_value(), "argument '", arg.name(), "' is missing");
                stack.push_back(*arg.default_value());
            } else {
                stack.push_back(value_for(args[i], arg.type(), arg));
            }
        }
        handle.callBoxed(&stack);
        for (const auto& value : stack) returned.add(value);
    });
    if (status != 0) {
        for (auto& v : returned.values) {
            if (v.kind == MT_TENSOR) mt_tensor_free(static_cast<mt_tensor>(const_cast<void*>(v.as.p)));
            if (v.kind == MT_OBJECT) mt_object_free(static_cast<mt_object>(const_cast<void*>(v.as.p)));
        }
        std::string text = mt_last_error();
        text += "\n  in " + handle.schema().operator_name().name + "(";
        const auto& wanted = handle.schema().arguments();
        for (int32_t i = 0; i < count; i++)
            text += (i ? ", " : "") + (static_cast<size_t>(i) < wanted.size() ? wanted[i].name() + ": " : std::string()) + describe(args[i]);
        set_error(text + ")");
        return status;
    }
    *results = returned.values.data();
    *result_count = static_cast<int32_t>(returned.values.size());
    return 0;
}

void mt_object_free(mt_object o) { delete reinterpret_cast<c10::IValue*>(o); }

namespace {
bool engine_named(const char* name, at::QEngine& found) {
    std::string wanted(name);
    for (auto& letter : wanted) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    for (auto engine : at::globalContext().supportedQEngines()) {
        if (c10::toString(engine) == wanted) {
            found = engine;
            return true;
        }
    }
    return false;
}
}  // namespace

int32_t mt_quantized_engine_exists(const char* name) {
    at::QEngine engine;
    return engine_named(name, engine) ? 1 : 0;
}

mt_status mt_set_quantized_engine(const char* name) {
    return guarded([&] {
        at::QEngine engine = at::QEngine::NoQEngine;
        TORCH_CHECK(engine_named(name, engine), "this libtorch has no quantized engine '", name, "'");
        at::globalContext().setQEngine(engine);
    });
}
