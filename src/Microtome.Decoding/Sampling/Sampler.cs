namespace Microtome.Decoding;

/// <summary>Draws tokens: temperature, then top-k, then top-p of what is left. The same seed and logits give the same tokens. Allocates nothing after it is made.</summary>
public sealed class Sampler
{
    private readonly SamplingOptions options;
    private readonly float[] values;
    private readonly int[] tokens;
    private ulong state;

    /// <summary>Takes the memory.</summary>
    /// <param name="options">How to draw.</param>
    /// <param name="vocabulary">Tokens there are.</param>
    /// <param name="stream">Which of the independent sequences of random numbers of the seed: one a text.</param>
    public Sampler(SamplingOptions options, int vocabulary, int stream = 0)
    {
        this.options = options.Checked();
        values = new float[options.Temperature > 0 ? vocabulary : 0];
        tokens = new int[values.Length];
        state = (ulong)options.Seed;
        state = Mix() ^ (ulong)stream;
        _ = Mix();
    }

    /// <summary>The token with the largest logit, the first of several; NaN is never chosen.</summary>
    public static int Largest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best] || float.IsNaN(logits[best]))
                best = i;
        }

        return best;
    }

    /// <summary>The next token.</summary>
    /// <param name="logits">[vocabulary]; left as they are.</param>
    public int Next(ReadOnlySpan<float> logits)
    {
        if (options.Temperature == 0)
            return Largest(logits);
        var count = Candidates(logits);
        // Likeliest first; equal ones in the order of tokens.
        var all = values.AsSpan(0, count);
        var ids = tokens.AsSpan(0, count);
        double sum = 0;
        var largest = logits[Largest(logits)];
        for (var i = 0; i < count; i++)
            sum += all[i] = (float)Math.Exp((all[i] - largest) / options.Temperature);
        if (options.TopP < 1)
        {
            double reached = 0, wanted = options.TopP * sum;
            var kept = 0;
            while (kept < count && reached < wanted)
                reached += all[kept++];
            count = kept;
            sum = reached;
        }

        var at = Uniform() * sum;
        for (var i = 0; i < count; i++)
        {
            at -= all[i];
            if (at < 0)
                return ids[i];
        }

        // Rounding left a crumb: the last one that can be.
        for (var i = count - 1; i > 0; i--)
        {
            if (all[i] > 0)
                return ids[i];
        }

        return ids[0];
    }

    // Logits and tokens that can be drawn, sorted when their order matters.
    private int Candidates(ReadOnlySpan<float> logits)
    {
        if (options.TopK == 0 && options.TopP >= 1)
        {
            logits.CopyTo(values);
            for (var i = 0; i < logits.Length; i++)
            {
                tokens[i] = i;
                if (float.IsNaN(values[i]))
                    values[i] = float.NegativeInfinity;
            }

            return logits.Length;
        }

        // Sorting a whole vocabulary costs more than a token: a band below the largest logit is sorted, and widened until it holds enough.
        var largest = logits[Largest(logits)];
        var total = 0.0;
        if (options.TopP < 1)
        {
            foreach (var logit in logits)
                total += float.IsNaN(logit) ? 0 : Math.Exp((logit - largest) / options.Temperature);
        }

        for (var band = 4.0; ; band *= 2)
        {
            var count = 0;
            var sum = 0.0;
            var all = band > 1e6;
            for (var i = 0; i < logits.Length; i++)
            {
                if (!all && !(logits[i] >= largest - (band * Math.Max(options.Temperature, 1e-3))))
                    continue;
                if (float.IsNaN(logits[i]))
                    continue;
                values[count] = -logits[i];
                tokens[count++] = i;
                if (options.TopP < 1)
                    sum += Math.Exp((logits[i] - largest) / options.Temperature);
            }

            var enough = options.TopK > 0 ? count >= Math.Min(options.TopK, logits.Length) : sum >= options.TopP * total;
            if (!enough && !all)
                continue;
            if (count == 0)
            {
                tokens[0] = 0;
                values[0] = 0;
                return 1;
            }

            Sort(count);
            for (var i = 0; i < count; i++)
                values[i] = -values[i];
            return options.TopK > 0 ? Math.Min(count, options.TopK) : count;
        }
    }

    private void Sort(int count)
    {
        values.AsSpan(0, count).Sort(tokens.AsSpan(0, count));
        // The sort is not stable: equal logits are put in the order of tokens.
        for (var i = 0; i < count;)
        {
            var end = i + 1;
            while (end < count && values[end] == values[i])
                end++;
            if (end - i > 1)
                tokens.AsSpan(i, end - i).Sort();
            i = end;
        }
    }

    private double Uniform() => (Mix() >> 11) * (1.0 / (1UL << 53));

    // SplitMix64.
    private ulong Mix()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
