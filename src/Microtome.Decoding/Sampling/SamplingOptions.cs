namespace Microtome.Decoding;

/// <summary>How the next token is drawn.</summary>
public sealed record SamplingOptions
{
    /// <summary>Logits are divided by it; 0 takes the likeliest token.</summary>
    public double Temperature { get; init; }

    /// <summary>Only so many likeliest tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the likeliest tokens that together have this probability; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Of the random numbers.</summary>
    public long Seed { get; init; }

    /// <summary>All that is wrong, in one message.</summary>
    /// <exception cref="DecodingException">A value out of its range.</exception>
    public SamplingOptions Checked()
    {
        var wrong = new List<string>();
        if (!(Temperature >= 0 && Temperature <= 100))
            wrong.Add($"temperature {Temperature} must lie in 0 to 100");
        if (TopK < 0)
            wrong.Add($"top-k {TopK} must not be negative");
        if (!(TopP > 0 && TopP <= 1))
            wrong.Add($"top-p {TopP} must lie above 0 and at most at 1");
        return wrong.Count == 0 ? this : throw new DecodingException(string.Join("; ", wrong) + ".");
    }
}
