namespace Microtome.Imaging;

/// <summary>A summed-area table: how many mask pixels lie in any rectangle, parts of pixels included, in constant time.</summary>
internal sealed class CoverageTable
{
    private readonly int[] _sums;
    private readonly int _stride;
    private readonly int _width;
    private readonly int _height;

    public CoverageTable(Raster<byte> mask)
    {
        (_width, _height, _stride) = (mask.Width, mask.Height, mask.Width + 1);
        _sums = new int[_stride * (_height + 1)];
        for (var y = 0; y < _height; y++)
        {
            var row = mask.Row(y);
            var running = 0;
            for (var x = 0; x < _width; x++)
            {
                running += row[x] != 0 ? 1 : 0;
                _sums[((y + 1) * _stride) + x + 1] = _sums[(y * _stride) + x + 1] + running;
            }
        }
    }

    /// <summary>All set pixels.</summary>
    public int Total => _sums[^1];

    /// <summary>The set area inside a rectangle, pixels; what lies outside the mask counts nothing.</summary>
    public double Area(double left, double top, double right, double bottom)
        => Below(right, bottom) - Below(left, bottom) - Below(right, top) + Below(left, top);

    // Inside a pixel the area grows bilinearly, so interpolating the table is exact.
    private double Below(double x, double y)
    {
        x = Math.Clamp(x, 0, _width);
        y = Math.Clamp(y, 0, _height);
        int i = Math.Min((int)x, _width - 1), j = Math.Min((int)y, _height - 1);
        double u = x - i, v = y - j;
        var at = (j * _stride) + i;
        return ((1 - v) * (((1 - u) * _sums[at]) + (u * _sums[at + 1]))) + (v * (((1 - u) * _sums[at + _stride]) + (u * _sums[at + _stride + 1])));
    }
}
