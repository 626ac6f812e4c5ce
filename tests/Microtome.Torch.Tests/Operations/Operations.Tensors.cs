using System.Globalization;
using static Microtome.Torch.torch;
using F = Microtome.Torch.torch.nn.functional;

namespace Microtome.Torch.Tests;

internal static partial class Operations
{
    private static void Indexing()
    {
        Two("topk", (c, x) => x.topk(c.Long("k"), c.Long("dim"), c.Bool("largest")));
        Two("sort", (c, x) => x.sort(c.Long("dim"), c.Bool("descending")));
        One("argsort", (c, x) => x[0].argsort(c.Long("dim")));
        Two("kthvalue", (c, x) => x.kthvalue(c.Long("k"), c.Long("dim")));
        One("gather", (c, x) => gather(x[0], c.Long("dim"), x[1]));
        One("scatter", (c, x) => scatter(x[0], c.Long("dim"), x[1], x[2]));
        One("scatter_add", (c, x) => scatter_add(x[0], c.Long("dim"), x[1], x[2]));
        One("index_select", (c, x) => index_select(x[0], c.Long("dim"), x[1]));
        One("index_add", (c, x) => index_add(x[0], c.Long("dim"), x[1], x[2]));
        Binary("index_tensor", (x, i) => x[i]);
        One("index_two", (_, x) => x[0][x[1], x[2]]);
        Binary("index_mask", (x, mask) => x[mask]);
        One("index_put", (c, x) => x[0].index_put([x[1]], x[2], c.Bool("accumulate")));
        Binary("masked_select", masked_select);
        One("masked_fill", (c, x) => x[0].masked_fill(x[1], c.Double("value")));
        One("where", (_, x) => where(x[0], x[1], x[2]));
        One("take_along_dim", (c, x) => take_along_dim(x[0], x[1], c.Long("dim")));
        Unary("slice", x => x[TensorIndex.Slice(1, 4, 2), TensorIndex.Colon, ^2..]);
        One("select", (c, x) => x[0].select(c.Long("dim"), c.Long("index")));
        One("narrow", (c, x) => x[0].narrow(c.Long("dim"), c.Long("start"), c.Long("length")));
        Unary("nonzero", x => x.nonzero());
        One("one_hot", (c, x) => F.one_hot(x[0], c.Long("classes")));
        One("bincount", (c, x) => x[0].bincount(null, c.Long("minlength")));
        Add("unique", (_, x) =>
        {
            var (values, inverse, counts) = unique(x[0], true, true, true);
            return [values, inverse, counts];
        });
        Binary("searchsorted", (x, v) => searchsorted(x, v));
        Binary("bucketize", (x, b) => bucketize(x, b));
        One("histc", (c, x) => x[0].histc(c.Long("bins"), c.Double("min"), c.Double("max")));
        Binary("isin", (x, tests) => isin(x, tests));
    }

    private static void Shapes()
    {
        One("reshape", (c, x) => x[0].reshape(c.Longs("shape")));
        One("permute", (c, x) => x[0].permute(c.Longs("dims")));
        One("transpose", (c, x) => x[0].transpose(c.Long("dim0"), c.Long("dim1")));
        One("flatten", (c, x) => x[0].flatten(c.Long("start")));
        One("unsqueeze", (c, x) => x[0].unsqueeze(c.Long("dim")));
        One("squeeze", (c, x) => x[0].squeeze(c.Long("dim")));
        One("expand", (c, x) => x[0].expand(c.Longs("shape")));
        One("repeat", (c, x) => x[0].repeat(c.Longs("repeats")));
        One("repeat_interleave", (c, x) => x[0].repeat_interleave(c.Long("repeats"), c.Long("dim")));
        One("flip", (c, x) => x[0].flip(c.Longs("dims")));
        One("roll", (c, x) => x[0].roll(c.Longs("shifts"), c.Longs("dims")));
        One("rot90", (c, x) => x[0].rot90(c.Long("k"), c.Longs("dims")[0], c.Longs("dims")[1]));
        One("cat", (c, x) => cat(x, c.Long("dim")));
        One("stack", (c, x) => stack(x, c.Long("dim")));
        Add("chunk", (c, x) => x[0].chunk(c.Long("chunks"), c.Long("dim")));
        Add("split", (c, x) => x[0].split(c.Long("size"), c.Long("dim")));
        Add("unbind", (c, x) => x[0].unbind(c.Long("dim")));
        One("tril", (c, x) => x[0].tril(c.Long("diagonal")));
        One("triu", (c, x) => x[0].triu(c.Long("diagonal")));
        One("diagonal", (c, x) => x[0].diagonal(c.Long("offset")));
        One("movedim", (c, x) => x[0].movedim([c.Long("source")], [c.Long("destination")]));
        One("unfold_dim", (c, x) => x[0].unfold(c.Long("dim"), c.Long("size"), c.Long("step")));
        One("unfold", (c, x) => F.unfold(x[0], c.Each("kernel", 2), c.Each("dilation", 2), c.Each("padding", 2), c.Each("stride", 2)));
        One("fold", (c, x) => F.fold(x[0], c.Longs("size"), c.Each("kernel", 2), c.Each("dilation", 2), c.Each("padding", 2), c.Each("stride", 2)));
        One("pad", (c, x) => F.pad(x[0], c.Longs("pad"), Enum.Parse<PaddingModes>(c.Text("mode"), ignoreCase: true), c.Double("value")));
    }

    private static void Reductions()
    {
        Unary("sum_all", x => x.sum());
        Unary("mean_all", x => x.mean());
        Unary("prod_all", x => x.prod());
        Unary("std_all", x => x.std());
        Unary("var_all", x => x.var());
        Unary("amax_all", x => x.amax([]));
        Unary("amin_all", x => x.amin([]));
        One("sum", (c, x) => x[0].sum(c.Longs("dims"), c.Bool("keepdim")));
        One("mean", (c, x) => x[0].mean(c.Longs("dims"), c.Bool("keepdim")));
        One("prod", (c, x) => x[0].prod(c.Longs("dims")[0], c.Bool("keepdim")));
        One("std", (c, x) => x[0].std(c.Longs("dims"), true, c.Bool("keepdim")));
        One("var", (c, x) => x[0].var(c.Longs("dims"), true, c.Bool("keepdim")));
        One("var_biased", (c, x) => x[0].var(c.Long("dim"), unbiased: false));
        One("logsumexp", (c, x) => x[0].logsumexp(c.Longs("dims"), c.Bool("keepdim")));
        One("amax", (c, x) => x[0].amax(c.Longs("dims"), c.Bool("keepdim")));
        One("amin", (c, x) => x[0].amin(c.Longs("dims"), c.Bool("keepdim")));
        Two("max_dim", (c, x) => x.max(c.Long("dim")));
        Two("min_dim", (c, x) => x.min(c.Long("dim")));
        Two("median_dim", (c, x) => x.median(c.Long("dim")));
        Two("cummax_dim", (c, x) => x.cummax(c.Long("dim")));
        Unary("max_all", x => x.max());
        Unary("min_all", x => x.min());
        Unary("median_all", x => x.median());
        One("cumsum", (c, x) => x[0].cumsum(c.Long("dim")));
        One("cumprod", (c, x) => x[0].cumprod(c.Long("dim")));
        One("argmax", (c, x) => x[0].argmax(c.Long("dim")));
        One("argmin", (c, x) => x[0].argmin(c.Long("dim")));
        One("all_dim", (c, x) => x[0].all(c.Long("dim")));
        One("any_dim", (c, x) => x[0].any(c.Long("dim")));
        One("count_nonzero", (c, x) => x[0].count_nonzero([c.Long("dim")]));
        One("norm", (c, x) => x[0].norm(c.Long("dim"), p: c.Text("p") == "inf" ? double.PositiveInfinity : double.Parse(c.Text("p"), CultureInfo.InvariantCulture)));
        One("quantile", (c, x) => x[0].quantile(c.Double("q"), c.Long("dim")));
        Binary("cdist", (a, b) => cdist(a, b));
    }

    private static void Arithmetic()
    {
        Binary("add", (a, b) => a + b);
        Binary("sub", (a, b) => a - b);
        Binary("mul", (a, b) => a * b);
        Binary("div", (a, b) => a / b);
        Binary("maximum", maximum);
        Binary("minimum", minimum);
        Binary("atan2", atan2);
        Binary("fmod", fmod);
        Binary("remainder", remainder);
        Binary("pow", pow);
        One("pow_scalar", (c, x) => x[0].pow(c.Double("exponent")));
        One("add_scalar", (c, x) => x[0] + c.Double("value"));
        One("sub_scalar", (c, x) => x[0] - c.Double("value"));
        One("rsub_scalar", (c, x) => c.Double("value") - x[0]);
        One("mul_scalar", (c, x) => x[0] * c.Double("value"));
        One("div_scalar", (c, x) => x[0] / c.Double("value"));
        One("rdiv_scalar", (c, x) => c.Double("value") / x[0]);
        One("add_alpha", (c, x) => x[0].add(x[1], c.Double("alpha")));
        One("addcmul", (c, x) => addcmul(x[0], x[1], x[2], c.Double("value")));
        One("addcdiv", (c, x) => addcdiv(x[0], x[1], x[2], c.Double("value")));
        One("lerp", (c, x) => lerp(x[0].expand(3, 2, 4), x[1].expand(3, 2, 4), (Scalar)c.Double("weight")));
        foreach (var (name, run) in new (string, Func<Tensor, Tensor>)[]
        {
            ("abs", abs), ("neg", x => -x), ("exp", exp), ("sin", sin), ("cos", cos), ("tan", tan), ("atan", atan), ("sinh", sinh), ("cosh", cosh),
            ("erf", erf), ("expm1", expm1), ("square", square), ("sign", sign), ("floor", floor), ("ceil", ceil), ("round", round), ("trunc", trunc),
            ("frac", frac), ("sqrt", sqrt), ("rsqrt", rsqrt), ("log", log), ("log2", log2), ("log10", log10), ("log1p", log1p), ("reciprocal", reciprocal),
            ("lgamma", lgamma), ("digamma", digamma), ("asin", asin), ("acos", acos), ("atanh", atanh), ("erfinv", erfinv), ("logical_not", logical_not),
            ("isnan", isnan), ("isfinite", isfinite),
        })
            Unary(name, run);
        One("clamp", (c, x) => clamp(x[0], (Scalar)c.Double("min"), (Scalar)c.Double("max")));
        One("clamp_min", (c, x) => clamp_min(x[0], c.Double("min")));
        One("nan_to_num", (c, x) => nan_to_num(x[0], c.Double("nan"), c.Double("posinf"), c.Double("neginf")));
        foreach (var (name, run) in new (string, Func<Tensor, Tensor, Tensor>)[]
        {
            ("eq", eq), ("ne", ne), ("lt", (a, b) => a < b), ("le", (a, b) => a <= b), ("gt", (a, b) => a > b), ("ge", (a, b) => a >= b),
            ("logical_and", logical_and), ("logical_or", logical_or), ("logical_xor", logical_xor),
        })
            Binary(name, run);
        Unary("to_int", x => x.to(int64));
        Binary("floor_divide", (a, b) => div(a, b, "floor"));
    }

    private static void LinearAlgebra()
    {
        Unary("linalg_inv", linalg.inv);
        Unary("linalg_det", linalg.det);
        Add("linalg_slogdet", (_, x) =>
        {
            var (sign, logarithm) = linalg.slogdet(x[0]);
            return [sign, logarithm];
        });
        Binary("linalg_solve", (a, b) => linalg.solve(a, b));
        Unary("linalg_cholesky", linalg.cholesky);
        Unary("linalg_svdvals", linalg.svdvals);
        Unary("linalg_eigvalsh", x => linalg.eigvalsh(x));
        Add("linalg_eigh_abs", (_, x) =>
        {
            var (values, vectors) = linalg.eigh(x[0]);
            return [values, vectors.abs()];
        });
        Add("linalg_svd_abs", (_, x) =>
        {
            var (u, s, vh) = linalg.svd(x[0], full_matrices: false);
            return [u.abs(), s.abs(), vh.abs()];
        });
        Add("linalg_qr_abs", (_, x) =>
        {
            var (q, r) = linalg.qr(x[0]);
            return [q.abs(), r.abs()];
        });
        Unary("linalg_pinv", x => linalg.pinv(x));
        Binary("linalg_lstsq", (a, b) => linalg.lstsq(a, b));
        Unary("linalg_norm", x => linalg.norm(x));
        Unary("trace", x => x.trace());
        One("cross", (c, x) => linalg.cross(x[0], x[1], c.Long("dim")));
        Binary("kron", kron);
    }
}
