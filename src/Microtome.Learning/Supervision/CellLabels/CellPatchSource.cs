using System.Globalization;
using Microtome.Imaging;
using Microtome.Learning.Supervision.InstanceMasks;
using Microtome.Learning.Supervision.Patches;

namespace Microtome.Learning.Supervision.CellLabels;

/// <summary>
/// Draws patches anywhere in fields with marked cells, turned, mirrored, scaled and restained. A patch is labelled by the cells whose centre it holds after all that, so that
/// the label is always true; it also carries maps of where the cells are. Half of the patches of a batch are positive where the fields allow it.
/// </summary>
public sealed class CellPatchSource : IPatchSupervision
{
    // A positive patch may be rare in a field: another place is tried, and after that many tries any label will do.
    private const int Tries = 8;

    // Cells are drawn as bells of this standard deviation.
    private const double BellMicrons = 2.5;

    private readonly IReadOnlyList<CellField> fields;
    private readonly PatchRule rule;
    private readonly PatchGeometry geometry;
    private readonly AugmentationOptions augmentation;
    private readonly int batch;
    private readonly int seed;
    private readonly int kinds;
    private readonly int stride;

    /// <summary>Makes the source.</summary>
    /// <param name="fields">The fields of the training patients.</param>
    /// <param name="rule">How cells make a label.</param>
    /// <param name="geometry">The patch.</param>
    /// <param name="augmentation">How patches vary.</param>
    /// <param name="batch">Patches a batch.</param>
    /// <param name="seed">Of all draws.</param>
    /// <param name="kinds">Kinds of cells to map, 1 to this number; 0 for no maps.</param>
    /// <param name="stride">Pixels of the patch along a side of a map's pixel.</param>
    public CellPatchSource(IReadOnlyList<CellField> fields, PatchRule rule, PatchGeometry geometry, AugmentationOptions augmentation, int batch, int seed, int kinds, int stride)
    {
        if (fields.Count == 0)
            throw new ArgumentException("There is no training field: the manifest has no row with split 'train'.", nameof(fields));
        (this.fields, this.rule, this.geometry, this.augmentation, this.batch, this.seed, this.kinds, this.stride) = (fields, rule, geometry, augmentation, batch, seed, kinds, stride);
    }

    /// <summary>How patches vary unless said otherwise: at 0.5 um per pixel less blur and no elastic deformation, which would move cells across the border.</summary>
    public static AugmentationOptions DefaultAugmentation { get; } = new()
    {
        ScaleFrom = 0.87,
        ScaleTo = 1.15,
        Shear = 0.05,
        ElasticShare = 0,
        LowMagnificationShare = 0.05,
        BlurShare = 0.25,
        BlurSigma = 1,
        Noise = 0.02,
    };

    /// <inheritdoc/>
    public string Description => string.Create(CultureInfo.InvariantCulture,
        $"{fields.Count} fields of {fields.Select(f => f.Row.Patient).Distinct(StringComparer.Ordinal).Count()} patients with {fields.Sum(f => f.Cells.Count)} marked cells; positive = {rule.Positive} or more of kind {rule.Kind}, negative = {rule.Negative} or fewer");

    /// <inheritdoc/>
    public string Fingerprint => string.Join(';', rule, geometry, augmentation, batch, seed, kinds, string.Join(',', fields.Select(f => $"{f.Row.Name}:{f.Cells.Count}")));

    /// <inheritdoc/>
    public PatchBatch Draw(long step)
    {
        var side = geometry.Input;
        var map = (side + stride - 1) / stride;
        var result = new PatchBatch(batch, side, new float[batch * 3 * side * side], new long[batch], new float[batch], kinds == 0 ? null : new float[batch * kinds * map * map]);
        var scratch = new float[2 * side * side];
        for (var i = 0; i < batch; i++)
        {
            var random = new Random(StepSeed.Of(seed, step, i));
            CellField field;
            PatchWarp warp;
            List<Cell> cells;
            int? label;
            var tries = 0;
            do
            {
                field = fields[random.Next(fields.Count)];
                warp = PatchWarp.Random(field.Picture, side, geometry.SideAt(field.Row.Mpp), augmentation, random);
                cells = warp.Place(field.Cells);
                label = rule.LabelOf(cells.Count(c => c.Kind == rule.Kind));
            }
            while (label != i % 2 && ++tries < Tries);
            (result.Labels[i], result.Weights[i]) = (label ?? 0, label is null ? 0 : 1);
            var picture = result.Pictures.AsSpan(i * 3 * side * side, 3 * side * side);
            warp.Sample(field.Picture, picture);
            CropColour.Change(picture, side, augmentation, random, scratch);
            if (result.Cells is not null)
                DrawCells(cells, map, result.Cells.AsSpan(i * kinds * map * map, kinds * map * map));
        }

        return result;
    }

    /// <summary>Patches of a field on a regular grid, for evaluation; those that the rule leaves undecided are not among them.</summary>
    /// <param name="field">The field.</param>
    /// <param name="rule">How cells make a label.</param>
    /// <param name="geometry">The patch.</param>
    /// <param name="step">Distance of patches as a share of their side; below 1 they overlap.</param>
    public static IEnumerable<LabelledPatch> Grid(CellField field, PatchRule rule, PatchGeometry geometry, double step = 1)
    {
        var side = (int)Math.Round(geometry.SideAt(field.Row.Mpp));
        var distance = Math.Max(1, (int)Math.Round(side * step));
        for (var y = 0; y + side <= field.Picture.Height; y += distance)
        {
            for (var x = 0; x + side <= field.Picture.Width; x += distance)
            {
                if (rule.LabelOf(field.Count(rule.Kind, x, y, side, side)) is { } label)
                    yield return new LabelledPatch(Cut(field.Picture, x, y, side), label, field.Row.Patient, field.Row.Name, string.Empty);
            }
        }
    }

    private static RgbImage Cut(RgbImage picture, int x, int y, int side)
    {
        var patch = new RgbImage(side, side);
        for (var row = 0; row < side; row++)
            picture.Row(y + row).Slice(3 * x, 3 * side).CopyTo(patch.Row(row));
        return patch;
    }

    private void DrawCells(List<Cell> cells, int map, Span<float> maps)
    {
        var sigma = BellMicrons / geometry.Microns * geometry.Input / stride;
        var reach = (int)Math.Ceiling(3 * sigma);
        foreach (var cell in cells)
        {
            if (cell.Kind > kinds)
                continue;
            var (cx, cy) = ((cell.X / stride) - 0.5f, (cell.Y / stride) - 0.5f);
            var plane = maps.Slice((cell.Kind - 1) * map * map, map * map);
            for (var y = Math.Max(0, (int)cy - reach); y <= Math.Min(map - 1, (int)cy + reach); y++)
            {
                for (var x = Math.Max(0, (int)cx - reach); x <= Math.Min(map - 1, (int)cx + reach); x++)
                {
                    ref var value = ref plane[(y * map) + x];
                    value = Math.Max(value, (float)Math.Exp(-(((x - cx) * (x - cx)) + ((y - cy) * (y - cy))) / (2 * sigma * sigma)));
                }
            }
        }
    }
}
