namespace Microtome.Torch;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>
            /// Weights [C', C, 3, 3] as <see cref="conv3x3_packed"/> takes them, for inference: a tensor of bytes that is good for nothing else and keeps the weights alive. Empty where nothing is
            /// gained: processors without AVX-512, other kernels, channels that are no multiples of 16 (in) and 32 (out).
            /// </summary>
            public static Tensor pack_conv3x3(Tensor weight) => Operator.Tensor("microtome::pack_convolution", weight);

            /// <summary>
            /// A 3x3 convolution of stride 1, padded by 1, with what follows it in a network: relu(conv(input) + bias + add). Minimal filtering F(4x4, 3x3) (arXiv 1509.09308), so a quarter of the
            /// multiplications; answers agree with conv2d to about 1e-5 of the largest. No gradients.
            /// </summary>
            /// <param name="input">[N, C, H, W].</param>
            /// <param name="packed">What <see cref="pack_conv3x3"/> made.</param>
            /// <param name="bias">[C'], or null.</param>
            /// <param name="add">[N, C', H, W], or null.</param>
            /// <param name="relu">Whether negative results become zero.</param>
            public static Tensor conv3x3_packed(Tensor input, Tensor packed, Tensor? bias = null, Tensor? add = null, bool relu = false) => Operator.Tensor("microtome::convolution", input, packed, bias, add, relu);
        }
    }
}
