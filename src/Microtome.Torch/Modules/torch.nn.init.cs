using Microtome.Torch.Modules;

namespace Microtome.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Initial values. Every function changes its tensor without recording a gradient, and returns it.</summary>
        public static class init
        {
            /// <summary>Which count of connections keeps its variance.</summary>
            public enum FanInOut
            {
                FanIn,
                FanOut,
            }

            /// <summary>What follows the layer; it decides the gain.</summary>
            public enum NonlinearityType
            {
                Linear,
                ReLU,
                LeakyReLU,
                Tanh,
                Sigmoid,
                SELU,
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.01) => nonlinearity switch
            {
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + (param * param))),
                NonlinearityType.Tanh => 5.0 / 3,
                NonlinearityType.SELU => 0.75,
                _ => 1,
            };

            /// <summary>Connections into and out of one unit of a weight [out, in, kernel...].</summary>
            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2)
                    throw new ArgumentException($"Fan in and out need at least two dimensions, the shape is [{string.Join(", ", shape)}].");
                var field = shape.Skip(2).Aggregate(1L, (a, b) => a * b);
                return (shape[1] * field, shape[0] * field);
            }

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1) => Quiet(tensor, t => t.normal_(mean, std));
            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1) => Quiet(tensor, t => t.uniform_(low, high));
            public static Tensor constant_(Tensor tensor, Scalar val) => Quiet(tensor, t => t.fill_(val));
            public static Tensor zeros_(Tensor tensor) => Quiet(tensor, t => t.zero_());
            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);

            /// <summary>Variance 2 / ((1 + a^2) fan) (arXiv 1502.01852, equation 14).</summary>
            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, calculate_gain(nonlinearity, a) / Math.Sqrt(Fan(tensor, mode)));

            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3) * calculate_gain(nonlinearity, a) / Math.Sqrt(Fan(tensor, mode));
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Variance 2 / (fan in + fan out) (Glorot and Bengio 2010, equation 16).</summary>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
            }

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                var bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>A normal distribution cut at a and b, drawn through the inverse of its distribution function.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0, double std = 1, double a = -2, double b = 2)
            {
                var (low, high) = (Erf((a - mean) / std / Math.Sqrt(2)), Erf((b - mean) / std / Math.Sqrt(2)));
                return Quiet(tensor, t => t.uniform_(low, high).erfinv_().mul_(std * Math.Sqrt(2)).add_(mean).clamp_(a, b));
            }

            /// <summary>The start that PyTorch gives linear layers and convolutions: both uniform within 1 / sqrt(fan in).</summary>
            internal static void ResetLinear(Parameter weight, Parameter? bias)
            {
                kaiming_uniform_(weight, Math.Sqrt(5));
                if (bias is null)
                    return;
                var bound = 1 / Math.Sqrt(CalculateFanInAndFanOut(weight).fanIn);
                uniform_(bias, -bound, bound);
            }

            private static double Fan(Tensor tensor, FanInOut mode)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return mode == FanInOut.FanIn ? fanIn : fanOut;
            }

            private static double Erf(double x)
            {
                using var scope = NewDisposeScope();
                return tensor(x).erf().item<double>();
            }

            private static Tensor Quiet(Tensor tensor, Func<Tensor, Tensor> change)
            {
                using var off = no_grad();
                return change(tensor);
            }
        }

        public static class utils
        {
            /// <summary>All parameters in one row.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Tensor> parameters)
            {
                using var scope = NewDisposeScope();
                return cat([.. parameters.Select(p => p.reshape(-1))]).MoveToOuterDisposeScope();
            }

            /// <summary>Copies one row back into the parameters.</summary>
            public static void vector_to_parameters(Tensor vector, IEnumerable<Tensor> parameters)
            {
                using var scope = NewDisposeScope();
                using var off = no_grad();
                var position = 0L;
                foreach (var parameter in parameters)
                {
                    parameter.copy_(vector.narrow(0, position, parameter.numel()).view_as(parameter));
                    position += parameter.numel();
                }
            }

            /// <summary>Scales all gradients together so that their norm is at most <paramref name="max_norm"/>; returns the norm before.</summary>
            public static unsafe double clip_grad_norm_(IEnumerable<Tensor> parameters, double max_norm, double norm_type = 2)
            {
                using var list = new BorrowedTensors([.. parameters]);
                fixed (nint* p = list.Pointers)
                {
                    NativeMethods.Check(NativeMethods.mt_clip_grad_norm(p, list.Pointers.Length, max_norm, norm_type, out var norm));
                    return norm;
                }
            }

            /// <summary>Clamps every gradient to [-<paramref name="clip_value"/>, <paramref name="clip_value"/>].</summary>
            public static unsafe void clip_grad_value_(IEnumerable<Tensor> parameters, double clip_value)
            {
                using var list = new BorrowedTensors([.. parameters]);
                fixed (nint* p = list.Pointers)
                    NativeMethods.Check(NativeMethods.mt_clip_grad_value(p, list.Pointers.Length, clip_value));
            }
        }
    }
}
