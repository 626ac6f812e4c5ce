namespace Microtome.Imaging.Tests.Shapes;

internal static class Masks
{
    public static Raster<byte> Parse(params string[] rows)
    {
        var mask = new Raster<byte>(rows[0].Length, rows.Length);
        for (var y = 0; y < rows.Length; y++)
        {
            for (var x = 0; x < rows[y].Length; x++)
                mask[x, y] = rows[y][x] == '#' ? (byte)1 : (byte)0;
        }

        return mask;
    }

    public static Raster<byte> Random(Random random, int largest = 24)
    {
        var mask = new Raster<byte>(random.Next(1, largest), random.Next(1, largest));
        var density = random.NextDouble();
        for (var i = 0; i < mask.Samples.Length; i++)
            mask.Samples[i] = random.NextDouble() < density ? (byte)1 : (byte)0;
        return mask;
    }

    public static string Text(Raster<byte> mask)
        => string.Join('\n', Enumerable.Range(0, mask.Height).Select(y => string.Concat(mask.Row(y).ToArray().Select(v => v != 0 ? '#' : '.'))));

    public static Raster<int> AsLabels(Raster<byte> mask, int label = 1)
        => new(mask.Width, mask.Height, Array.ConvertAll(mask.Samples, v => v != 0 ? label : 0));
}
