using static Microtome.Torch.torch;
using F = Microtome.Torch.torch.nn.functional;

namespace Microtome.Torch.Tests;

internal static partial class Operations
{
    private static Tensor? At(Tensor[] x, int index) => x.Length > index ? x[index] : null;

    private static void Convolutions()
    {
        One("conv1d", (c, x) => F.conv1d(x[0], x[1], At(x, 2), c.Each("stride", 1), c.Each("padding", 1), c.Each("dilation", 1), c.Long("groups")));
        One("conv2d", (c, x) => F.conv2d(x[0], x[1], At(x, 2), c.Each("stride", 2), c.Each("padding", 2), c.Each("dilation", 2), c.Long("groups")));
        One("conv3d", (c, x) => F.conv3d(x[0], x[1], At(x, 2), c.Each("stride", 3), c.Each("padding", 3), c.Each("dilation", 3), c.Long("groups")));
        One("conv2d_pair", (c, x) => F.conv2d(x[0], x[1], null, c.Longs("stride"), c.Longs("padding"), c.Longs("dilation")));
        One("conv_transpose1d", (c, x) => F.conv_transpose1d(x[0], x[1], x[2], c.Each("stride", 1), c.Each("padding", 1), c.Each("output_padding", 1), c.Long("groups"), c.Each("dilation", 1)));
        One("conv_transpose2d", (c, x) => F.conv_transpose2d(x[0], x[1], x[2], c.Each("stride", 2), c.Each("padding", 2), c.Each("output_padding", 2), c.Long("groups"), c.Each("dilation", 2)));
        One("conv_transpose3d", (c, x) => F.conv_transpose3d(x[0], x[1], x[2], c.Each("stride", 3), c.Each("padding", 3), c.Each("output_padding", 3), c.Long("groups"), c.Each("dilation", 3)));
    }

    private static void Pools()
    {
        One("max_pool1d", (c, x) => F.max_pool1d(x[0], c.Long("kernel"), c.Long("stride"), c.Long("padding"), 1, c.Bool("ceil")));
        One("max_pool2d", (c, x) => F.max_pool2d(x[0], c.Each("kernel", 2), c.Each("stride", 2), c.Each("padding", 2), null, c.Bool("ceil")));
        One("max_pool3d", (c, x) => F.max_pool3d(x[0], c.Each("kernel", 3), c.Each("stride", 3), c.Each("padding", 3), null, c.Bool("ceil")));
        One("avg_pool1d", (c, x) => F.avg_pool1d(x[0], c.Long("kernel"), c.Long("stride"), c.Long("padding"), c.Bool("ceil"), c.Bool("count_include_pad")));
        One("avg_pool2d", (c, x) => F.avg_pool2d(x[0], c.Each("kernel", 2), c.Each("stride", 2), c.Each("padding", 2), c.Bool("ceil"), c.Bool("count_include_pad")));
        One("avg_pool3d", (c, x) => F.avg_pool3d(x[0], c.Each("kernel", 3), c.Each("stride", 3), c.Each("padding", 3), c.Bool("ceil"), c.Bool("count_include_pad")));
        One("adaptive_avg_pool1d", (c, x) => F.adaptive_avg_pool1d(x[0], c.Longs("size")[0]));
        One("adaptive_avg_pool2d", (c, x) => F.adaptive_avg_pool2d(x[0], c.Longs("size")));
        One("adaptive_avg_pool3d", (c, x) => F.adaptive_avg_pool3d(x[0], c.Longs("size")));
        One("adaptive_max_pool1d", (c, x) => F.adaptive_max_pool1d(x[0], c.Longs("size")[0]));
        One("adaptive_max_pool2d", (c, x) => F.adaptive_max_pool2d(x[0], c.Longs("size")));
        One("adaptive_max_pool3d", (c, x) => F.adaptive_max_pool3d(x[0], c.Longs("size")));
        Two("max_pool2d_with_indices", (c, x) => F.max_pool2d_with_indices(x, c.Each("kernel", 2), c.Each("stride", 2)));
        One("max_unpool2d", (c, x) => F.max_unpool2d(x[0], x[1], c.Longs("size")));
    }

    private static void Norms()
    {
        Add("batch_norm", (c, x) =>
        {
            Tensor mean = x[3].clone(), variance = x[4].clone();
            return [F.batch_norm(x[0], mean, variance, x[1], x[2], c.Bool("training"), c.Double("momentum"), c.Double("eps")), mean, variance];
        });
        One("instance_norm", (c, x) => F.instance_norm(x[0], null, null, x[1], x[2], true, 0.1, c.Double("eps")));
        One("group_norm", (c, x) => F.group_norm(x[0], c.Long("groups"), x[1], x[2], c.Double("eps")));
        One("layer_norm", (c, x) => F.layer_norm(x[0], c.Longs("shape"), At(x, 1), At(x, 2), c.Double("eps")));
        One("local_response_norm", (c, x) => F.local_response_norm(x[0], c.Long("size"), c.Double("alpha"), c.Double("beta"), c.Double("k")));
        One("normalize", (c, x) => F.normalize(x[0], c.Double("p"), c.Long("dim")));
        One("cosine_similarity", (c, x) => F.cosine_similarity(x[0], x[1], c.Long("dim")));
    }

    private static InterpolationMode Mode(RecordedCase c) => Enum.Parse<InterpolationMode>(c.Text("mode"), ignoreCase: true);

    private static void Upsampling()
    {
        One("interpolate_size", (c, x) => F.interpolate(x[0], c.Longs("size"), null, Mode(c), c.Has("align") ? c.Bool("align") : null));
        One("interpolate_scale", (c, x) => F.interpolate(x[0], null, c.Doubles("scale"), Mode(c), c.Has("align") ? c.Bool("align") : null));
        One("pixel_shuffle", (c, x) => F.pixel_shuffle(x[0], c.Long("factor")));
        One("pixel_unshuffle", (c, x) => F.pixel_unshuffle(x[0], c.Long("factor")));
        One("grid_sample", (c, x) => F.grid_sample(x[0], x[1], c.Text("mode"), c.Text("padding"), c.Bool("align")));
        One("affine_grid", (c, x) => F.affine_grid(x[0], c.Longs("size"), c.Bool("align")));
    }

    private static void Activations()
    {
        Unary("relu", x => F.relu(x));
        Unary("sigmoid", x => x.sigmoid());
        Unary("tanh", x => x.tanh());
        Unary("gelu", x => F.gelu(x));
        Unary("gelu_tanh", x => F.gelu(x, "tanh"));
        Unary("silu", x => F.silu(x));
        Unary("mish", F.mish);
        Unary("softplus", x => F.softplus(x));
        Unary("softsign", F.softsign);
        Unary("hardswish", F.hardswish);
        Unary("hardsigmoid", F.hardsigmoid);
        Unary("hardtanh", x => F.hardtanh(x));
        Unary("relu6", F.relu6);
        Unary("selu", F.selu);
        Unary("logsigmoid", F.logsigmoid);
        Unary("tanhshrink", F.tanhshrink);
        One("leaky_relu", (c, x) => F.leaky_relu(x[0], c.Double("slope")));
        One("elu", (c, x) => F.elu(x[0], c.Double("alpha")));
        One("celu", (c, x) => F.celu(x[0], c.Double("alpha")));
        Binary("prelu", F.prelu);
        One("glu", (c, x) => F.glu(x[0], c.Long("dim")));
        One("softmax", (c, x) => F.softmax(x[0], c.Long("dim")));
        One("log_softmax", (c, x) => F.log_softmax(x[0], c.Long("dim")));
    }

    private static void Losses()
    {
        One("cross_entropy", (c, x) => F.cross_entropy(x[0], x[1], At(x, 2), c.Long("ignore"), c.Reduction, c.Double("smoothing")));
        One("nll_loss", (c, x) => F.nll_loss(x[0], x[1], null, c.Reduction));
        One("bce_with_logits", (c, x) => F.binary_cross_entropy_with_logits(x[0], x[1], At(x, 2), c.Reduction, At(x, 3)));
        One("binary_cross_entropy", (c, x) => F.binary_cross_entropy(x[0], x[1], null, c.Reduction));
        One("mse_loss", (c, x) => F.mse_loss(x[0], x[1], c.Reduction));
        One("l1_loss", (c, x) => F.l1_loss(x[0], x[1], c.Reduction));
        One("smooth_l1_loss", (c, x) => F.smooth_l1_loss(x[0], x[1], c.Reduction, c.Double("beta")));
        One("huber_loss", (c, x) => F.huber_loss(x[0], x[1], c.Double("delta"), c.Reduction));
        One("kl_div", (c, x) => F.kl_div(x[0], x[1], false, c.Reduction));
        One("poisson_nll_loss", (c, x) => F.poisson_nll_loss(x[0], x[1], reduction: c.Reduction));
        One("margin_ranking_loss", (c, x) => F.margin_ranking_loss(x[0], x[1], x[2], c.Double("margin"), c.Reduction));
        One("triplet_margin_loss", (c, x) => F.triplet_margin_loss(x[0], x[1], x[2], reduction: c.Reduction));
        One("cosine_embedding_loss", (c, x) => F.cosine_embedding_loss(x[0], x[1], x[2], c.Double("margin"), c.Reduction));
        One("ctc_loss", (c, x) => F.ctc_loss(x[0], x[1], x[2], x[3], 0, true, c.Reduction));
    }

    private static void LinearAndAttention()
    {
        One("linear", (_, x) => F.linear(x[0], x[1], At(x, 2)));
        One("bilinear", (_, x) => F.bilinear(x[0], x[1], x[2], x[3]));
        One("embedding", (c, x) => F.embedding(x[0], x[1], c.Has("padding_idx") ? c.Long("padding_idx") : -1));
        One("einsum", (c, x) => einsum(c.Text("equation"), x));
        One("attention", (c, x) => F.scaled_dot_product_attention(x[0], x[1], x[2], At(x, 3), is_causal: c.Bool("causal")));
        Binary("matmul", matmul);
        Binary("mm", mm);
        Binary("bmm", bmm);
        Binary("outer", outer);
        Binary("dot", dot);
        One("addmm", (c, x) => addmm(x[0], x[1], x[2], c.Double("beta"), c.Double("alpha")));
        One("baddbmm", (c, x) => baddbmm(x[0], x[1], x[2], c.Double("beta"), c.Double("alpha")));
    }
}
