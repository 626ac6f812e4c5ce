namespace Microtome.Torch;

// Reading and writing at given positions.
public static partial class torch
{
    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);
    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => input.scatter(dim, index, src);
    public static Tensor scatter(Tensor input, long dim, Tensor index, Scalar value) => input.scatter(dim, index, value);
    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add(dim, index, src);
    public static Tensor scatter_reduce(Tensor input, long dim, Tensor index, Tensor src, string reduce, bool include_self = true) => input.scatter_reduce(dim, index, src, reduce, include_self);
    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);
    public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar? alpha = null) => input.index_add(dim, index, source, alpha);
    public static Tensor masked_fill(Tensor input, Tensor mask, Scalar value) => input.masked_fill(mask, value);
    public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);
    public static Tensor masked_scatter(Tensor input, Tensor mask, Tensor source) => input.masked_scatter(mask, source);
    public static Tensor take(Tensor input, Tensor index) => input.take(index);
    public static Tensor take_along_dim(Tensor input, Tensor indices, long? dim = null) => input.take_along_dim(indices, dim);
    public static Tensor nonzero(Tensor input) => input.nonzero();

    public partial class Tensor
    {
        public Tensor gather(long dim, Tensor index) => Operator.Tensor("gather", this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Operator.Tensor("scatter.src", this, dim, index, src);
        public Tensor scatter(long dim, Tensor index, Scalar value) => Operator.Tensor("scatter.value", this, dim, index, value);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Operator.InPlace("scatter_.src", this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Scalar value) => Operator.InPlace("scatter_.value", this, dim, index, value);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Operator.Tensor("scatter_add", this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Operator.InPlace("scatter_add_", this, dim, index, src);
        public Tensor scatter_reduce(long dim, Tensor index, Tensor src, string reduce, bool include_self = true) => Operator.Tensor("scatter_reduce.two", this, dim, index, src, reduce, include_self);
        public Tensor index_select(long dim, Tensor index) => Operator.Tensor("index_select", this, dim, index);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar? alpha = null) => Operator.Tensor("index_add", this, dim, index, source, alpha ?? 1);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar? alpha = null) => Operator.InPlace("index_add_", this, dim, index, source, alpha ?? 1);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Operator.InPlace("index_copy_", this, dim, index, source);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Operator.InPlace("index_fill_.int_Scalar", this, dim, index, value);
        public Tensor masked_fill(Tensor mask, Scalar value) => Operator.Tensor("masked_fill.Scalar", this, mask, value);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Operator.InPlace("masked_fill_.Scalar", this, mask, value);
        public Tensor masked_select(Tensor mask) => Operator.Tensor("masked_select", this, mask);
        public Tensor masked_scatter(Tensor mask, Tensor source) => Operator.Tensor("masked_scatter", this, mask, source);
        public Tensor take(Tensor index) => Operator.Tensor("take", this, index);
        public Tensor take_along_dim(Tensor indices, long? dim = null) => Operator.Tensor("take_along_dim", this, indices, dim);
        public Tensor nonzero() => Operator.Tensor("nonzero", this);
        public Tensor index(params Tensor?[] indices) => Operator.Tensor("index.Tensor", this, indices);
        public Tensor index_put_(Tensor?[] indices, Tensor values, bool accumulate = false) => Operator.InPlace("index_put_", this, indices, values, accumulate);
        public Tensor index_put(Tensor?[] indices, Tensor values, bool accumulate = false) => Operator.Tensor("index_put", this, indices, values, accumulate);
    }
}
