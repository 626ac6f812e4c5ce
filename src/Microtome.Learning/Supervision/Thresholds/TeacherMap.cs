using Microtome.Imaging;

namespace Microtome.Learning.Supervision.Thresholds;

/// <summary>A lymphocyte map of the earlier system after a person's thresholds: one state a patch (til-thresholds, section 3.1).</summary>
/// <param name="States">The states, shape [rows, columns].</param>
public sealed record TeacherMap(Raster<TeacherState> States)
{
    /// <summary>The smoothing weight of the lymphocyte map.</summary>
    public const double LymphocyteSmoothing = 0.15;

    /// <summary>The smoothing weight of the necrosis map.</summary>
    public const double NecrosisSmoothing = 0;

    // "Tissue" is any channel above 1.
    private const int Dark = 1;

    /// <summary>
    /// Thresholds probability maps: TIL = smoothed lymphocytes at or above their cut and smoothed necrosis below its own, on the scale 0..255. Cells that are not a number stay unknown and
    /// take no part in the smoothing of their neighbours. A patch for which both maps hold exactly 0 was skipped as glass.
    /// </summary>
    /// <param name="lymphocytes">P(lymphocytes), 0..1 or NaN.</param>
    /// <param name="necrosis">P(necrosis), 0..1, of the same size; null: none.</param>
    /// <param name="thresholds">The sliders of the slide's group.</param>
    public static TeacherMap Of(Raster<float> lymphocytes, Raster<float>? necrosis, TeacherThresholds thresholds)
    {
        if (necrosis is not null && (necrosis.Width != lymphocytes.Width || necrosis.Height != lymphocytes.Height))
            throw new ArgumentException("The maps of lymphocytes and necrosis differ in size.", nameof(necrosis));
        var states = new Raster<TeacherState>(lymphocytes.Width, lymphocytes.Height);
        for (var y = 0; y < states.Height; y++)
        {
            for (var x = 0; x < states.Width; x++)
            {
                var value = lymphocytes[x, y];
                var dead = necrosis is null ? 0 : necrosis[x, y];
                if (float.IsNaN(value))
                    states[x, y] = TeacherState.Unknown;
                else if (value == 0 && !(dead > 0))
                    states[x, y] = TeacherState.Glass;
                else
                {
                    var found = Smooth(lymphocytes, x, y, LymphocyteSmoothing) * 255 >= thresholds.LymphocyteCut * 255;
                    var lost = necrosis is not null && Smooth(necrosis, x, y, NecrosisSmoothing) * 255 >= thresholds.NecrosisCut * 255;
                    states[x, y] = found && !lost ? TeacherState.Til : TeacherState.Tissue;
                }
            }
        }

        return new TeacherMap(states);
    }

    /// <summary>The weight of a neighbour: 1 / (|dx| + |dy| + 0.01 + 2 w^2), before the weights are made to sum to 1.</summary>
    public static double KernelWeight(int dx, int dy, double w) => 1 / (Math.Abs(dx) + Math.Abs(dy) + 0.01 + (2 * w * w));

    /// <summary>The 3x3 mean around a cell over the known cells of the map.</summary>
    public static double Smooth(Raster<float> map, int x, int y, double w)
    {
        double sum = 0, weights = 0;
        for (var dy = -1; dy <= 1; dy++)
        {
            for (var dx = -1; dx <= 1; dx++)
            {
                if ((uint)(x + dx) >= (uint)map.Width || (uint)(y + dy) >= (uint)map.Height || float.IsNaN(map[x + dx, y + dy]))
                    continue;
                var weight = KernelWeight(dx, dy, w);
                sum += weight * map[x + dx, y + dy];
                weights += weight;
            }
        }

        return sum / weights;
    }

    /// <summary>
    /// Reads a published map: red 255 = lymphocytes, blue 255 = tissue without, green 255 = necrosis, all 0 = glass. A palette is read through its colours.
    /// </summary>
    /// <exception cref="SlideException">The file is a JPEG, or a pixel is none of the codes: the map was resampled, saved with losses, or holds probabilities.</exception>
    public static TeacherMap Read(string path)
    {
        if (File.Exists(path) && IsJpeg(path))
            throw new SlideException($"{path} is a JPEG: its losses turn glass into tissue. Give the map as PNG.");
        return Decode(ImageFile.ReadRgb(path), path);
    }

    /// <summary>The states of a coded picture; <paramref name="name"/> is what messages call it.</summary>
    /// <exception cref="SlideException">A pixel is none of the codes.</exception>
    public static TeacherMap Decode(RgbImage picture, string name)
    {
        var states = new Raster<TeacherState>(picture.Width, picture.Height);
        for (var i = 0; i < states.Samples.Length; i++)
        {
            var (r, g, b) = (picture.Pixels[3 * i], picture.Pixels[(3 * i) + 1], picture.Pixels[(3 * i) + 2]);
            if (!IsCode(r) || !IsCode(g) || !IsCode(b) || (r > Dark && b > Dark))
            {
                throw new SlideException($"{name} is no thresholded map: the pixel at x = {i % states.Width}, y = {i / states.Width} is {r}, {g}, {b}. "
                    + "Red 255 is lymphocytes, blue 255 tissue without, 0 glass; a picture that was resized, saved with losses, transparent, or not yet thresholded has other values.");
            }

            states.Samples[i] = r > Dark ? TeacherState.Til : g > Dark || b > Dark ? TeacherState.Tissue : TeacherState.Glass;
        }

        return new TeacherMap(states);
    }

    /// <summary>The published coding; unknown becomes 0 like glass, for it has no code.</summary>
    public RgbImage Encode()
    {
        var picture = new RgbImage(States.Width, States.Height);
        for (var i = 0; i < States.Samples.Length; i++)
        {
            if (States.Samples[i] == TeacherState.Til)
                picture.Pixels[3 * i] = 255;
            else if (States.Samples[i] == TeacherState.Tissue)
                picture.Pixels[(3 * i) + 2] = 255;
        }

        return picture;
    }

    /// <summary>Tissue pixels chosen uniformly, none twice; all of them when there are fewer. Their share of lymphocytes is the slide's own: nothing is balanced (section 3.2).</summary>
    public IReadOnlyList<(int X, int Y)> Choose(int count, int seed)
    {
        var tissue = Enumerable.Range(0, States.Samples.Length).Where(i => States.Samples[i] is TeacherState.Tissue or TeacherState.Til).ToArray();
        var random = new Random(seed);
        var chosen = Math.Min(count, tissue.Length);
        for (var i = 0; i < chosen; i++)
        {
            var other = random.Next(i, tissue.Length);
            (tissue[i], tissue[other]) = (tissue[other], tissue[i]);
        }

        return [.. tissue.Take(chosen).Select(i => (i % States.Width, i / States.Width))];
    }

    private static bool IsCode(byte value) => value is <= Dark or 255;

    private static bool IsJpeg(string path)
    {
        using var file = File.OpenRead(path);
        return file.ReadByte() == 0xFF && file.ReadByte() == 0xD8;
    }
}
