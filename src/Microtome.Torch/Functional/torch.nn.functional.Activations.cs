namespace Microtome.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor relu(Tensor input, bool inplace = false) => inplace ? Operator.InPlace("relu_", input) : Operator.Tensor("relu", input);
            public static Tensor relu6(Tensor input) => Operator.Tensor("hardtanh", input, 0.0, 6.0);
            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                inplace ? Operator.InPlace("leaky_relu_", input, negative_slope) : Operator.Tensor("leaky_relu", input, negative_slope);
            public static Tensor prelu(Tensor input, Tensor weight) => Operator.Tensor("prelu", input, weight);
            public static Tensor elu(Tensor input, double alpha = 1) => Operator.Tensor("elu", input, alpha);
            public static Tensor celu(Tensor input, double alpha = 1) => Operator.Tensor("celu", input, alpha);
            public static Tensor selu(Tensor input) => Operator.Tensor("selu", input);

            /// <summary>x Phi(x); <paramref name="approximate"/> "tanh" takes the usual approximation.</summary>
            public static Tensor gelu(Tensor input, string approximate = "none") => Operator.Tensor("gelu", input, approximate);
            public static Tensor silu(Tensor input, bool inplace = false) => inplace ? Operator.InPlace("silu_", input) : Operator.Tensor("silu", input);
            public static Tensor mish(Tensor input) => Operator.Tensor("mish", input);
            public static Tensor hardswish(Tensor input) => Operator.Tensor("hardswish", input);
            public static Tensor hardsigmoid(Tensor input) => Operator.Tensor("hardsigmoid", input);
            public static Tensor hardtanh(Tensor input, double min_val = -1, double max_val = 1) => Operator.Tensor("hardtanh", input, min_val, max_val);
            public static Tensor softplus(Tensor input, double beta = 1, double threshold = 20) => Operator.Tensor("softplus", input, beta, threshold);
            public static Tensor softsign(Tensor input)
            {
                using var scope = NewDisposeScope();
                return (input / (input.abs() + 1)).MoveToOuterDisposeScope();
            }
            public static Tensor softshrink(Tensor input, double lambda = 0.5) => Operator.Tensor("softshrink", input, lambda);
            public static Tensor hardshrink(Tensor input, double lambda = 0.5) => Operator.Tensor("hardshrink", input, lambda);
            public static Tensor threshold(Tensor input, double threshold, double value) => Operator.Tensor("threshold", input, threshold, value);
            public static Tensor logsigmoid(Tensor input) => Operator.Tensor("log_sigmoid", input);
            public static Tensor sigmoid(Tensor input) => input.sigmoid();
            public static Tensor tanh(Tensor input) => input.tanh();
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
            public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);
            public static Tensor softmin(Tensor input, long dim)
            {
                using var negative = -input;
                return negative.softmax(dim);
            }
            public static Tensor glu(Tensor input, long dim = -1) => Operator.Tensor("glu", input, dim);
        }
    }
}
