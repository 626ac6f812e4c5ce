using Microtome.Pathology;

namespace Microtome.Server;

/// <summary>Nuclei in the order in which one thread reads them: columns that grow.</summary>
internal sealed class NucleusPart
{
    // A file with more classes than this has no classes but names.
    private const int MostNames = 256;

    private readonly List<(byte[] Bytes, string Name)> names = [];
    private readonly List<long> counts = [];
    private int last;

    public NucleusPart(int measures, int capacity)
    {
        capacity = Math.Max(1, capacity);
        (X, Y, Class, Ids) = (new float[capacity], new float[capacity], new byte[capacity], new uint[capacity]);
        Values = new float[measures][];
        for (int i = 0; i < measures; i++)
            Values[i] = new float[capacity];
    }

    public int Count { get; private set; }

    public float[] X { get; private set; }

    public float[] Y { get; private set; }

    public byte[] Class { get; private set; }

    public uint[] Ids { get; private set; }

    public float[][] Values { get; }

    /// <summary>Classes in the order of their numbers, and how many nuclei each has.</summary>
    public IEnumerable<(string Name, long Count)> Classes => names.Select((n, i) => (n.Name, counts[i]));

    /// <summary>Takes a nucleus; one without a place is left out.</summary>
    public void Add(NucleusLayer.Row row)
    {
        var (x, y) = row.Centroid;
        if (!double.IsFinite(x) || !double.IsFinite(y))
            return;
        if (Count == X.Length)
            Grow();
        X[Count] = (float)x;
        Y[Count] = (float)y;
        Ids[Count] = (uint)row.Id;
        Class[Count] = NumberOf(row.ClassName);
        for (int i = 0; i < Values.Length; i++)
            Values[i][Count] = row.Measure(i);
        Count++;
    }

    private byte NumberOf(ReadOnlySpan<byte> name)
    {
        // Neighbours are mostly of one class.
        if (names.Count == 0 || !name.SequenceEqual(names[last].Bytes))
        {
            last = names.Count - 1;
            while (last >= 0 && !name.SequenceEqual(names[last].Bytes))
                last--;
            if (last < 0)
            {
                last = Math.Min(names.Count, MostNames - 1);
                if (names.Count < MostNames)
                {
                    names.Add((name.ToArray(), names.Count == MostNames - 1 ? "other" : NucleusLayer.Row.Text(name)));
                    counts.Add(0);
                }
            }
        }

        counts[last]++;
        return (byte)last;
    }

    private void Grow()
    {
        int capacity = 2 * X.Length;
        (X, Y, Class, Ids) = (Grown(X), Grown(Y), Grown(Class), Grown(Ids));
        for (int i = 0; i < Values.Length; i++)
            Values[i] = Grown(Values[i]);

        T[] Grown<T>(T[] old)
        {
            Array.Resize(ref old, capacity);
            return old;
        }
    }
}
