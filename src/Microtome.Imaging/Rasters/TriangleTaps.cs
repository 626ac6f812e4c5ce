namespace Microtome.Imaging;

/// <summary>Which source samples make a target sample along one axis, and with which weights: Pillow's widened triangle in 22 bits.</summary>
internal sealed class TriangleTaps
{
    /// <summary>Bits of the weights: 32 less the 8 of a sample less 2.</summary>
    public const int Bits = 22;

    /// <summary>Added before the shift, to round.</summary>
    public const int Half = 1 << (Bits - 1);

    /// <summary>Bits of the low half of a weight.</summary>
    public const int LowBits = 11;

    /// <param name="from">Samples of the source.</param>
    /// <param name="to">Samples of the target.</param>
    public TriangleTaps(int from, int to)
    {
        double scale = (double)from / to;
        double wide = Math.Max(scale, 1);
        Most = ((int)Math.Ceiling(wide) * 2) + 1;
        First = new int[to];
        Count = new int[to];
        MostPairs = (Most + 1) / 2;
        Weights = new int[checked(to * Most)];
        HighPairs = new int[checked(to * MostPairs)];
        LowPairs = new int[HighPairs.Length];
        var exact = new double[Most];
        for (int i = 0; i < to; i++)
        {
            double centre = (i + 0.5) * scale;
            int first = Math.Max((int)(centre - wide + 0.5), 0);
            int count = Math.Min((int)(centre + wide + 0.5), from) - first;
            double sum = 0;
            for (int t = 0; t < count; t++)
            {
                exact[t] = Math.Max(0, 1 - Math.Abs((t + first - centre + 0.5) * (1 / wide)));
                sum += exact[t];
            }

            for (int t = 0; t < count; t++)
                Weights[(i * Most) + t] = (int)(0.5 + ((sum != 0 ? exact[t] / sum : exact[t]) * (1 << Bits)));
            for (int t = 0; t < count; t++)
            {
                int weight = Weights[(i * Most) + t];
                HighPairs[(i * MostPairs) + (t / 2)] |= (weight >> LowBits) << (t % 2 * 16);
                LowPairs[(i * MostPairs) + (t / 2)] |= (weight & ((1 << LowBits) - 1)) << (t % 2 * 16);
            }

            First[i] = first;
            Count[i] = count;
        }
    }

    /// <summary>Room for the weights of one target sample.</summary>
    public int Most { get; }

    /// <summary>The first source sample of each target sample.</summary>
    public int[] First { get; }

    /// <summary>How many source samples each has.</summary>
    public int[] Count { get; }

    /// <summary>The weights, shape [target, <see cref="Most"/>].</summary>
    public int[] Weights { get; }

    /// <summary>Room for the pairs of weights of one target sample.</summary>
    public int MostPairs { get; }

    /// <summary>The weights without their low 11 bits, two neighbours in the halves of one number, shape [target, <see cref="MostPairs"/>].</summary>
    public int[] HighPairs { get; }

    /// <summary>The low 11 bits, likewise.</summary>
    public int[] LowPairs { get; }
}
