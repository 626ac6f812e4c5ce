namespace Microtome.Torch;

public static partial class torch
{
    /// <summary>
    /// One entry between the brackets of <c>t[...]</c>: a number, a C# range, <see cref="Slice"/> with a step, <see cref="Ellipsis"/>,
    /// <see cref="Null"/> for a new dimension, or a tensor (positions, or truth values).
    /// </summary>
    public readonly struct TensorIndex
    {
        private enum Form
        {
            Slice,
            Single,
            Ellipsis,
            Null,
            Tensor,
        }

        private readonly Form form;
        private readonly long? start;
        private readonly long? stop;
        private readonly long step;
        private readonly Tensor? tensor;

        private TensorIndex(Form form, long? start = null, long? stop = null, long step = 1, Tensor? tensor = null)
        {
            this.form = form;
            this.start = start;
            this.stop = stop;
            this.step = step;
            this.tensor = tensor;
        }

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(Form.Slice, start, stop, step ?? 1);
        public static TensorIndex Single(long index) => new(Form.Single, index);
        public static TensorIndex Tensor(Tensor tensor) => new(Form.Tensor, tensor: tensor);
        public static TensorIndex Ellipsis => new(Form.Ellipsis);
        public static TensorIndex Null => new(Form.Null);
        public static TensorIndex Colon => Slice();

        public static implicit operator TensorIndex(int index) => Single(index);
        public static implicit operator TensorIndex(long index) => Single(index);
        public static implicit operator TensorIndex(Tensor tensor) => Tensor(tensor);
        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);
        public static implicit operator TensorIndex(Range range) => Slice(range.Start.IsFromEnd ? -(long)range.Start.Value : range.Start.Value,
            range.End.IsFromEnd ? range.End.Value == 0 ? null : -(long)range.End.Value : range.End.Value);

        /// <summary>Applies the views in order; tensor positions are left for one index call at the end.</summary>
        internal static (Tensor View, Tensor?[]? Positions) Apply(Tensor source, ReadOnlySpan<TensorIndex> entries)
        {
            var taken = 0;
            foreach (var entry in entries)
                taken += entry.form is Form.Slice or Form.Single ? 1 : entry.form == Form.Tensor ? Dimensions(entry.tensor!) : 0;
            var view = source.alias();
            var dim = 0L;
            var positions = new List<Tensor?>();
            var any = false;
            foreach (var entry in entries)
            {
                switch (entry.form)
                {
                    case Form.Single:
                        Replace(ref view, view.select(dim, entry.start!.Value));
                        break;
                    case Form.Slice:
                        if (entry.start is not (null or 0) || entry.stop is not null || entry.step != 1)
                            Replace(ref view, view.slice(dim, entry.start, entry.stop, entry.step));
                        positions.Add(null);
                        dim++;
                        break;
                    case Form.Null:
                        Replace(ref view, view.unsqueeze(dim));
                        positions.Add(null);
                        dim++;
                        break;
                    case Form.Ellipsis:
                        for (var skipped = source.ndim - taken; skipped > 0; skipped--)
                        {
                            positions.Add(null);
                            dim++;
                        }
                        break;
                    case Form.Tensor:
                        positions.Add(entry.tensor);
                        any = true;
                        dim += Dimensions(entry.tensor!);
                        break;
                }
            }
            return (view, any ? positions.ToArray() : null);
        }

        private static int Dimensions(Tensor tensor) => tensor.dtype is ScalarType.Bool ? (int)tensor.ndim : 1;

        private static void Replace(ref Tensor view, Tensor next)
        {
            view.Dispose();
            view = next;
        }
    }

    public partial class Tensor
    {
        /// <summary>Reads a view (numbers, ranges) or a copy (tensors as positions); writes into the same place.</summary>
        public Tensor this[params TensorIndex[] indices]
        {
            get
            {
                var (view, positions) = TensorIndex.Apply(this, indices);
                if (positions is null)
                    return view;
                using (view)
                    return view.index(positions);
            }
            set
            {
                var (view, positions) = TensorIndex.Apply(this, indices);
                using (view)
                {
                    if (positions is null)
                        view.copy_(value);
                    else
                        view.index_put_(positions, value);
                }
            }
        }
    }
}
