namespace Microtome.Torch;

// Views, joins, cuts and orders of dimensions.
public static partial class torch
{
    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);
    public static Tensor reshape_as(Tensor input, Tensor other) => input.reshape_as(other);
    public static Tensor tile(Tensor input, params long[] dims) => input.tile(dims);
    public static Tensor permute(Tensor input, params long[] permutation) => input.permute(permutation);
    public static Tensor transpose(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);
    public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => input.flatten(start_dim, end_dim);
    public static Tensor unflatten(Tensor input, long dim, params long[] sizes) => input.unflatten(dim, sizes);
    public static Tensor squeeze(Tensor input) => input.squeeze();
    public static Tensor squeeze(Tensor input, long dim) => input.squeeze(dim);
    public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);
    public static Tensor movedim(Tensor input, long[] source, long[] destination) => input.movedim(source, destination);
    public static Tensor narrow(Tensor input, long dim, long start, long length) => input.narrow(dim, start, length);
    public static Tensor slice(Tensor input, long dim, long? start, long? finish, long step = 1) => input.slice(dim, start, finish, step);
    public static Tensor select(Tensor input, long dim, long index) => input.select(dim, index);
    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0) => input.chunk(chunks, dim);
    public static Tensor[] split(Tensor input, long size, long dim = 0) => input.split(size, dim);
    public static Tensor[] split(Tensor input, long[] sizes, long dim = 0) => input.split(sizes, dim);
    public static Tensor[] unbind(Tensor input, long dim = 0) => input.unbind(dim);
    public static Tensor flip(Tensor input, params long[] dims) => input.flip(dims);
    public static Tensor rot90(Tensor input, long k = 1, long dim0 = 0, long dim1 = 1) => input.rot90(k, dim0, dim1);
    public static Tensor roll(Tensor input, long[] shifts, long[] dims) => input.roll(shifts, dims);
    public static Tensor roll(Tensor input, long shift, long dim) => input.roll(shift, dim);
    public static Tensor diag(Tensor input, long diagonal = 0) => input.diag(diagonal);
    public static Tensor diagonal(Tensor input, long offset = 0, long dim1 = 0, long dim2 = 1) => input.diagonal(offset, dim1, dim2);
    public static Tensor diag_embed(Tensor input, long offset = 0, long dim1 = -2, long dim2 = -1) => input.diag_embed(offset, dim1, dim2);
    public static Tensor tril(Tensor input, long diagonal = 0) => input.tril(diagonal);
    public static Tensor triu(Tensor input, long diagonal = 0) => input.triu(diagonal);
    public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null) => input.repeat_interleave(repeats, dim);
    public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null) => input.repeat_interleave(repeats, dim);

    public partial class Tensor
    {
        public Tensor reshape(params long[] shape) => Operator.Tensor("reshape", this, shape);
        public Tensor view(params long[] shape) => Operator.Tensor("view", this, shape);
        public Tensor view_as(Tensor other) => Operator.Tensor("view_as", this, other);
        public Tensor reshape_as(Tensor other) => Operator.Tensor("reshape_as", this, other);
        public Tensor expand(params long[] size) => Operator.Tensor("expand", this, size);
        public Tensor expand_as(Tensor other) => Operator.Tensor("expand_as", this, other);
        public Tensor repeat(params long[] sizes) => Operator.Tensor("repeat", this, sizes);
        public Tensor tile(params long[] dims) => Operator.Tensor("tile", this, dims);
        public Tensor permute(params long[] permutation) => Operator.Tensor("permute", this, permutation);
        public Tensor transpose(long dim0, long dim1) => Operator.Tensor("transpose.int", this, dim0, dim1);
        public Tensor t() => Operator.Tensor("t", this);
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Operator.Tensor("flatten.using_ints", this, start_dim, end_dim);
        public Tensor unflatten(long dim, params long[] sizes) => Operator.Tensor("unflatten.int", this, dim, sizes);
        public Tensor squeeze() => Operator.Tensor("squeeze", this);
        public Tensor squeeze(long dim) => Operator.Tensor("squeeze.dim", this, dim);
        public Tensor unsqueeze(long dim) => Operator.Tensor("unsqueeze", this, dim);
        public Tensor unsqueeze_(long dim) => Operator.InPlace("unsqueeze_", this, dim);
        public Tensor movedim(long[] source, long[] destination) => Operator.Tensor("movedim.intlist", this, source, destination);
        public Tensor narrow(long dim, long start, long length) => Operator.Tensor("narrow", this, dim, start, length);
        public Tensor slice(long dim, long? start, long? finish, long step = 1) => Operator.Tensor("slice.Tensor", this, dim, start, finish, step);
        public Tensor select(long dim, long index) => Operator.Tensor("select.int", this, dim, index);
        public Tensor[] chunk(long chunks, long dim = 0) => Operator.Tensors("chunk", this, chunks, dim);
        public Tensor[] split(long size, long dim = 0) => Operator.Tensors("split.Tensor", this, size, dim);
        public Tensor[] split(long[] sizes, long dim = 0) => Operator.Tensors("split_with_sizes", this, sizes, dim);
        public Tensor[] unbind(long dim = 0) => Operator.Tensors("unbind.int", this, dim);
        public Tensor unfold(long dimension, long size, long step) => Operator.Tensor("unfold", this, dimension, size, step);
        public Tensor flip(params long[] dims) => Operator.Tensor("flip", this, dims);
        public Tensor rot90(long k = 1, long dim0 = 0, long dim1 = 1) => Operator.Tensor("rot90", this, k, new[] { dim0, dim1 });
        public Tensor roll(long[] shifts, long[] dims) => Operator.Tensor("roll", this, shifts, dims);
        public Tensor roll(long shift, long dim) => Operator.Tensor("roll", this, new[] { shift }, new[] { dim });
        public Tensor diag(long diagonal = 0) => Operator.Tensor("diag", this, diagonal);
        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => Operator.Tensor("diagonal", this, offset, dim1, dim2);
        public Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1) => Operator.Tensor("diag_embed", this, offset, dim1, dim2);
        public Tensor tril(long diagonal = 0) => Operator.Tensor("tril", this, diagonal);
        public Tensor triu(long diagonal = 0) => Operator.Tensor("triu", this, diagonal);
        public Tensor tril_(long diagonal = 0) => Operator.InPlace("tril_", this, diagonal);
        public Tensor triu_(long diagonal = 0) => Operator.InPlace("triu_", this, diagonal);
        public Tensor repeat_interleave(long repeats, long? dim = null) => Operator.Tensor("repeat_interleave.self_int", this, repeats, dim);
        public Tensor repeat_interleave(Tensor repeats, long? dim = null) => Operator.Tensor("repeat_interleave.self_Tensor", this, repeats, dim);
        public Tensor contiguous(MemoryFormat memory_format = MemoryFormat.Contiguous) => Operator.Tensor("contiguous", this, (long)memory_format);
        public Tensor clone(MemoryFormat? memory_format = null) => Operator.Tensor("clone", this, memory_format is { } f ? (long)f : Argument.None);
        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) => Operator.Tensor("as_strided", this, size, strides, storageOffset);
        public Tensor pin_memory() => Operator.Tensor("pin_memory", this);
    }
}
