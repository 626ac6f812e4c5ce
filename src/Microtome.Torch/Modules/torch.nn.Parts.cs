using Microtome.Torch.Modules;

namespace Microtome.Torch;

// Makers of activations, pooling, containers and losses.
public static partial class torch
{
    public static partial class nn
    {
        public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) => new(inputSize, outputSize, hasBias, device, dtype);
        public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, Device? device = null, ScalarType? dtype = null) => new(num_embeddings, embedding_dims, padding_idx, device, dtype);
        public static MultiheadAttention MultiheadAttention(long embedded_dim, long num_heads, double dropout = 0, bool bias = true, bool batch_first = false, Device? device = null, ScalarType? dtype = null) => new(embedded_dim, num_heads, dropout, bias, batch_first, device, dtype);
        public static Dropout Dropout(double p = 0.5) => new(nameof(Dropout), p, false);
        public static Dropout Dropout2d(double p = 0.5) => new(nameof(Dropout2d), p, true);
        public static Dropout Dropout3d(double p = 0.5) => new(nameof(Dropout3d), p, true);

        public static Sequential Sequential(params IEnumerable<Module<Tensor, Tensor>> modules) => new(modules.Select((m, i) => (i.ToString(null, null), m)));
        public static Sequential Sequential(params IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => new(modules);
        public static ModuleList<T> ModuleList<T>(params IEnumerable<T> modules)
            where T : Module => new(modules);

        public static FunctionModule ReLU(bool inplace = false) => new(nameof(ReLU), x => functional.relu(x, inplace));
        public static FunctionModule ReLU6() => new(nameof(ReLU6), x => functional.relu6(x));
        public static FunctionModule LeakyReLU(double negative_slope = 0.01, bool inplace = false) => new(nameof(LeakyReLU), x => functional.leaky_relu(x, negative_slope, inplace));
        public static FunctionModule ELU(double alpha = 1) => new(nameof(ELU), x => functional.elu(x, alpha));
        public static FunctionModule CELU(double alpha = 1) => new(nameof(CELU), x => functional.celu(x, alpha));
        public static FunctionModule SELU() => new(nameof(SELU), x => functional.selu(x));
        public static FunctionModule GELU(string approximate = "none") => new(nameof(GELU), x => functional.gelu(x, approximate));
        public static FunctionModule SiLU(bool inplace = false) => new(nameof(SiLU), x => functional.silu(x, inplace));
        public static FunctionModule Mish() => new(nameof(Mish), x => functional.mish(x));
        public static FunctionModule Hardswish() => new(nameof(Hardswish), x => functional.hardswish(x));
        public static FunctionModule Hardsigmoid() => new(nameof(Hardsigmoid), x => functional.hardsigmoid(x));
        public static FunctionModule Hardtanh(double min_val = -1, double max_val = 1) => new(nameof(Hardtanh), x => functional.hardtanh(x, min_val, max_val));
        public static FunctionModule Softplus(double beta = 1, double threshold = 20) => new(nameof(Softplus), x => functional.softplus(x, beta, threshold));
        public static FunctionModule Sigmoid() => new(nameof(Sigmoid), x => functional.sigmoid(x));
        public static FunctionModule Tanh() => new(nameof(Tanh), x => functional.tanh(x));
        public static FunctionModule Softmax(long dim) => new(nameof(Softmax), x => functional.softmax(x, dim));
        public static FunctionModule LogSoftmax(long dim) => new(nameof(LogSoftmax), x => functional.log_softmax(x, dim));
        public static FunctionModule GLU(long dim = -1) => new(nameof(GLU), x => functional.glu(x, dim));
        public static FunctionModule MaxPool1d(long kernel_size, long? stride = null, long padding = 0, long dilation = 1, bool ceil_mode = false) => new(nameof(MaxPool1d), x => functional.max_pool1d(x, kernel_size, stride, padding, dilation, ceil_mode));
        public static FunctionModule MaxPool2d(long kernel_size, long? stride = null, long padding = 0, long dilation = 1, bool ceil_mode = false) => new(nameof(MaxPool2d), x => functional.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode));
        public static FunctionModule MaxPool2d(long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) => new(nameof(MaxPool2d), x => functional.max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode));
        public static FunctionModule MaxPool3d(long kernel_size, long? stride = null, long padding = 0, long dilation = 1, bool ceil_mode = false) => new(nameof(MaxPool3d), x => functional.max_pool3d(x, All(kernel_size, 3), All(stride ?? kernel_size, 3), All(padding, 3), All(dilation, 3), ceil_mode));
        public static FunctionModule MaxPool3d(long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) => new(nameof(MaxPool3d), x => functional.max_pool3d(x, kernel_size, stride, padding, dilation, ceil_mode));
        public static FunctionModule AvgPool2d(long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true) => new(nameof(AvgPool2d), x => functional.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad));
        public static FunctionModule AvgPool3d(long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true) => new(nameof(AvgPool3d), x => functional.avg_pool3d(x, All(kernel_size, 3), All(stride ?? kernel_size, 3), All(padding, 3), ceil_mode, count_include_pad));
        public static FunctionModule AdaptiveAvgPool2d(long outputSize) => new(nameof(AdaptiveAvgPool2d), x => functional.adaptive_avg_pool2d(x, All(outputSize, 2)));
        public static FunctionModule AdaptiveAvgPool2d(long[] outputSize) => new(nameof(AdaptiveAvgPool2d), x => functional.adaptive_avg_pool2d(x, outputSize));
        public static FunctionModule AdaptiveAvgPool3d(long outputSize) => new(nameof(AdaptiveAvgPool3d), x => functional.adaptive_avg_pool3d(x, All(outputSize, 3)));
        public static FunctionModule AdaptiveMaxPool2d(long outputSize) => new(nameof(AdaptiveMaxPool2d), x => functional.adaptive_max_pool2d(x, All(outputSize, 2)));
        public static FunctionModule PixelShuffle(long upscale_factor) => new(nameof(PixelShuffle), x => functional.pixel_shuffle(x, upscale_factor));
        public static FunctionModule PixelUnshuffle(long downscale_factor) => new(nameof(PixelUnshuffle), x => functional.pixel_unshuffle(x, downscale_factor));
        public static FunctionModule ZeroPad2d(long padding) => new(nameof(ZeroPad2d), x => functional.pad(x, All(padding, 4)));
        public static FunctionModule ReflectionPad2d(long padding) => new(nameof(ReflectionPad2d), x => functional.pad(x, All(padding, 4), PaddingModes.Reflect));
        public static FunctionModule ReplicationPad2d(long padding) => new(nameof(ReplicationPad2d), x => functional.pad(x, All(padding, 4), PaddingModes.Replicate));
        public static FunctionModule LocalResponseNorm(long size, double alpha = 1e-4, double beta = 0.75, double k = 1.0) => new(nameof(LocalResponseNorm), x => functional.local_response_norm(x, size, alpha, beta, k));
        public static FunctionModule Identity() => new(nameof(Identity), x => x.alias());
        public static FunctionModule Flatten(long start_dim = 1, long end_dim = -1) => new(nameof(Flatten), x => x.flatten(start_dim, end_dim));
        public static FunctionModule Unflatten(long dim, long[] sizes) => new(nameof(Unflatten), x => x.unflatten(dim, sizes));
        public static FunctionModule Upsample(long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool? align_corners = null) =>
            new(nameof(Upsample), x => functional.interpolate(x, size, scale_factor, (InterpolationMode)mode, align_corners));

        /// <summary>Makes a module of a function.</summary>
        public static FunctionModule Lambda(Func<Tensor, Tensor> function, string name = "Lambda") => new(name, function);

        public static LossModule CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean, double label_smoothing = 0) => new(nameof(CrossEntropyLoss), weight, (x, y, w) => functional.cross_entropy(x, y, w, ignore_index ?? -100, reduction, label_smoothing));
        public static LossModule NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(nameof(NLLLoss), weight, (x, y, w) => functional.nll_loss(x, y, w, reduction));
        public static LossModule BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(nameof(BCELoss), weight, (x, y, w) => functional.binary_cross_entropy(x, y, w, reduction));
        public static LossModule MSELoss(Reduction reduction = Reduction.Mean) => new(nameof(MSELoss), null, (x, y, _) => functional.mse_loss(x, y, reduction));
        public static LossModule L1Loss(Reduction reduction = Reduction.Mean) => new(nameof(L1Loss), null, (x, y, _) => functional.l1_loss(x, y, reduction));
        public static LossModule SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1) => new(nameof(SmoothL1Loss), null, (x, y, _) => functional.smooth_l1_loss(x, y, reduction, beta));
        public static LossModule HuberLoss(double delta = 1, Reduction reduction = Reduction.Mean) => new(nameof(HuberLoss), null, (x, y, _) => functional.huber_loss(x, y, delta, reduction));
        public static LossModule KLDivLoss(bool log_target = false, Reduction reduction = Reduction.Mean) => new(nameof(KLDivLoss), null, (x, y, _) => functional.kl_div(x, y, log_target, reduction));

        /// <summary>Binary cross-entropy of logits; <paramref name="pos_weights"/> weighs the positive targets.</summary>
        public static LossModule BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
            new(nameof(BCEWithLogitsLoss), pos_weights, (x, y, positive) => functional.binary_cross_entropy_with_logits(x, y, weight, reduction, positive));
    }
}
