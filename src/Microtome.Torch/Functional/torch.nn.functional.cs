namespace Microtome.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>The functions behind the modules. Images are [N, C, H, W], volumes [N, C, D, H, W], signals [N, C, L].</summary>
        public static partial class functional
        {
            private static readonly string[] padModes = ["constant", "reflect", "replicate", "circular", "constant"];

            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long[]? stride = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Operator.Tensor("conv1d", input, weight, bias, stride ?? [1], padding ?? [0], dilation ?? [1], groups);
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Operator.Tensor("conv2d", input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);
            public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Operator.Tensor("conv3d", input, weight, bias, strides ?? [1, 1, 1], padding ?? [0, 0, 0], dilation ?? [1, 1, 1], groups);
            public static Tensor conv_transpose1d(Tensor input, Tensor weight, Tensor? bias = null, long[]? stride = null, long[]? padding = null, long[]? output_padding = null, long groups = 1, long[]? dilation = null) =>
                Operator.Tensor("conv_transpose1d", input, weight, bias, stride ?? [1], padding ?? [0], output_padding ?? [0], groups, dilation ?? [1]);
            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long groups = 1, long[]? dilation = null) =>
                Operator.Tensor("conv_transpose2d.input", input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], output_padding ?? [0, 0], groups, dilation ?? [1, 1]);
            public static Tensor conv_transpose3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long groups = 1, long[]? dilation = null) =>
                Operator.Tensor("conv_transpose3d.input", input, weight, bias, strides ?? [1, 1, 1], padding ?? [0, 0, 0], output_padding ?? [0, 0, 0], groups, dilation ?? [1, 1, 1]);

            public static Tensor linear(Tensor input, Tensor weight, Tensor? bias = null) => Operator.Tensor("linear", input, weight, bias);
            public static Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null) => Operator.Tensor("bilinear", input1, input2, weight, bias);
            public static Tensor embedding(Tensor input, Tensor weight, long padding_idx = -1) => Operator.Tensor("embedding", weight, input, padding_idx);

            /// <summary>Sums (or means, or maxima) of the vectors of bags of numbers; bags begin at the offsets.</summary>
            public static Tensor embedding_bag(Tensor input, Tensor weight, Tensor offsets, string mode = "mean", Tensor? per_sample_weights = null)
            {
                using var scope = NewDisposeScope();
                var results = Operator.Tensors("embedding_bag", weight, input, offsets, false, Choice(mode, "sum", "mean", "max"), false, per_sample_weights, false);
                return results[0].MoveToOuterDisposeScope();
            }

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Operator.Tensor("one_hot", x, num_classes);

            public static Tensor max_pool1d(Tensor input, long kernelSize, long? stride = null, long padding = 0, long dilation = 1, bool ceil_mode = false) =>
                Operator.Tensor("max_pool1d", input, new[] { kernelSize }, new[] { stride ?? kernelSize }, new[] { padding }, new[] { dilation }, ceil_mode);
            public static Tensor max_pool2d(Tensor input, long[] kernelSize, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Operator.Tensor("max_pool2d", input, kernelSize, strides ?? kernelSize, padding ?? [0, 0], dilation ?? [1, 1], ceil_mode);
            public static Tensor max_pool2d(Tensor input, long kernelSize, long? stride = null, long padding = 0, long dilation = 1, bool ceil_mode = false) =>
                max_pool2d(input, [kernelSize, kernelSize], [stride ?? kernelSize, stride ?? kernelSize], [padding, padding], [dilation, dilation], ceil_mode);
            public static (Tensor output, Tensor indices) max_pool2d_with_indices(Tensor input, long[] kernelSize, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Operator.Two("max_pool2d_with_indices", input, kernelSize, strides ?? kernelSize, padding ?? [0, 0], dilation ?? [1, 1], ceil_mode);
            public static Tensor max_unpool2d(Tensor input, Tensor indices, long[] outputSize) => Operator.Tensor("max_unpool2d", input, indices, outputSize);
            public static Tensor max_pool3d(Tensor input, long[] kernelSize, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Operator.Tensor("max_pool3d", input, kernelSize, strides ?? kernelSize, padding ?? [0, 0, 0], dilation ?? [1, 1, 1], ceil_mode);
            public static Tensor avg_pool1d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true) =>
                Operator.Tensor("avg_pool1d", input, new[] { kernel_size }, new[] { stride ?? kernel_size }, new[] { padding }, ceil_mode, count_include_pad);
            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Operator.Tensor("avg_pool2d", input, kernel_size, strides ?? kernel_size, padding ?? [0, 0], ceil_mode, count_include_pad, divisor_override);
            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true) =>
                avg_pool2d(input, [kernel_size, kernel_size], [stride ?? kernel_size, stride ?? kernel_size], [padding, padding], ceil_mode, count_include_pad);
            public static Tensor avg_pool3d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Operator.Tensor("avg_pool3d", input, kernel_size, strides ?? kernel_size, padding ?? [0, 0, 0], ceil_mode, count_include_pad, divisor_override);
            public static Tensor adaptive_avg_pool1d(Tensor input, long output_size) => Operator.Tensor("adaptive_avg_pool1d", input, new[] { output_size });
            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Operator.Tensor("adaptive_avg_pool2d", input, output_size);
            public static Tensor adaptive_avg_pool3d(Tensor input, long[] output_size) => Operator.Tensor("adaptive_avg_pool3d", input, output_size);
            public static Tensor adaptive_max_pool2d(Tensor input, long[] output_size)
            {
                var (output, indices) = Operator.Two("adaptive_max_pool2d", input, output_size);
                indices.Dispose();
                return output;
            }

            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                Operator.Tensor("batch_norm", input, weight, bias, running_mean, running_var, training, momentum, eps, true);
            public static Tensor instance_norm(Tensor input, Tensor? running_mean = null, Tensor? running_var = null, Tensor? weight = null, Tensor? bias = null, bool use_input_stats = true, double momentum = 0.1, double eps = 1e-5) =>
                Operator.Tensor("instance_norm", input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true);
            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Operator.Tensor("group_norm", input, num_groups, weight, bias, eps, true);
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Operator.Tensor("layer_norm", input, normalized_shape, weight, bias, eps, true);

            /// <summary>x / sqrt(mean(x^2) + eps) over the last dimensions (arXiv 1910.07467).</summary>
            public static Tensor rms_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, double eps = 1e-6)
            {
                using var scope = NewDisposeScope();
                var dims = Enumerable.Range(1, normalized_shape.Length).Select(i => (long)-i).ToArray();
                var output = input * (input.square().mean(dims, keepdim: true) + eps).rsqrt();
                return (weight is null ? output : output * weight).MoveToOuterDisposeScope();
            }

            public static Tensor local_response_norm(Tensor input, long size, double alpha = 1e-4, double beta = 0.75, double k = 1.0)
            {
                using var scope = NewDisposeScope();
                var squares = pad(input.square().unsqueeze(1), [0, 0, 0, 0, size / 2, (size - 1) / 2]);
                var mean = avg_pool3d(squares, [size, 1, 1], [1, 1, 1]).squeeze(1);
                return (input / (mean * alpha + k).pow(beta)).MoveToOuterDisposeScope();
            }

            /// <summary>x / max(|x|_p, eps) along a dimension.</summary>
            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12)
            {
                using var scope = NewDisposeScope();
                return (input / input.norm(dim, keepdim: true, p).clamp_min(eps)).MoveToOuterDisposeScope();
            }

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? Operator.InPlace("dropout_", input, p, training) : Operator.Tensor("dropout", input, p, training);
            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true) => Operator.Tensor("feature_dropout", input, p, training);

            /// <summary>Adds a border; <paramref name="pad"/> counts from the last dimension: left, right, top, bottom...</summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                mode is PaddingModes.Constant or PaddingModes.Zeros ? Operator.Tensor("constant_pad_nd", input, pad, value) : Operator.Tensor("pad", input, pad, padModes[(int)mode], Argument.None);

            /// <summary>Resizes to a size or by factors. Corners are aligned only where asked for.</summary>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool antialias = false)
            {
                if (size is null == scale_factor is null)
                    throw new ArgumentException("interpolate wants either size or scale_factor.");
                var corners = align_corners ?? false;
                var spatial = x.ndim - 2;
                if (scale_factor is { Length: 1 } && spatial > 1)
                    scale_factor = [.. Enumerable.Repeat(scale_factor[0], (int)spatial)];
                if (size is { Length: 1 } && spatial > 1)
                    size = [.. Enumerable.Repeat(size[0], (int)spatial)];
                return (mode, spatial) switch
                {
                    (InterpolationMode.Nearest, 1) => Operator.Tensor("upsample_nearest1d.vec", x, size, scale_factor),
                    (InterpolationMode.Nearest, 2) => Operator.Tensor("upsample_nearest2d.vec", x, size, scale_factor),
                    (InterpolationMode.Nearest, 3) => Operator.Tensor("upsample_nearest3d.vec", x, size, scale_factor),
                    (InterpolationMode.Linear, 1) => Operator.Tensor("upsample_linear1d.vec", x, size, corners, scale_factor),
                    (InterpolationMode.Bilinear, 2) => Operator.Tensor(antialias ? "_upsample_bilinear2d_aa.vec" : "upsample_bilinear2d.vec", x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, 2) => Operator.Tensor(antialias ? "_upsample_bicubic2d_aa.vec" : "upsample_bicubic2d.vec", x, size, corners, scale_factor),
                    (InterpolationMode.Trilinear, 3) => Operator.Tensor("upsample_trilinear3d.vec", x, size, corners, scale_factor),
                    (InterpolationMode.Area, 2) => adaptive_avg_pool2d(x, size ?? Scaled(x, scale_factor!)),
                    (InterpolationMode.Area, 3) => adaptive_avg_pool3d(x, size ?? Scaled(x, scale_factor!)),
                    _ => throw new ArgumentException($"{mode} does not fit a tensor of shape [{string.Join(", ", x.shape)}]."),
                };
            }

            private static long[] Scaled(Tensor x, double[] factors)
            {
                var shape = x.shape;
                return [.. factors.Select((f, i) => (long)Math.Floor(shape[i + 2] * f))];
            }

            public static Tensor pixel_shuffle(Tensor input, long upscale_factor) => Operator.Tensor("pixel_shuffle", input, upscale_factor);
            public static Tensor pixel_unshuffle(Tensor input, long downscale_factor) => Operator.Tensor("pixel_unshuffle", input, downscale_factor);

            /// <summary>Neighbourhoods as columns: [N, C, H, W] to [N, C kH kW, L].</summary>
            public static Tensor unfold(Tensor input, long[] kernel_size, long[]? dilation = null, long[]? padding = null, long[]? stride = null) =>
                Operator.Tensor("im2col", input, kernel_size, dilation ?? [1, 1], padding ?? [0, 0], stride ?? [1, 1]);
            public static Tensor fold(Tensor input, long[] output_size, long[] kernel_size, long[]? dilation = null, long[]? padding = null, long[]? stride = null) =>
                Operator.Tensor("col2im", input, output_size, kernel_size, dilation ?? [1, 1], padding ?? [0, 0], stride ?? [1, 1]);

            /// <summary>Samples at positions in [-1, 1]: grid [N, H, W, 2] holds x, y.</summary>
            public static Tensor grid_sample(Tensor input, Tensor grid, string mode = "bilinear", string padding_mode = "zeros", bool align_corners = false) =>
                Operator.Tensor("grid_sampler", input, grid, Choice(mode, "bilinear", "nearest", "bicubic"), Choice(padding_mode, "zeros", "border", "reflection"), align_corners);
            public static Tensor affine_grid(Tensor theta, long[] size, bool align_corners = false) => Operator.Tensor("affine_grid_generator", theta, size, align_corners);

            private static long Choice(string value, params string[] choices)
            {
                var index = Array.IndexOf(choices, value);
                return index >= 0 ? index : throw new ArgumentException($"'{value}' is not one of {string.Join(", ", choices)}.");
            }

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8) => Operator.Tensor("cosine_similarity", x1, x2, dim, eps);
            public static Tensor pairwise_distance(Tensor x1, Tensor x2, double p = 2, double eps = 1e-6, bool keepdim = false) => Operator.Tensor("pairwise_distance", x1, x2, p, eps, keepdim);
        }
    }
}
