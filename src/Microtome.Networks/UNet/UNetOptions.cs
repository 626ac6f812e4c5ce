using System.Text.Json.Serialization;

namespace Microtome.Networks;

/// <summary>The shape of a <see cref="UNet"/>. Written into a model's config.json, so that weights can be opened again.</summary>
public sealed record UNetOptions
{
    /// <summary>Channels of the input picture.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Channels of the output map.</summary>
    public int OutputChannels { get; init; } = 3;

    /// <summary>
    /// Side of the square of input pixels that the stem folds into channels (pixel unshuffle); the output unfolds again. With 2 the trunk works at
    /// half the resolution while input and output keep theirs: on a CPU the full-resolution level would cost more than all others together.
    /// </summary>
    public int StemFactor { get; init; } = 2;

    /// <summary>Channels of each level, finest first. Multiples of 16 fill the vector registers.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [16, 48, 96, 160];

    /// <summary>3x3 convolutions of a level on the way down.</summary>
    public int EncoderConvolutions { get; init; } = 2;

    /// <summary>3x3 convolutions of a level on the way up.</summary>
    public int DecoderConvolutions { get; init; } = 2;

    /// <summary>Input pixels that one pixel of the coarsest level covers; the sides of an input are multiples of it.</summary>
    [JsonIgnore]
    public int Stride => StemFactor << (Widths.Count - 1);

    /// <summary>
    /// How far an input pixel can reach an output pixel, in input pixels, rounded up to a multiple of <see cref="Stride"/>: a tile with this halo
    /// gives in its core exactly what the whole picture would give.
    /// </summary>
    [JsonIgnore]
    public int ReceptiveRadius
    {
        get
        {
            var radius = 0;
            for (var level = 0; level < Widths.Count; level++)
            {
                var pixel = StemFactor << level;
                var convolutions = EncoderConvolutions + (level < Widths.Count - 1 ? DecoderConvolutions : 0);
                radius += pixel * (convolutions + 1); // the extra one: pooling on the way down, alignment on the way up
            }

            return (radius + Stride - 1) / Stride * Stride;
        }
    }

    /// <summary>Checks every value and names all that are wrong.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (InputChannels < 1)
            errors.Add($"input channels {InputChannels}: at least 1");
        if (OutputChannels < 1)
            errors.Add($"output channels {OutputChannels}: at least 1");
        if (StemFactor is < 1 or > 8)
            errors.Add($"stem factor {StemFactor}: 1 to 8");
        if (Widths.Count is < 1 or > 8 || Widths.Any(width => width < 1))
            errors.Add($"widths [{string.Join(", ", Widths)}]: one to eight positive numbers");
        if (EncoderConvolutions is < 1 or > 8)
            errors.Add($"encoder convolutions {EncoderConvolutions}: 1 to 8");
        if (DecoderConvolutions is < 1 or > 8)
            errors.Add($"decoder convolutions {DecoderConvolutions}: 1 to 8");
        if (errors.Count > 0)
            throw new ArgumentException("A U-Net cannot be built: " + string.Join("; ", errors) + ".");
    }
}
