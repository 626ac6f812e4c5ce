namespace Microtome.Language;

/// <summary>What a step learns from.</summary>
public sealed class TextBatch
{
    /// <summary>The target of places that are not learnt from.</summary>
    public const long Ignored = -100;

    internal TextBatch(int rows, int length, int targetLength, bool hasDecoder)
    {
        Rows = rows;
        Length = length;
        TargetLength = targetLength;
        Inputs = new long[rows * length];
        Targets = new long[rows * targetLength];
        DecoderInputs = hasDecoder ? new long[rows * targetLength] : null;
    }

    /// <summary>Sequences.</summary>
    public int Rows { get; }

    /// <summary>Tokens of an input.</summary>
    public int Length { get; }

    /// <summary>Tokens of a target: <see cref="Length"/> but for an encoder with a decoder.</summary>
    public int TargetLength { get; }

    /// <summary>Token ids, shape [rows, length].</summary>
    public long[] Inputs { get; }

    /// <summary>Token ids, -100 where nothing is to be learnt, shape [rows, target length].</summary>
    public long[] Targets { get; }

    /// <summary>What a decoder reads, shape [rows, target length]; null without a decoder.</summary>
    public long[]? DecoderInputs { get; }

    /// <summary>How many places are learnt from.</summary>
    public int LearntPlaces => Targets.Count(static t => t != Ignored);

    /// <summary>Some of its rows, as a batch of their own.</summary>
    public TextBatch Slice(int first, int rows)
    {
        var part = new TextBatch(rows, Length, TargetLength, DecoderInputs is not null);
        Inputs.AsSpan(first * Length, rows * Length).CopyTo(part.Inputs);
        Targets.AsSpan(first * TargetLength, rows * TargetLength).CopyTo(part.Targets);
        DecoderInputs?.AsSpan(first * TargetLength, rows * TargetLength).CopyTo(part.DecoderInputs);
        return part;
    }
}
